"""What this room holds about a person, for its export. A certificate outlives an erasure: it is the school's document."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from lms.core.spreadsheets import Sheet
from lms.core.storage import private_storage
from lms.users.holdings import HeldFile, register_files, register_merge_obstacle, register_sheets

from .models import Certificate


def _sheets(person) -> Iterable[Sheet]:
    held = Certificate.objects.filter(enrolment__learner=person).select_related("run__course").order_by("pk")
    yield Sheet(
        name=_("Certificates"),
        headings=[_("Number"), _("Kind"), _("Course"), _("Date of issue"), _("State")],
        rows=[
            [
                certificate.number_text,
                certificate.get_kind_display(),
                certificate.run.course.title,
                certificate.issued_on,
                certificate.get_state_display(),
            ]
            for certificate in held
        ],
        widths=[28, 36, 40, 16, 16],
    )


def _documents(person) -> Iterable[HeldFile]:
    for certificate in Certificate.objects.filter(enrolment__learner=person).exclude(file="").order_by("pk"):
        name = (
            f"chung-chi/{certificate.kind.replace('_', '-')}-{certificate.number:04d}-{certificate.year}.pdf"
        )
        yield HeldFile(name, private_storage(), certificate.file)


def _two_certificates(kept, closed) -> Iterable[str]:
    """Of one class a person holds one certificate."""
    valid = Certificate.objects.filter(state=Certificate.State.ISSUED)
    ours = valid.filter(enrolment__learner=kept).values("run")
    for certificate in valid.filter(enrolment__learner=closed, run__in=ours).select_related("run__course"):
        yield _(
            "Both accounts hold a certificate of “%(run)s” (%(number)s): one of them has to be revoked first."
        ) % {"run": certificate.run.display_title, "number": certificate.number_text}


def register() -> None:
    register_merge_obstacle(_two_certificates)
    register_sheets(_sheets, order=40)
    register_files(_documents)

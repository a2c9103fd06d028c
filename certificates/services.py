"""Issuing certificates, in two steps that may both be repeated.

First the numbers: one transaction locks the counter of the kind and year, takes the next numbers for the whole class
in the order of names, and freezes what each certificate says. Then the files, one by one, made from what was frozen:
a certificate whose file could not be written keeps its number, and the next attempt writes the file.
"""

import hashlib
from collections.abc import Callable
from datetime import date, datetime

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from courses.models import Enrolment, Run
from lms.core.audit import record_event, record_events
from lms.core.errors import DomainError, NotAllowed
from lms.core.jobs import enqueue_job
from lms.core.models import Job
from lms.core.vietnamese import fold

from .fields import Issuer, current_issuer, frozen_fields, unit_names_on
from .models import Certificate, CertificateKind, RegisterCounter, random_token
from .pdf import CURRENT_VERSION, render_certificate
from .permissions import can_issue

ISSUE_JOB = "certificates.issue_run"


class NothingToIssue(DomainError):
    message = _("Everyone who has completed this class already holds the certificate.")


class IssueDateNotPossible(DomainError):
    message = _("The date of issue cannot lie in the future.")


def eligible_enrolments(run: Run, *, kind: str = CertificateKind.CERTIFICATE) -> QuerySet[Enrolment]:
    """Who has completed the run and holds no certificate of that kind yet, in the order of names."""
    return (
        Enrolment.objects.filter(run=run, state=Enrolment.State.COMPLETED)
        .exclude(certificates__kind=kind)
        .select_related("learner", "unit")
        .order_by("learner__name_key", "pk")
    )


def certificate_for(enrolment: Enrolment, *, kind: str = CertificateKind.CERTIFICATE) -> Certificate | None:
    return Certificate.objects.filter(enrolment=enrolment, kind=kind).first()


def _check_issue_date(*, run: Run, kind: str, issued_on: date, now: datetime) -> None:
    if issued_on > timezone.localdate(now):
        raise IssueDateNotPossible
    last = eligible_enrolments(run, kind=kind).aggregate(last=Max("completed_at"))["last"]
    if last and timezone.localdate(last) > issued_on:
        raise IssueDateNotPossible(
            gettext(
                "The last of those to be issued completed on %(day)s; the date of issue cannot be earlier."
            )
            % {"day": date_format(timezone.localdate(last), "SHORT_DATE_FORMAT")}
        )


def issue_job_key(run: Run, kind: str) -> str:
    """Marks the jobs that issue certificates of one kind to one run: one of them is open at a time."""
    return f"run:{run.pk}:{kind}"


def issue_for_run(
    *, run: Run, issued_on: date, actor, now: datetime, kind: str = CertificateKind.CERTIFICATE
) -> Job:
    """Start issuing certificates to everyone eligible, dated ``issued_on``; gives the job that does it.

    While a job of the same run and kind is open that one is given back. Also completes certificates whose files are
    missing. Raises NotAllowed, IssueDateNotPossible, NothingToIssue, IssuerNotNamed and AddressNotPublic.
    """
    if not can_issue(actor):
        raise NotAllowed(_("Only the training office issues certificates."))
    if (
        not eligible_enrolments(run, kind=kind).exists()
        and not Certificate.objects.filter(run=run, kind=kind).without_file().exists()
    ):
        raise NothingToIssue
    _check_issue_date(run=run, kind=kind, issued_on=issued_on, now=now)
    current_issuer()
    with transaction.atomic():
        return enqueue_job(
            kind=ISSUE_JOB,
            title=gettext("Issuing certificates: %(run)s") % {"run": run.title},
            payload={"run_id": run.pk, "kind": kind, "issued_on": issued_on.isoformat()},
            requested_by=actor,
            now=now,
            dedupe_key=issue_job_key(run, kind),
        )


@transaction.atomic
def take_numbers(*, run: Run, kind: str, issued_on: date, actor, now: datetime) -> int:
    """Enter everyone eligible by that day in the register; gives how many were entered, 0 when repeated.

    The counter's row is locked until the commit, so the numbers of a year follow each other whatever runs beside
    this; on SQLite the transaction itself is the lock.
    """
    year = issued_on.year
    RegisterCounter.objects.get_or_create(kind=kind, year=year)
    counter = RegisterCounter.objects.select_for_update().get(kind=kind, year=year)
    # Read after the lock: whoever held it before may have entered the same class.
    enrolments = [
        enrolment
        for enrolment in eligible_enrolments(run, kind=kind)
        if timezone.localdate(enrolment.completed_at) <= issued_on
    ]
    if not enrolments:
        return 0
    issuer = current_issuer()
    unit_names = unit_names_on(issued_on, unit_ids={enrolment.unit_id for enrolment in enrolments})
    certificates = [
        _certificate(
            enrolment=enrolment,
            run=run,
            kind=kind,
            number=number,
            issuer=issuer,
            unit_name=unit_names.get(enrolment.unit_id, ""),
            issued_on=issued_on,
            now=now,
        )
        for number, enrolment in enumerate(enrolments, start=counter.last_number + 1)
    ]
    Certificate.objects.bulk_create(certificates, batch_size=500)
    counter.last_number += len(certificates)
    counter.save(update_fields=["last_number"])
    record_events(
        actor=actor,
        action="certificate.issued",
        targets=[(c, {"number": c.number_text, "enrolment": c.enrolment_id}) for c in certificates],
        now=now,
    )
    return len(certificates)


def _certificate(
    *,
    enrolment: Enrolment,
    run: Run,
    kind: str,
    number: int,
    issuer: Issuer,
    unit_name: str,
    issued_on: date,
    now: datetime,
) -> Certificate:
    token = random_token()
    number_text = issuer.number_text(kind=kind, year=issued_on.year, number=number)
    fields = frozen_fields(
        enrolment=enrolment,
        run=run,
        issuer=issuer,
        unit_name=unit_name,
        issued_on=issued_on,
        number_text=number_text,
        token=token,
    )
    return Certificate(
        enrolment=enrolment,
        run=run,
        kind=kind,
        year=issued_on.year,
        number=number,
        number_text=number_text,
        token=token,
        fields=fields,
        search_text=fold(" ".join([number_text, fields["full_name"], fields["unit"], fields["programme"]])),
        template_version=CURRENT_VERSION,
        issued_at=now,
        issued_on=issued_on,
    )


def store_file(*, certificate: Certificate, actor, now: datetime) -> None:
    """Make the certificate's PDF from its frozen fields, and keep it with its hash. Does nothing when it is there.

    The name holds the hash of the content and the content is the same every time, so an attempt that was cut off
    after writing the file finds it again, and no second file appears.
    """
    if certificate.file:
        return
    content = render_certificate(
        kind=certificate.kind,
        fields=certificate.fields,
        template_version=certificate.template_version,
        made_at=certificate.issued_at,
    )
    digest = hashlib.sha256(content).hexdigest()
    name = f"certificates/{certificate.year}/{certificate.kind}/{certificate.number:06d}-{digest[:16]}.pdf"
    storage = storages["private"]
    if not (storage.exists(name) and stored_sha256(name) == digest):
        storage.delete(name)
        name = storage.save(name, ContentFile(content))
    with transaction.atomic():
        # Another worker may have been first; it wrote the same bytes under the same name.
        updated = Certificate.objects.filter(pk=certificate.pk, file="").update(
            file=name, sha256=digest, file_made_at=now
        )
        if updated:
            record_event(
                actor=actor, action="certificate.file_stored", target=certificate, now=now, sha256=digest
            )


def stored_sha256(name: str) -> str:
    """The hash of a file in the private storage."""
    with storages["private"].open(name) as stored:
        return hashlib.file_digest(stored, "sha256").hexdigest()


def issue_certificates(
    *, run: Run, kind: str, issued_on: date, actor, progress: Callable[[int, int], None]
) -> dict[str, object]:
    """The whole of the work, safe to repeat: numbers for all, then the files that are missing.

    ``progress`` is called with how many of the run's certificates have their file, of how many. Gives the number of
    certificates of the run with the first and the last register number.
    """
    take_numbers(run=run, kind=kind, issued_on=issued_on, actor=actor, now=timezone.now())
    issued = Certificate.objects.filter(run=run, kind=kind)
    total = issued.count()
    missing = list(issued.without_file().order_by("year", "number").values_list("pk", flat=True))
    done = total - len(missing)
    progress(done, total)
    for certificate_id in missing:
        certificate = Certificate.objects.get(pk=certificate_id)
        store_file(certificate=certificate, actor=actor, now=timezone.now())
        done += 1
        progress(done, total)
    numbers = list(issued.order_by("year", "number").values_list("number_text", flat=True))
    return {
        "certificates": total,
        "first": numbers[0] if numbers else "",
        "last": numbers[-1] if numbers else "",
    }

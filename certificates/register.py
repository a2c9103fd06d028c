"""The register book (sổ cấp): its columns, and the same rows for page, print, PDF and workbook."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from import_export import fields, resources

from courses.models import Enrolment, Run
from lms.core.spreadsheets import Sheet, safe_cell, write_workbook
from lms.core.templatetags.ui import day
from lms.users.models import Gender

from .fields import frozen_day
from .models import Certificate, CertificateKind

SORTS = {
    "number": ("year", "number"),
    "-number": ("-year", "-number"),
    "name": ("enrolment__learner__name_key", "pk"),
    "-name": ("-enrolment__learner__name_key", "-pk"),
    "issued": ("issued_on", "year", "number"),
    "-issued": ("-issued_on", "-year", "-number"),
}


def sorted_register(certificates: QuerySet[Certificate], sort: str) -> QuerySet[Certificate]:
    return certificates.order_by(*SORTS.get(sort, SORTS["-number"])).select_related("run")


def runs_with_counts() -> QuerySet[Run]:
    """Runs with ``completed``, ``issued`` and ``to_issue`` (completed without a certificate)."""

    def counted(rows: QuerySet) -> Coalesce:
        per_run = rows.filter(run=OuterRef("pk")).order_by().values("run").annotate(n=Count("pk")).values("n")
        return Coalesce(Subquery(per_run), 0)

    completed = Enrolment.objects.filter(state=Enrolment.State.COMPLETED)
    held = Certificate.objects.filter(kind=CertificateKind.CERTIFICATE)
    without = completed.exclude(Q(certificates__kind=CertificateKind.CERTIFICATE))
    return Run.objects.annotate(completed=counted(completed), issued=counted(held), to_issue=counted(without))


def written_birth(fields_: dict[str, Any]) -> str:
    born = frozen_day(fields_["birth_date"])
    if born is None:
        return ""
    return str(born.year) if fields_["birth_year_only"] else day(born)


def register_row(certificate: Certificate) -> dict[str, Any]:
    """One line of the register, from what was frozen at issue. Dates are dates; "" is what is written by hand."""
    frozen = certificate.fields
    gender = {Gender.MALE: gettext("male"), Gender.FEMALE: gettext("female")}.get(frozen["gender"], "")
    return {
        "pk": certificate.pk,
        "number_text": certificate.number_text,
        "full_name": frozen["full_name"],
        "birth": written_birth(frozen),
        "gender": gender,
        "unit": frozen["unit"],
        "programme": frozen["programme"],
        "run_code": frozen["run_code"],
        "starts_on": frozen_day(frozen["starts_on"]),
        "ends_on": frozen_day(frozen["ends_on"]),
        "periods": frozen["periods"],
        "result": gettext("Completed"),
        "decision_number": frozen["decision_number"],
        "decision_date": frozen_day(frozen["decision_date"]),
        "issued_on": certificate.issued_on,
        "note": "" if certificate.state == Certificate.State.ISSUED else certificate.get_state_display(),
        "state": certificate.state,
        "has_file": bool(certificate.file),
        "token": certificate.token,
    }


def register_rows(certificates: Iterable[Certificate]) -> list[dict[str, Any]]:
    return [register_row(certificate) for certificate in certificates]


class RegisterResource(resources.Resource):
    """The register as a workbook, in the columns of the register book."""

    number_text = fields.Field(column_name=_("Register number"))
    serial = fields.Field(column_name=_("Serial of the form"))
    full_name = fields.Field(column_name=_("Full name"))
    birth = fields.Field(column_name=_("Birth date"))
    gender = fields.Field(column_name=_("Gender"))
    unit = fields.Field(column_name=_("Unit"))
    programme = fields.Field(column_name=_("Programme"))
    run_code = fields.Field(column_name=_("Class"))
    starts_on = fields.Field(column_name=_("From"))
    ends_on = fields.Field(column_name=_("To"))
    periods = fields.Field(column_name=_("Tiết"))
    result = fields.Field(column_name=_("Result"))
    decision_number = fields.Field(column_name=_("Decision number"))
    decision_date = fields.Field(column_name=_("Decision date"))
    issued_on = fields.Field(column_name=_("Date of issue"))
    received = fields.Field(column_name=_("Signature of the holder"))
    note = fields.Field(column_name=_("Note"))

    def export_field(self, field, instance, **kwargs) -> Any:
        # A name beginning with "=" stays a name: see lms.core.spreadsheets.
        return safe_cell(instance.get(self.get_field_name(field), ""))


WIDTHS = (22, 14, 28, 12, 8, 36, 48, 14, 12, 12, 8, 14, 22, 14, 14, 22, 18)


def register_workbook(certificates: Iterable[Certificate]) -> bytes:
    """The xlsx file of the given certificates."""
    dataset = RegisterResource().export(queryset=register_rows(certificates))
    return write_workbook(
        [
            Sheet(
                name=gettext("Register"),
                headings=[str(heading) for heading in dataset.headers],
                rows=list(dataset),
                widths=WIDTHS,
            )
        ]
    )

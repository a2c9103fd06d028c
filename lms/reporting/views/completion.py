"""Completion by unit: the page and its files."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cms.models import SiteSettings
from lms.core.pdf import render_pdf
from lms.core.spreadsheets import CSV_TYPE, XLSX_TYPE
from lms.core.vietnamese import collation_key
from lms.organisations.models import Unit

from ..exports import completion_csv, completion_workbook
from ..figures import LABELS
from ..forms import ReportFilter, filter_of
from ..permissions import report_access, unit_in_reach
from ..queries import FIGURES, CompletionReport, UnitRow, completion_by_unit

ALL_LEVELS = "tat-ca"
SORTABLE = [*FIGURES, "rate"]


@dataclass(frozen=True)
class Asked:
    """A report as its reader asked for it."""

    form: ReportFilter
    unit: Unit | None
    report: CompletionReport
    rows: list[UnitRow]  # what the table shows, sorted, without the total
    all_levels: bool
    sort: str

    @property
    def indent(self) -> int | None:
        """What is added to a row's depth where several levels stand in one table; None where one does."""
        if self.report.of_several_trees:
            return 1
        return 0 if self.all_levels else None

    @property
    def subject(self) -> str:
        return f"{self.unit.display_name} – {self.form.subject}" if self.unit else self.form.subject


def asked_report(request: HttpRequest) -> Asked:
    access = report_access(request)
    unit = unit_in_reach(access, request.GET.get("don-vi", ""))
    form = filter_of(request)
    report = completion_by_unit(
        scope=form.scope,
        as_at=form.as_at_day,
        access=access,
        root=unit,
        structure_day=form.structure_day,
    )
    all_levels = request.GET.get("cap") == ALL_LEVELS
    rows = [row for row in report.rows if row is not report.total] if all_levels else report.below_total()
    sort = request.GET.get("sort", "")
    return Asked(
        form=form, unit=unit, report=report, rows=in_order(rows, sort), all_levels=all_levels, sort=sort
    )


def in_order(rows: list[UnitRow], sort: str) -> list[UnitRow]:
    """Sorted by a figure or the name, "-" before it for descending; tree order when nothing known is asked."""
    figure = sort.removeprefix("-")
    if figure == "name":
        return sorted(
            rows, key=lambda row: collation_key(row.unit.display_name), reverse=sort.startswith("-")
        )
    if figure not in SORTABLE:
        return rows
    # Units without a rate stand last whichever way it is sorted.
    known = [row for row in rows if getattr(row, figure) is not None]
    unknown = [row for row in rows if getattr(row, figure) is None]
    return sorted(known, key=lambda row: getattr(row, figure), reverse=sort.startswith("-")) + unknown


def path_to(asked: Asked, query: str) -> list[dict]:
    """Breadcrumbs from the whole down to the unit, within reach; each keeps the filters."""
    address = reverse("reporting:completion")
    crumbs = [{"title": _("Completion by unit"), "url": f"{address}?{query}" if query else address}]
    if asked.unit is not None:
        crumbs += [
            {"title": step.display_name, "url": f"{address}?{joined(query, f'don-vi={step.code}')}"}
            for step in asked.report.above
        ]
        crumbs.append({"title": asked.unit.display_name})
    crumbs[-1] = {"title": crumbs[-1]["title"]}
    return crumbs


def joined(*parts: str) -> str:
    return "&".join(part for part in parts if part)


def query_without(request: HttpRequest, *names: str) -> str:
    """The request's query as a string without some of its names and without empty values."""
    query = request.GET.copy()
    for name in [*names, *(key for key, value in request.GET.items() if not value)]:
        query.pop(name, None)
    return query.urlencode()


@login_required
@require_safe
def completion(request: HttpRequest) -> HttpResponse:
    """The report as a page: every figure leads to the names behind it."""
    asked = asked_report(request)
    return render(
        request,
        "reporting/completion.html",
        {
            "asked": asked,
            "form": asked.form,
            "report": asked.report,
            "rows": asked.rows,
            "total": asked.report.total,
            "labels": LABELS,
            "sort": asked.sort,
            "breadcrumbs": path_to(asked, query_without(request, "don-vi", "sort", "cap")),
            "query": query_without(request, "sort"),
            "query_of_lists": query_without(request, "don-vi", "sort", "cap"),
            "query_of_units": query_without(request, "don-vi", "sort"),
            "level_query": query_without(request, "cap", "sort"),
            "all_levels_value": ALL_LEVELS,
        },
    )


FILE_NAME = "hoan-thanh-theo-don-vi"


@login_required
@require_safe
def completion_file(request: HttpRequest, extension: str) -> HttpResponse:
    """The report as xlsx, csv or pdf, with the rows and the order of the page it was asked from."""
    asked = asked_report(request)
    if extension == "xlsx":
        content, content_type = (
            completion_workbook(asked.report, asked.rows, subject=asked.subject),
            XLSX_TYPE,
        )
    elif extension == "csv":
        content, content_type = completion_csv(with_total(asked)), CSV_TYPE
    elif extension == "pdf":
        names = SiteSettings.for_request(request)
        context = {
            "asked": asked,
            "report": asked.report,
            "rows": asked.rows,
            "total": asked.report.total,
            "labels": LABELS,
            "ministry": names.ministry_name_vi,
            "school": names.school_name_vi,
            "place": names.place,
            "signer_title": names.signer_title,
            "signer_name": names.signer_name,
            "made_on": timezone.localdate(),
        }
        content, content_type = (
            render_pdf("reporting/pdf/completion.html", context, language=get_language()),
            "application/pdf",
        )
    else:
        raise Http404
    name = f"{FILE_NAME}-{asked.report.as_at:%Y%m%d}.{extension}"
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def with_total(asked: Asked) -> list[UnitRow]:
    return [*asked.rows, *([asked.report.total] if asked.report.total else [])]

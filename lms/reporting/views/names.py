"""The names behind a figure."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lms.core.spreadsheets import XLSX_TYPE
from lms.users.models import User

from ..exports import names_workbook
from ..figures import LABELS
from ..forms import filter_of
from ..permissions import report_access, unit_in_reach
from ..queries import FIGURES, names_behind, staff_behind

PER_PAGE = 50
ORDERS = {
    "": ("learner__name_key", "pk"),
    "name": ("learner__name_key", "pk"),
    "-name": ("-learner__name_key", "pk"),
    "unit": ("unit__path", "learner__name_key", "pk"),
    "-unit": ("-unit__path", "learner__name_key", "pk"),
    "due": ("due_on", "learner__name_key", "pk"),
    "-due": ("-due_on", "learner__name_key", "pk"),
    "completed": ("completed_at", "learner__name_key", "pk"),
    "-completed": ("-completed_at", "learner__name_key", "pk"),
}


def asked_names(request: HttpRequest):
    """(figure, unit, filter, rows): enrolments, or postings for "staff"."""
    access = report_access(request)
    unit = unit_in_reach(access, request.GET.get("don-vi", ""))
    form = filter_of(request)
    figure = request.GET.get("so-lieu", "participations")
    if figure not in FIGURES:
        raise Http404
    if figure == "staff":
        rows = staff_behind(
            as_at=form.as_at_day, access=access, unit=unit, structure_day=form.structure_day
        ).select_related("person", "unit")
        return figure, unit, form, rows.order_by("person__name_key", "pk")
    rows = names_behind(
        scope=form.scope,
        as_at=form.as_at_day,
        access=access,
        unit=unit,
        figure=figure,
        structure_day=form.structure_day,
    )
    order = ORDERS.get(request.GET.get("sort", ""), ORDERS[""])
    return figure, unit, form, rows.select_related("learner", "unit", "run").order_by(*order)


def found_by(rows: QuerySet, figure: str, text: str) -> QuerySet:
    """Rows of people whose name, e-mail or code holds every word, marks or no marks."""
    if not text:
        return rows
    people = User.objects.search(text).values("pk")
    return rows.filter(person__in=people) if figure == "staff" else rows.filter(learner__in=people)


@login_required
@require_safe
def names(request: HttpRequest) -> HttpResponse:
    """The people a figure counts, page by page."""
    figure, unit, form, rows = asked_names(request)
    text = request.GET.get("q", "").strip()
    page = Paginator(found_by(rows, figure, text), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "reporting/names.html",
        {
            "figure": figure,
            "figure_label": LABELS[figure],
            "unit": unit,
            "form": form,
            "page_obj": page,
            "sort": request.GET.get("sort", ""),
            "text": text,
            "query": request.GET.urlencode(),
        },
    )


@login_required
@require_safe
def names_file(request: HttpRequest) -> HttpResponse:
    """The same list as xlsx; staff have no participations and no file here."""
    figure, unit, form, rows = asked_names(request)
    if figure == "staff":
        raise Http404
    day = date_format(form.as_at_day, "SHORT_DATE_FORMAT")
    lines = [
        str(LABELS[figure]).capitalize(),
        unit.display_name if unit else _("All units"),
        form.subject,
        _("As at the end of %(day)s") % {"day": day},
    ]
    content = names_workbook(found_by(rows, figure, request.GET.get("q", "").strip()), title_lines=lines)
    headers = {"Content-Disposition": f'attachment; filename="danh-sach-{form.as_at_day:%Y%m%d}.xlsx"'}
    return HttpResponse(content, content_type=XLSX_TYPE, headers=headers)

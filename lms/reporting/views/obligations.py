"""The obligation matrix, the names behind each figure, and why one official is counted."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from courses.models import Requirement
from courses.obligation_rules import STATES
from courses.obligations import Tree, audience, completions, exemptions, obligations, recognitions
from courses.page_links import shown_title
from courses.permissions import may_manage_training
from lms.core.spreadsheets import CSV_TYPE, XLSX_TYPE
from lms.core.templatetags.ui import number
from lms.organisations.models import Posting

from ..matrix import FIGURES, TOTAL, Matrix, MatrixRow, obligation_matrix, obligations_behind
from ..matrix_files import LABELS, matrix_csv, matrix_workbook, names_workbook
from ..obligation_forms import MatrixFilter, matrix_filter_of
from ..permissions import report_access, unit_in_reach
from .completion import ALL_LEVELS, joined, query_without

PER_PAGE = 50
# What a spreadsheet of names holds at most; more is asked for unit by unit.
MOST_NAMES = 100_000


def asked_matrix(request: HttpRequest) -> tuple[MatrixFilter, Any, Matrix, list[MatrixRow]]:
    access = report_access(request)
    unit = unit_in_reach(access, request.GET.get("don-vi", ""))
    form = matrix_filter_of(request)
    matrix = obligation_matrix(question=form.question, access=access, root=unit)
    if request.GET.get("cap") == ALL_LEVELS:
        rows = [row for row in matrix.rows if row is not matrix.total]
    else:
        rows = matrix.below_total()
    return form, unit, matrix, rows


@login_required
@require_safe
def matrix(request: HttpRequest) -> HttpResponse:
    """Unit × requirement; of one requirement, unit × state. Every figure leads to the names behind it."""
    form, unit, found, rows = asked_matrix(request)
    address, query = reverse("reporting:matrix"), query_without(request, "don-vi", "cap")
    crumbs = [{"title": _("Obligations by unit"), "url": f"{address}?{query}" if query else address}]
    if unit is not None:
        crumbs += [
            {"title": step.display_name, "url": f"{address}?{joined(query, f'don-vi={step.code}')}"}
            for step in found.above
            if step.pk != unit.pk
        ]
        crumbs.append({"title": unit.display_name})
    crumbs[-1] = {"title": crumbs[-1]["title"]}
    single = len(found.requirements) == 1 and form.requirement_asked is not None
    context = {
        "form": form,
        "unit": unit,
        "matrix": found,
        "rows": rows,
        "single": single,
        "labels": LABELS,
        "states": STATES,
        "all_levels": request.GET.get("cap") == ALL_LEVELS,
        "all_levels_value": ALL_LEVELS,
        "level_query": query_without(request, "cap"),
        "query_of_lists": query_without(request, "don-vi", "cap"),
        "query_of_columns": query_without(request, "requirement"),
        "query_of_units": query_without(request, "don-vi"),
        "breadcrumbs": crumbs,
    }
    return render(request, "reporting/matrix.html", context)


@login_required
@require_safe
def matrix_file(request: HttpRequest, extension: str) -> HttpResponse:
    """The matrix as xlsx or csv, a line for each unit and requirement."""
    form, unit, found, rows = asked_matrix(request)
    lines = [*rows, *([found.total] if found.total and found.total not in rows else [])]
    if extension == "xlsx":
        subject = f"{unit.display_name} – {form.subject}" if unit else form.subject
        content, content_type = matrix_workbook(found, lines, subject=subject), XLSX_TYPE
    elif extension == "csv":
        content, content_type = matrix_csv(found, lines), CSV_TYPE
    else:
        raise Http404
    name = f"nghia-vu-{found.as_at:%Y%m%d}.{extension}"
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


ORDERS = {"name": "name", "unit": "path", "requirement": "code"}


def asked_obligations(request: HttpRequest):
    """(figure, unit, filter, rows as ``obligations_behind`` gives them, sort)."""
    access = report_access(request)
    unit = unit_in_reach(access, request.GET.get("don-vi", ""))
    form = matrix_filter_of(request)
    figure = request.GET.get("trang-thai", TOTAL)
    if figure not in FIGURES:
        raise Http404
    sort = request.GET.get("sort", "name")
    field = ORDERS.get(sort.removeprefix("-"), "name")
    rows = obligations_behind(question=form.question, access=access, unit=unit, figure=figure)
    if isinstance(rows, list):  # nothing is required on that day
        return figure, unit, form, rows, sort
    order = [f"-{field}" if sort.startswith("-") else field, "name", "pk", "requirement"]
    return figure, unit, form, rows.order_by(*dict.fromkeys(order)), sort


def shown(rows: Iterable[dict], form: MatrixFilter) -> list[dict]:
    """Rows with their posting, requirement, state and day; two queries."""
    rows = list(rows)
    postings = Posting.objects.select_related("person", "unit").in_bulk([row["pk"] for row in rows])
    requirements = Requirement.objects.in_bulk({row["requirement"] for row in rows})
    return [
        {
            "posting": postings[row["pk"]],
            "requirement": requirements[row["requirement"]],
            "code": row["code"],
            "state": row["obligation"],
            "label": LABELS[row["obligation"]],
            "due_on": requirements[row["requirement"]]
            .term.period_of(form.as_at_day)
            .due_for(row["joined_on"]),
        }
        for row in rows
    ]


@login_required
@require_safe
def obligation_names(request: HttpRequest) -> HttpResponse:
    """The officials a figure of the matrix counts, page by page."""
    figure, unit, form, rows, sort = asked_obligations(request)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "figure": figure,
        "figure_label": LABELS[figure],
        "unit": unit,
        "form": form,
        "page_obj": page,
        "rows": shown(page.object_list, form),
        "sort": sort,
        "query": request.GET.urlencode(),
        "as_at_query": f"?as_at={form.as_at_day:%Y-%m-%d}",
    }
    return render(request, "reporting/obligation_names.html", context)


@login_required
@require_safe
def obligation_names_file(request: HttpRequest) -> HttpResponse:
    figure, unit, form, rows, _sort = asked_obligations(request)
    lines = [
        capfirst(str(LABELS[figure])),
        unit.display_name if unit else _("All units"),
        form.subject,
        _("As at the end of %(day)s") % {"day": date_format(form.as_at_day, "SHORT_DATE_FORMAT")},
    ]
    found, count = [], len(rows) if isinstance(rows, list) else rows.count()
    if count > MOST_NAMES:
        lines.append(
            _("Only the first %(most)s of %(count)s are listed; ask unit by unit for all.")
            % {"most": number(MOST_NAMES), "count": number(count)}
        )
    for start in range(0, min(count, MOST_NAMES), 1000):
        found += shown(rows[start : min(start + 1000, MOST_NAMES)], form)
    headers = {
        "Content-Disposition": f'attachment; filename="nghia-vu-danh-sach-{form.as_at_day:%Y%m%d}.xlsx"'
    }
    return HttpResponse(names_workbook(found, title_lines=lines), content_type=XLSX_TYPE, headers=headers)


@login_required
@require_safe
def obligation(request: HttpRequest, code: str, person_id: int) -> HttpResponse:
    """Why one official is counted as they are under one requirement: rule, posting, exemption, evidence, deadline."""
    access = report_access(request)
    requirement = get_object_or_404(
        Requirement.objects.annotate(course_title=shown_title("course__")).prefetch_related(
            "unit_links__unit"
        ),
        code=code,
    )
    form = matrix_filter_of(request)
    day = form.as_at_day
    person = get_object_or_404(get_user_model(), pk=person_id)
    posting = (
        Posting.objects.on(day)
        .main()
        .filter(access.units_q("unit"), person=person)
        .select_related("unit")
        .first()
    )
    if posting is None:
        raise Http404
    tree = Tree.on(day)
    row = obligations(requirement, day=day, tree=tree).filter(person=person).first()
    context: dict[str, Any] = {
        "requirement": requirement,
        "person": person,
        "posting": posting,
        "day": day,
        "row": row,
        "may_manage": may_manage_training(request.user, now=timezone.now()) and person.pk != request.user.pk,
        "breadcrumbs": [
            {"title": _("Obligations by unit"), "url": reverse("reporting:matrix")},
            {"title": person.get_full_name()},
        ],
    }
    if row is not None:
        period = requirement.term.period_of(day)
        stretch = (
            audience(requirement, tree).filter(person=person, valid_from__lte=day).select_related("unit")
        )
        since = unbroken_since(stretch.order_by("-valid_from"))
        context |= {
            "label": LABELS[row.obligation],
            "joined_on": since,
            "due_on": period.due_for(since),
            "is_late": period.joins_late(since),
            "years": period.counts_from is not None,
            "completions": completions(requirement, period, day=day)
            .filter(learner=person)
            .select_related("run")
            .order_by("completed_at"),
            "recognitions": recognitions(requirement, period, day=day)
            .filter(training__person=person)
            .select_related("training", "recognised_by"),
            "exemptions": exemptions(requirement, day=day).filter(person=person).select_related("granted_by"),
            "participations": person.enrolments.filter(run__course=requirement.course_id)
            .select_related("run")
            .order_by("-pk"),
        }
    return render(request, "reporting/obligation.html", context)


def unbroken_since(postings: Iterable[Posting]):
    """The first day of the last unbroken stretch of these postings, which come latest first."""
    since = None
    for posting in postings:
        if since is not None and (posting.valid_to is None or posting.valid_to < since):
            break
        since = posting.valid_from
    return since

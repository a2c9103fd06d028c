"""The tree of units, opened level by level, and the page of one unit with its history."""

from datetime import date

from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lms.core.spreadsheets import CSV_TYPE, XLSX_TYPE
from lms.organisations.models import Posting, RoleGrant, Unit, UnitEvent
from lms.organisations.structure import Structure, homes_on
from lms.organisations.unit_files import tree_csv, tree_workbook

from .access import for_configurers

PER_PAGE = 50
SUGGESTED = 12


def index_crumbs(*more: dict) -> list[dict]:
    return [
        {"url": reverse("wagtailadmin_home"), "label": _("Home")},
        {"url": reverse("units:index"), "label": _("Units")},
        *more,
    ]


def with_figures(units):
    """Units with ``staff`` (main postings of today) and ``has_children``: one query with the rows."""
    today = timezone.localdate()
    seated = Q(postings__is_main=True, postings__valid_from__lte=today) & (
        Q(postings__valid_to__isnull=True) | Q(postings__valid_to__gt=today)
    )
    return units.annotate(
        staff=Count("postings", filter=seated, distinct=True),
        has_children=Exists(Unit.objects.existing().filter(parent=OuterRef("pk"))),
    )


def day_asked(request: HttpRequest) -> date | None:
    """The day of ``ngay``; None for today's tree."""
    try:
        day = parse_date(request.GET.get("ngay", ""))
    except ValueError:
        return None
    return day if day and day != timezone.localdate() else None


def level_of(parent_id: int | None, day: date | None) -> list[Unit]:
    """The units directly below (at the top for None), with what a row shows."""
    if day is None:
        return list(with_figures(Unit.objects.existing().filter(parent=parent_id)).order_by("path"))
    structure = Structure.on(day)
    parents = set(structure.parents.values())
    units = [unit for unit in structure.units.values() if unit.parent_id == parent_id]
    staff = dict(
        Posting.objects.on(day)
        .main()
        .filter(unit__in=[unit.pk for unit in units])
        .order_by()
        .values_list("unit")
        .annotate(n=Count("pk"))
    )
    for unit in units:
        unit.staff, unit.has_children = staff.get(unit.pk, 0), unit.pk in parents
    return units


@for_configurers
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The top of the tree, or what a search finds."""
    day, text = day_asked(request), request.GET.get("q", "").strip()
    context = {
        "header_icon": "site",
        "header_title": _("Units"),
        "breadcrumbs_items": index_crumbs(),
        "day": day,
        "text": text,
        "total": Unit.objects.existing().count(),
    }
    if text:
        found = with_figures(Unit.objects.search(text)).select_related("parent").order_by("ended_on", "path")
        context["page_obj"] = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    else:
        tops = level_of(None, day)
        context["nodes"] = tops
        if len(tops) == 1:
            context["opened"] = {tops[0].pk: level_of(tops[0].pk, day)}
    return render(request, "organisations/admin/index.html", context)


@for_configurers
@require_safe
def children(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows below one unit, fetched when it is opened."""
    day = day_asked(request)
    return render(request, "organisations/admin/tree_level.html", {"nodes": level_of(pk, day), "day": day})


@for_configurers
@require_safe
def search(request: HttpRequest) -> JsonResponse:
    """Suggestions for a field that asks for a unit: [{"code", "name"}]."""
    text = request.GET.get("q", "").strip()
    units = Unit.objects.existing().search(text).order_by("path")[:SUGGESTED] if text else []
    return JsonResponse({"units": [{"code": unit.code, "name": unit.display_name} for unit in units]})


@for_configurers
@require_safe
def unit_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What a unit is, was and became; from here every change begins."""
    unit = get_object_or_404(with_figures(Unit.objects.select_related("parent")), pk=pk)
    today = timezone.localdate()
    heir = homes_on(today).get(unit.pk)
    above = Unit.objects.filter(path__in=[unit.path[:end] for end in range(4, len(unit.path), 4)])
    return render(
        request,
        "organisations/admin/unit.html",
        {
            "header_icon": "site",
            "header_title": unit.display_name,
            "breadcrumbs_items": index_crumbs(
                *(
                    {"url": reverse("units:edit", args=[each.pk]), "label": each.display_name}
                    for each in above.order_by("path")
                ),
                {"url": "", "label": unit.display_name},
            ),
            "unit": unit,
            "versions": unit.versions.select_related("parent", "opened_by", "closed_by").order_by(
                "-valid_from"
            ),
            "events": unit.events.select_related("recorded_by").order_by("-effective_on", "-pk"),
            "came_from": unit.predecessors.select_related("from_unit", "event").order_by("-pk"),
            "went_to": unit.successors.select_related("to_unit", "event").order_by("-pk"),
            "heir": Unit.objects.filter(pk=heir).first() if heir != unit.pk else None,
            "roles": RoleGrant.objects.on(today).filter(unit=unit).select_related("person"),
            "changes": [] if unit.ended_on else changes_of(unit),
            "below": with_figures(Unit.objects.existing().filter(parent=unit)).order_by("path"),
        },
    )


def changes_of(unit: Unit) -> list[dict[str, str]]:
    kinds = UnitEvent.Kind
    words = {
        kinds.RENAME: _("Change name, kind or code"),
        kinds.MOVE: _("Move to another parent"),
        kinds.MERGE: _("Merge"),
        kinds.SPLIT: _("Split"),
        kinds.TRANSFER: _("Transfer a part"),
        kinds.DISSOLVE: _("Dissolve"),
        kinds.CREATE: _("New unit below it"),
    }
    return [
        {"title": title, "url": reverse("units:change_unit", args=[unit.pk, kind.value])}
        for kind, title in words.items()
    ]


@for_configurers
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The tree of a day as xlsx or csv, in the columns the import reads."""
    day = day_asked(request) or timezone.localdate()
    kinds = {"xlsx": (tree_workbook, XLSX_TYPE), "csv": (tree_csv, CSV_TYPE)}
    chosen = kinds.get(request.GET.get("tep", "xlsx"))
    if chosen is None:
        raise Http404
    write, content_type = chosen
    name = f"don-vi-{day:%Y%m%d}.{request.GET.get('tep', 'xlsx')}"
    return HttpResponse(
        write(Structure.on(day)),
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )

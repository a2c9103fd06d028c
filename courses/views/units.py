"""The coordinator's own unit: figures with what lies below, and its people."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from courses.exports import staff_workbook
from courses.listing import page_of
from courses.models import Enrolment, Run
from courses.staff import people_of, roll_up, with_posting
from courses.staff_forms import RunOfUnitForm, StaffFilterForm
from lms.core.spreadsheets import XLSX_TYPE
from lms.organisations.access import Access, access_for
from lms.organisations.models import Unit


def _top_units(access: Access) -> list[Unit]:
    """The uppermost units in reach: of a unit and one below it, both granted, the upper one."""
    if access.sees_all_units:
        return list(Unit.objects.filter(parent=None))
    paths = access.coordinated_paths
    tops = [path for path in paths if not any(path != other and path.startswith(other) for other in paths)]
    return list(Unit.objects.filter(path__in=tops).order_by("path"))


def _unit_in_reach(request: HttpRequest, code: str) -> Unit:
    return get_object_or_404(Unit.objects.filter(access_for(request.user).units_q()), code=code)


def _runs_of(unit: Unit):
    enrolled = Enrolment.objects.filter(unit__path__startswith=unit.path)
    return Run.objects.filter(pk__in=enrolled.order_by().values("run")).order_by("-opens_on", "code")


def _frame(request: HttpRequest, unit: Unit, *, active: str) -> dict:
    """What both pages of a unit share: the way up as far as one may look, and the tabs."""
    access = access_for(request.user)
    paths = [unit.path[:end] for end in range(4, len(unit.path), 4)]
    ancestors = Unit.objects.filter(access.units_q(), path__in=paths).order_by("path")
    breadcrumbs = [
        {"title": above.display_name, "url": reverse("courses:unit", args=[above.code])}
        for above in ancestors
    ]
    tops = _top_units(access)
    if len(tops) > 1:
        breadcrumbs.insert(0, {"title": _("My units"), "url": reverse("courses:my_unit")})
    return {
        "unit": unit,
        "breadcrumbs": [*breadcrumbs, {"title": unit.display_name}] if breadcrumbs else [],
        "tabs": [
            {
                "title": _("Overview"),
                "url": reverse("courses:unit", args=[unit.code]),
                "active": active == "overview",
            },
            {
                "title": _("Staff"),
                "url": reverse("courses:unit_staff", args=[unit.code]),
                "active": active == "staff",
            },
        ],
    }


@login_required
@require_GET
def my_unit(request: HttpRequest) -> HttpResponse:
    """The own unit; whoever looks after several gets the list of them."""
    tops = _top_units(access_for(request.user))
    if not tops:
        raise PermissionDenied
    if len(tops) == 1:
        return _overview(request, tops[0])
    today = timezone.localdate()
    rows = [{"unit": unit, "figures": roll_up(unit, on=today)[0]} for unit in tops]
    return render(request, "courses/my_units.html", {"rows": rows})


@login_required
@require_GET
def unit(request: HttpRequest, code: str) -> HttpResponse:
    return _overview(request, _unit_in_reach(request, code))


def _overview(request: HttpRequest, unit: Unit) -> HttpResponse:
    form = RunOfUnitForm(request.GET, runs=_runs_of(unit))
    run = form.values().get("run")
    total, rows = roll_up(unit, on=timezone.localdate(), run=run)
    context = _frame(request, unit, active="overview") | {
        "form": form,
        "run": run,
        "total": total,
        "rows": rows,
    }
    return render(request, "courses/unit.html", context)


def _staff_asked_for(request: HttpRequest, unit: Unit):
    form = StaffFilterForm(request.GET, runs=_runs_of(unit))
    asked = form.values()
    people = people_of(
        unit,
        on=timezone.localdate(),
        text=asked.get("q", ""),
        run=asked.get("run"),
        state=asked.get("state", ""),
    )
    return form, people


@login_required
@require_GET
def unit_staff(request: HttpRequest, code: str) -> HttpResponse:
    unit = _unit_in_reach(request, code)
    form, people = _staff_asked_for(request, unit)
    page = page_of(request, people)
    page.object_list = with_posting(page.object_list)
    context = _frame(request, unit, active="staff") | {"form": form, "page_obj": page}
    return render(request, "courses/unit_staff.html", context)


@login_required
@require_GET
def unit_staff_export(request: HttpRequest, code: str) -> HttpResponse:
    """The list as filtered, as xlsx."""
    unit = _unit_in_reach(request, code)
    _form, people = _staff_asked_for(request, unit)
    return HttpResponse(
        staff_workbook(with_posting(people), unit_name=unit.display_name),
        content_type=XLSX_TYPE,
        headers={"Content-Disposition": 'attachment; filename="can-bo.xlsx"'},
    )

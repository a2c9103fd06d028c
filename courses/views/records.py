"""The training record (hồ sơ đào tạo) of a person: everything taken part in, where they sat then, tiết by year."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from courses.ledger import YEARLY_MINIMUM, periods_by_year
from courses.models import CatalogPage, Enrolment, ExternalTraining
from courses.page_links import page_links
from courses.panels import record_links
from courses.permissions import may_enter_training_of, people_read_by
from courses.record_forms import RecordFilterForm
from lms.organisations.models import Posting

PAGE_SIZE = 50
State = Enrolment.State


def record_day(enrolment: Enrolment):
    """The day a row of the record stands under: that of its end, else of its beginning."""
    moment = enrolment.completed_at or enrolment.ended_at or enrolment.enrolled_at or enrolment.nominated_at
    return timezone.localdate(moment) if moment else enrolment.run.opens_on


ORDERS = {
    "ngay": lambda row: (record_day(row), row.pk),
    "khoa": lambda row: (row.run.course.code, row.pk),
    "tiet": lambda row: (row.run.course.periods, row.pk),
}


def _is_asked_for(enrolment: Enrolment, asked: dict[str, Any]) -> bool:
    year, state = asked.get("nam"), asked.get("trang_thai")
    if year and record_day(enrolment).year != year:
        return False
    if state == "studying":
        return enrolment.state not in Enrolment.ENDED_STATES
    if state == "ended":
        return enrolment.state in (State.FAILED, State.WITHDRAWN, State.EXPIRED)
    return not state or enrolment.state == state


@login_required
@require_safe
def record(request: HttpRequest) -> HttpResponse:
    """The own record."""
    return _record_page(request, request.user)


@login_required
@require_safe
def person_record(request: HttpRequest, pk: int) -> HttpResponse:
    """The record of somebody whose unit one reads; it ends with the day they leave the unit."""
    if pk == request.user.pk:
        return redirect("courses:record")
    person = get_object_or_404(people_read_by(request.user, now=timezone.now()), pk=pk)
    return _record_page(request, person)


def catalog_url() -> str:
    """The address of the catalogue in the reader's language; "" where the site has none."""
    catalog = CatalogPage.first()
    return page_links([catalog])[catalog.pk].url if catalog else ""


def _record_page(request: HttpRequest, person) -> HttpResponse:
    """One person's rows are few and are read at once."""
    is_own = person.pk == request.user.pk
    rows = list(Enrolment.objects.of(person).select_related("run__course", "unit"))
    external = list(
        ExternalTraining.objects.filter(person=person)
        .exclude(state=ExternalTraining.State.WITHDRAWN)
        .select_related("unit")
        .order_by("-finished_on", "-pk")
    )
    form = RecordFilterForm(request.GET, years=sorted({record_day(row).year for row in rows}, reverse=True))
    asked = form.values()
    shown = [row for row in rows if _is_asked_for(row, asked)]
    sort = request.GET.get("sort", "")
    key = ORDERS.get(sort.removeprefix("-"), ORDERS["ngay"])
    shown.sort(key=key, reverse=sort.startswith("-") or sort not in ORDERS)
    page = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page"))
    links = page_links([row.run.course for row in page.object_list])
    extra = record_links(request, page.object_list)
    today = timezone.localdate()
    postings = list(
        Posting.objects.filter(person=person)
        .select_related("unit")
        .order_by("-is_main", "-valid_from", "-pk")
    )
    return render(
        request,
        "courses/record.html",
        {
            "person": person,
            "is_own": is_own,
            "form": form,
            "page_obj": page,
            "rows": [
                (row, links[row.run.course_id], extra.get(row.pk, []), record_day(row))
                for row in page.object_list
            ],
            "count": len(shown),
            "has_any": bool(rows or external),
            "has_enrolments": bool(rows),
            "sort": sort,
            "years": periods_by_year(rows, external),
            "yearly_minimum": YEARLY_MINIMUM,
            "this_year": today.year,
            "today": today,
            "periods_total": sum(periods_by_year(shown).values()),
            "external": external,
            "may_enter": may_enter_training_of(request.user, person, now=timezone.now()),
            "postings": postings,
            "facts": _facts(person, postings, on=today),
            "catalog_url": catalog_url() if is_own and not rows and not external else "",
        },
    )


def _facts(person, postings: list[Posting], *, on: date) -> list[dict[str, Any]]:
    here = next((posting for posting in postings if posting.is_main and posting.holds_on(on)), None)
    return [
        {"label": _("Full name"), "value": person.get_full_name()},
        {"label": _("Staff code"), "value": person.staff_code},
        {"label": _("Unit"), "value": here.unit.display_name if here else ""},
        {"label": _("Position"), "value": here.position if here else ""},
        {"label": _("Rank"), "value": here.rank_name if here else ""},
    ]

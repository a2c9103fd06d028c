"""The learner's own pages: dashboard, one course, enrolling and leaving."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.ledger import YEARLY_MINIMUM, periods_by_year
from courses.models import CatalogPage, Enrolment, ExternalTraining, LessonProgress, Run
from courses.obligation_rules import OVERDUE
from courses.outline import CriterionOutline, Outline, outline_for
from courses.own_obligations import own_obligations
from courses.page_links import page_links
from courses.panels import dashboard_panels
from courses.permissions import may_leave
from courses.services.enrolments import enrol_learner, main_posting, withdraw_enrolment
from courses.services.errors import NotPosted
from courses.services.progress import is_open_for_study
from courses.templatetags.periods import periods
from lms.core.errors import DomainError, NotAllowed
from lms.core.templatetags.ui import day, number

RUNS_SHOWN = 6
State = Enrolment.State


def _my_enrolments(request: HttpRequest) -> QuerySet[Enrolment]:
    return Enrolment.objects.of(request.user).select_related("run__course")


# --- Dashboard ---------------------------------------------------------------------------------------------


@login_required
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    mine = list(_my_enrolments(request).order_by("due_on", "pk"))
    open_runs = _runs_to_enter(mine, on=timezone.localdate(now))
    catalog = CatalogPage.first()
    obliged = own_obligations(request.user, day=timezone.localdate(now), enrolments=mine)
    pages = [row.run.course for row in mine] + [run.course for run in open_runs]
    pages += [one.requirement.course for one in obliged]
    links = page_links([*pages, catalog] if catalog else pages)
    studying = [
        row for row in mine if row.state in Enrolment.STUDYING_STATES and row.run.state == Run.State.OPEN
    ]
    external = ExternalTraining.objects.filter(person=request.user).counted()
    periods_done = periods_by_year(mine, external).get(timezone.localdate(now).year, 0)
    return render(
        request,
        "courses/dashboard.html",
        {
            "going_on": _going_on(studying, now=now),
            "studying": [(row, links[row.run.course_id]) for row in studying],
            "obliged": [(one, links[one.requirement.course_id]) for one in obliged],
            "obliged_late": sum(one.state == OVERDUE for one in obliged),
            "waiting": [
                (row, links[row.run.course_id])
                for row in mine
                if row.state in (State.NOMINATED, State.APPROVED)
            ],
            "completed": [
                (row, links[row.run.course_id])
                for row in sorted(mine, key=lambda row: row.completed_at or now, reverse=True)
                if row.state == State.COMPLETED
            ][:3],
            "open_runs": [(run, links[run.course_id]) for run in open_runs[:RUNS_SHOWN]],
            "overdue_count": sum(row.is_overdue for row in studying),
            "completed_count": sum(row.state == State.COMPLETED for row in mine),
            "periods": periods_done,
            "periods_missing": max(YEARLY_MINIMUM - periods_done, 0),
            "yearly_minimum": YEARLY_MINIMUM,
            "periods_percent": min(100, int(periods_done * 100 / YEARLY_MINIMUM)),
            "panels": dashboard_panels(request),
            "catalog_url": links[catalog.pk].url if catalog else "",
        },
    )


def _runs_to_enter(mine: list[Enrolment], *, on) -> list[Run]:
    """Runs with a free place that the learner is not in, the one that ends first standing first."""
    taken = {row.run_id for row in mine if row.state != State.WITHDRAWN or row.end_reason}
    runs = (
        Run.objects.open_for_enrolment(on=on)
        .with_seats_taken()
        .select_related("course")
        .order_by("closes_on", "pk")
    )
    return [
        run
        for run in runs
        if run.pk not in taken and (run.capacity is None or run.seats_taken < run.capacity)
    ]


def _going_on(studying: list[Enrolment], *, now) -> dict[str, Any] | None:
    """Where the learner stopped: the course studied last, or the one due first when nothing has been opened."""
    counting = [row for row in studying if is_open_for_study(row, now=now)]
    if not counting:
        return None
    last = LessonProgress.objects.filter(enrolment__in=counting).order_by("-last_seen_at")
    last_id = last.values_list("enrolment_id", flat=True).first()
    enrolment = next((row for row in counting if row.pk == last_id), counting[0])
    outline = outline_for(enrolment, with_criterion_states=False)
    return {"enrolment": enrolment, "outline": outline}


# --- One course ---------------------------------------------------------------------------------------------


@login_required
@require_safe
def my_course(request: HttpRequest, pk: int) -> HttpResponse:
    """The course of one enrolment: every step with its state, and what is still missing."""
    enrolment = get_object_or_404(_my_enrolments(request).select_related("unit"), pk=pk)
    enrolment.learner = request.user
    now = timezone.now()
    outline = outline_for(enrolment)
    holds_place = enrolment.state not in (State.NOMINATED, State.APPROVED, State.WITHDRAWN)
    return render(
        request,
        "courses/my_course.html",
        {
            "enrolment": enrolment,
            "run": enrolment.run,
            "outline": outline,
            "course_url": outline.course_url,
            "may_read": holds_place and enrolment.run.opens_on <= timezone.localdate(now),
            "is_open": is_open_for_study(enrolment, now=now),
            "not_yet_open": enrolment.run.opens_on > timezone.localdate(now),
            "may_leave": may_leave(request.user, enrolment),
            "missing_text": missing_in_words(outline),
            # A completed enrolment keeps its figures, whatever has been added since.
            "enrolment_percent": 100 if enrolment.state == State.COMPLETED else outline.percent,
            "facts": _run_facts(enrolment.run, due_on=enrolment.due_on)
            + [{"label": _("Unit"), "value": enrolment.unit.display_name}],
        },
    )


def _run_facts(run: Run, *, due_on) -> list[dict[str, Any]]:
    """What the class is, as ``components/key_values.html`` wants it."""
    facts = [
        {"label": _("Class"), "value": run.code},
        {"label": _("Days of study"), "value": f"{day(run.opens_on)} – {day(run.closes_on)}"},
        {"label": _("To be completed by"), "value": day(due_on)},
        {"label": _("Periods"), "value": periods(run.course.periods)},
    ]
    if run.decision_number:
        decided = f" ({day(run.decision_date)})" if run.decision_date else ""
        facts.append({"label": _("Decision"), "value": run.decision_number + decided})
    return facts


def missing_in_words(outline: Outline) -> str:
    """ "3 lessons and 1 test" still to be done; "" when nothing is."""
    missing = outline.missing
    criteria = sum(isinstance(step, CriterionOutline) for step in missing)
    lessons = len(missing) - criteria
    parts = []
    if lessons:
        parts.append(ngettext("%(count)d lesson", "%(count)d lessons", lessons) % {"count": lessons})
    if criteria:
        parts.append(ngettext("%(count)d test", "%(count)d tests", criteria) % {"count": criteria})
    return gettext(" and ").join(parts)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest, code: str) -> HttpResponse:
    """Look at a run and take a place in it."""
    run = get_object_or_404(
        Run.objects.filter(state=Run.State.OPEN).with_seats_taken().select_related("course"), code=code
    )
    now = timezone.now()
    known = _my_enrolments(request).filter(run=run).exclude(state=State.WITHDRAWN).first()
    if known is not None:
        return redirect("courses:my_course", pk=known.pk)
    if request.method == "POST":
        try:
            enrolment = enrol_learner(run=run, learner=request.user, actor=request.user, now=now)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("courses:enrol", code=code)
        messages.success(
            request, gettext("You are enrolled. Begin with the first lesson whenever it suits you.")
        )
        return redirect("courses:my_course", pk=enrolment.pk)
    today = timezone.localdate(now)
    try:
        posting = main_posting(request.user, on=today)
    except NotPosted as error:
        posting, refusal = None, str(error)
    else:
        refusal = ""
    places_left = None if run.capacity is None else max(0, run.capacity - run.seats_taken)
    facts = _run_facts(run, due_on=run.due_on)
    if places_left is not None:
        facts.append({"label": _("Places left"), "value": number(places_left)})
    if posting is not None:
        facts.append(
            {
                "label": _("Enrolled as"),
                "value": f"{posting.position}, {posting.unit.display_name}".lstrip(", "),
            }
        )
    context = {
        "facts": facts,
        "run": run,
        "link": page_links([run.course])[run.course_id],
        "refusal": refusal,
        "places_left": places_left,
        "by_nomination": run.policy == Run.Policy.NOMINATION,
        "not_yet_open": run.opens_on > today,
        "is_over": run.closes_on < today,
    }
    blocked = refusal or places_left == 0
    blocked = blocked or any(context[name] for name in ("by_nomination", "not_yet_open", "is_over"))
    return render(request, "courses/enrol.html", context | {"may_enrol": not blocked})


@login_required
@require_POST
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the place back before anything was studied."""
    enrolment = get_object_or_404(_my_enrolments(request), pk=pk)
    try:
        withdraw_enrolment(enrolment=enrolment, reason="", actor=request.user, now=timezone.now())
    except NotAllowed as error:
        raise PermissionDenied from error
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("courses:my_course", pk=pk)
    messages.success(request, gettext("You have left the class. Your place is free for somebody else."))
    return redirect("courses:dashboard")

"""A learner's pages of a quiz: its rules, the attempt, the result."""

import uuid
from contextlib import suppress
from datetime import datetime, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from assessments.file_types import MOST_BYTES, MOST_FILES
from assessments.models import Accommodation, Attempt, Quiz
from assessments.models.conduct import Allowance
from assessments.papers import paper_of, passed_answers
from assessments.permissions import (
    attempts_allowed,
    belongs_to_course,
    latest_end,
    why_not_from,
    why_not_start,
)
from assessments.results import counted_score
from assessments.reviews import own_answers_of, review_of, sat_until
from assessments.services import attempts as services
from courses.models import Enrolment
from lms.core.errors import DomainError, NotAllowed
from lms.core.templatetags.ui import day, minutes, moment, number, percent
from lms.core.throttle import allow_for, client_address, seconds_left

PASSWORD_TRIES = 6  # a minute


def _quiz_of(request: HttpRequest, quiz_id: int, enrolment_id: int) -> tuple[Quiz, Enrolment]:
    """The own enrolment and a quiz of its course; 404 for anything else."""
    enrolment = get_object_or_404(
        Enrolment.objects.of(request.user).select_related("run__course"), pk=enrolment_id
    )
    quiz = get_object_or_404(Quiz.objects.select_related("module").prefetch_related("draws"), pk=quiz_id)
    if not belongs_to_course(quiz, enrolment.run):
        # As if it were not there: another course's quiz is nobody's business here.
        get_object_or_404(Quiz.objects.none(), pk=quiz_id)
    return quiz, enrolment


def _own_attempt(request: HttpRequest, public_id: uuid.UUID) -> Attempt:
    """The own attempt as it stands now: closed if its time is over and the worker has not been by yet."""
    attempt = get_object_or_404(
        Attempt.objects.visible_to(request.user).select_related("quiz__module", "enrolment__run__course"),
        public_id=public_id,
    )
    if attempt.is_open and not attempt.takes_answers(now=timezone.now()):
        services.close_if_overdue(attempt=attempt, now=timezone.now())
        attempt.refresh_from_db()
    return attempt


def _breadcrumbs(enrolment: Enrolment, *last: str) -> list[dict]:
    return [
        {"title": _("My learning"), "url": reverse("courses:dashboard")},
        {
            "title": enrolment.run.display_title,
            "url": reverse("courses:my_course", kwargs={"pk": enrolment.pk}),
        },
        *({"title": title} for title in last),
    ]


def _facts(quiz: Quiz, enrolment: Enrolment, *, allowance: Allowance, attempts_left: int) -> list[dict]:
    attempts = _("%(left)d of %(all)d left") % {
        "left": attempts_left,
        "all": quiz.max_attempts + allowance.attempts,
    }
    facts = [
        {"label": _("Questions"), "value": number(quiz.question_count)},
        {"label": _("Time limit"), "value": minutes(quiz.time_limit_minutes + allowance.minutes)},
        {"label": _("To pass"), "value": percent(quiz.pass_percent)},
        {"label": _("Number of attempts"), "value": attempts},
        {"label": _("Closes at"), "value": moment(quiz.closes_at)}
        if quiz.closes_at
        else {"label": _("Open until"), "value": day(enrolment.run.closes_on)},
    ]
    if allowance.minutes:
        facts.insert(2, {"label": _("Of it granted to you"), "value": minutes(allowance.minutes)})
    if quiz.opens_at:
        facts.append({"label": _("May be started from"), "value": moment(quiz.opens_at)})
    if quiz.counted != Quiz.Counted.BEST:
        facts.append({"label": _("Attempt that counts"), "value": quiz.get_counted_display()})
    if quiz.navigation != Quiz.Navigation.ALL:
        facts.append({"label": _("Way through"), "value": quiz.get_navigation_display()})
    if quiz.password:
        facts.append({"label": _("Password"), "value": _("told by the supervisor")})
    if quiz.allowed_networks:
        facts.append({"label": _("Place"), "value": _("only in the network of the exam")})
    if quiz.wait_minutes:
        facts.append({"label": _("Pause between attempts"), "value": minutes(quiz.wait_minutes)})
    if quiz.is_active:
        # Every quiz in use is a condition of its course (``services.quizzes.register_quiz``).
        facts.append({"label": _("Needed for"), "value": _("completing the course and its certificate")})
    return facts


def _ends_early_at(
    quiz: Quiz, enrolment: Enrolment, *, minutes: int, extra: int, now: datetime
) -> datetime | None:
    """When an attempt begun now would be cut short; None where it has its whole time."""
    end = latest_end(quiz, enrolment.run, extra_minutes=extra)
    return end if end < now + timedelta(minutes=minutes) else None


@login_required
@require_safe
def quiz(request: HttpRequest, quiz_id: int, enrolment_id: int) -> HttpResponse:
    """What the quiz asks for, the attempts so far, and the way in. Reading it starts nothing."""
    quiz, enrolment = _quiz_of(request, quiz_id, enrolment_id)
    now = timezone.now()
    attempts = [
        services.close_if_overdue(attempt=attempt, now=now)
        for attempt in Attempt.objects.filter(quiz=quiz, enrolment=enrolment)
        .select_related("enrolment", "quiz")
        .order_by("number")
    ]
    running = next((attempt for attempt in attempts if attempt.is_open), None)
    allowance = Accommodation.objects.allowance(quiz=quiz, enrolment=enrolment)
    attempts_left = max(0, quiz.max_attempts + allowance.attempts - len(attempts))
    time_limit = quiz.time_limit_minutes + allowance.minutes
    context = {
        "quiz": quiz,
        "enrolment": enrolment,
        "attempts": attempts,
        "running": running,
        "attempts_left": attempts_left,
        "being_marked": any(attempt.is_being_marked for attempt in attempts),
        "time_limit": time_limit,
        "facts": _facts(quiz, enrolment, allowance=allowance, attempts_left=attempts_left),
        "passed": any(attempt.passed for attempt in attempts),
        "refusal": None
        if running
        else why_not_start(quiz=quiz, enrolment=enrolment, now=now)
        or why_not_from(quiz=quiz, address=client_address(request)),
        # The window may end before the time that is allowed.
        "ends_early_at": _ends_early_at(
            quiz, enrolment, minutes=time_limit, extra=allowance.minutes, now=now
        ),
        "breadcrumbs": _breadcrumbs(enrolment, quiz.display_title),
    }
    return render(request, "assessments/quiz.html", context)


@login_required
@require_POST
def start(request: HttpRequest, quiz_id: int, enrolment_id: int) -> HttpResponse:
    """Begin an attempt, or go back to the open one."""
    quiz, enrolment = _quiz_of(request, quiz_id, enrolment_id)
    now = timezone.now()
    # By participation, not by address: a whole hall starts behind one.
    if quiz.password and not allow_for(
        str(enrolment.pk), scope="quiz-password", per_minute=PASSWORD_TRIES, now=now
    ):
        wait = _("Too many tries. Please wait %(seconds)d seconds, then try again.")
        messages.error(request, wait % {"seconds": seconds_left(now)})
        return redirect("assessments:quiz", quiz_id=quiz_id, enrolment_id=enrolment_id)
    try:
        attempt = services.start_attempt(
            quiz=quiz,
            enrolment=enrolment,
            actor=request.user,
            now=now,
            password=request.POST.get("password", ""),
            address=client_address(request),
        )
    except NotAllowed as error:
        raise PermissionDenied from error
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("assessments:quiz", quiz_id=quiz_id, enrolment_id=enrolment_id)
    return redirect("assessments:attempt", public_id=attempt.public_id)


@login_required
@never_cache
@require_safe
def attempt(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The paper. The page takes the pen by a POST of its own (``open_tab``), so that reading changes nothing."""
    attempt = _own_attempt(request, public_id)
    if not attempt.is_open:
        return redirect("assessments:result", public_id=public_id)
    now = timezone.now()
    questions = paper_of(attempt)
    # Where there is no way back, those behind are counted and not shown.
    behind = passed_answers(attempt)
    context = {
        "attempt": attempt,
        "quiz": attempt.quiz,
        "questions": questions,
        "total": len(questions) if attempt.furthest is None else attempt.questions.count(),
        "most_files": MOST_FILES,
        "most_bytes": MOST_BYTES,
        "answered_before": sum(any((answer or {}).values()) for _position, _sequence, answer in behind),
        "seconds_left": max(0, int((attempt.closes_at - now).total_seconds())),
    }
    return render(request, "assessments/attempt.html", context)


@login_required
@require_POST
def move_on(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """``position`` is gone on from, by who has the pen (``tab_token``); whatever comes of it, the page shows where one is."""
    attempt = _own_attempt(request, public_id)
    try:
        position, token = int(request.POST["position"]), uuid.UUID(request.POST["tab_token"])
    except (KeyError, ValueError):
        return redirect("assessments:attempt", public_id=public_id)
    with suppress(services.AttemptClosed):
        services.move_on(
            attempt=attempt, position=position, tab_token=token, actor=request.user, now=timezone.now()
        )
    return redirect("assessments:attempt", public_id=public_id)


@login_required
@require_POST
def submit(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Close and score; a second time leads to the same result."""
    attempt = _own_attempt(request, public_id)
    try:
        services.submit_attempt(attempt=attempt, actor=request.user, now=timezone.now())
    except NotAllowed as error:
        raise PermissionDenied from error
    return redirect("assessments:result", public_id=public_id)


@login_required
@never_cache
@require_safe
def result(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Score, pass or not, what is left, and the review where the quiz allows it."""
    attempt = _own_attempt(request, public_id)
    if attempt.is_open:
        return redirect("assessments:attempt", public_id=public_id)
    quiz, enrolment = attempt.quiz, attempt.enrolment
    own = list(Attempt.objects.filter(quiz=quiz, enrolment=enrolment).order_by("number"))
    now = timezone.now()
    closes_for_all = sat_until(attempt) if quiz.review == Quiz.Review.AFTER_CLOSE else now
    passed_any = any(other.passed for other in own)
    context = {
        "attempt": attempt,
        "quiz": quiz,
        "enrolment": enrolment,
        "review": review_of(attempt, now=now),
        "own_answers": own_answers_of(attempt, now=now),
        "review_waits_until": closes_for_all if now < closes_for_all else None,
        "running": next((other for other in own if other.is_open), None),
        "attempts_left": max(0, attempts_allowed(quiz, enrolment) - len(own)),
        "passed_any": passed_any,
        "counted": counted_score(quiz, own),
        "refusal": why_not_start(quiz=quiz, enrolment=enrolment, now=now),
        "minutes_taken": max(1, round((attempt.submitted_at - attempt.started_at).total_seconds() / 60)),
        "breadcrumbs": [
            *_breadcrumbs(enrolment)[:2],
            {
                "title": quiz.display_title,
                "url": reverse("assessments:quiz", kwargs={"quiz_id": quiz.pk, "enrolment_id": enrolment.pk}),
            },
            {"title": _("Attempt %(number)d") % {"number": attempt.number}},
        ],
    }
    return render(request, "assessments/result.html", context)

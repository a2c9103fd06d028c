"""The live page of a quiz that is being written, and what its supervisors do there."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from assessments.conduct_forms import ConductFilter, LearnerSearch, MessageForm, MinutesForm
from assessments.models import Attempt, ExamMessage, Quiz
from assessments.services import conduct as services
from assessments.supervision import IDLE_AFTER, attach_attempts, counts, in_state, supervised
from courses.models import Run
from courses.views.refusals import refusals_told
from lms.core.templatetags.ui import moment

from .supervising import supervised_page, supervised_quiz

PAGE_SIZE = 50
SHOWN_MESSAGES = 5


@login_required
@never_cache
@require_safe
def conduct(request: HttpRequest, code: str, quiz_id: int) -> HttpResponse:
    """Everybody of the class with the state of the newest attempt; the page asks for itself again."""
    run, quiz = supervised_quiz(request, code, quiz_id)
    now = timezone.now()
    form = ConductFilter(request.GET)
    everybody = supervised(run, quiz)
    rows = (
        LearnerSearch(request.GET).narrow(everybody).filter(in_state(request.GET.get("state", ""), now=now))
    )
    rows = rows.select_related("learner", "unit").order_by("learner__name_key", "pk")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    attach_attempts(page.object_list, now=now)
    context = supervised_page(request, run, quiz, title=_("Supervising the exam")) | {
        "form": form,
        "figures": counts(everybody, now=now),
        "prepared": Attempt.prepared.filter(quiz=quiz, enrolment__run=run).count(),
        "now": now,
        "idle_minutes": int(IDLE_AFTER.total_seconds() // 60),
        "idle_before": now - IDLE_AFTER,
        "page_obj": page,
        "sent": ExamMessage.objects.filter(quiz=quiz, run=run)
        .select_related("sent_by", "attempt__enrolment__learner")
        .order_by("-pk")[:SHOWN_MESSAGES],
        "minutes_form": MinutesForm(),
        "message_form": MessageForm(),
    }
    return render(request, "assessments/conduct.html", context)


def _attempt_of(run: Run, quiz: Quiz, public_id) -> Attempt:
    return get_object_or_404(
        Attempt.objects.select_related(
            "enrolment__learner", "enrolment__unit", "enrolment__run", "stopped_by"
        ),
        quiz=quiz,
        enrolment__run=run,
        public_id=public_id,
    )


@login_required
@never_cache
@require_safe
def conduct_attempt(request: HttpRequest, code: str, quiz_id: int, public_id: uuid.UUID) -> HttpResponse:
    """One learner's attempt, and what can be done for it alone."""
    run, quiz = supervised_quiz(request, code, quiz_id)
    attempt = _attempt_of(run, quiz, public_id)
    now = timezone.now()
    learner = attempt.enrolment.learner.get_full_name()
    context = supervised_page(request, run, quiz, title=learner)
    context["breadcrumbs"].insert(
        -1,
        {
            "title": _("Supervising the exam"),
            "url": reverse("assessments:conduct", kwargs={"code": run.code, "quiz_id": quiz.pk}),
        },
    )
    context |= {
        "attempt": attempt,
        "hidden": [{"name": "attempt", "value": attempt.public_id}],
        "takes_answers": attempt.takes_answers(now=now),
        "facts": _facts(attempt, now=now),
        "signal_count": attempt.signals.count(),
        "sent": ExamMessage.objects.for_attempt(attempt).select_related(
            "sent_by", "attempt__enrolment__learner"
        ),
        "minutes_form": MinutesForm(),
        "message_form": MessageForm(),
    }
    return render(request, "assessments/conduct_attempt.html", context)


def _facts(attempt: Attempt, *, now: datetime) -> list[dict[str, Any]]:
    answers = list(attempt.questions.values_list("answer", "saved_at"))
    answered = sum(1 for answer, _at in answers if any((answer or {}).values()))
    saved = [at for _answer, at in answers if at]
    facts = [
        {"label": _("Unit"), "value": attempt.enrolment.unit.display_name},
        {"label": _("Attempt"), "value": str(attempt.number)},
        {"label": _("Started"), "value": moment(attempt.started_at)},
        {"label": _("Answered"), "value": f"{answered}/{len(answers)}"},
        {"label": _("Last saved"), "value": moment(max(saved)) if saved else ""},
    ]
    if attempt.takes_answers(now=now):
        return [*facts, {"label": _("Ends at"), "value": moment(attempt.closes_at)}]
    if attempt.stopped_by:
        return [
            *facts,
            {"label": _("Ended by"), "value": attempt.stopped_by.get_full_name()},
            {"label": _("Reason"), "value": attempt.stop_reason},
        ]
    return [*facts, {"label": _("Handed in"), "value": moment(attempt.submitted_at)}]


def _asked_attempt(request: HttpRequest, run: Run, quiz: Quiz) -> Attempt | None:
    """The one attempt an act is for, or None for all; 404 for one of another class."""
    text = request.POST.get("attempt", "")
    if not text:
        return None
    try:
        return _attempt_of(run, quiz, uuid.UUID(text))
    except ValueError as error:
        raise Http404 from error


def _back(run: Run, quiz: Quiz, attempt: Attempt | None) -> HttpResponse:
    if attempt:
        return redirect(
            "assessments:conduct_attempt", code=run.code, quiz_id=quiz.pk, public_id=attempt.public_id
        )
    return redirect("assessments:conduct", code=run.code, quiz_id=quiz.pk)


def _tell_errors(request: HttpRequest, form) -> None:
    for field, errors in form.errors.items():
        messages.error(request, f"{form.fields[field].label}: {' '.join(errors)}")


@login_required
@require_POST
def extend(request: HttpRequest, code: str, quiz_id: int) -> HttpResponse:
    """``minutes`` and ``reason``; with ``attempt`` for one, else for all who are writing."""
    run, quiz = supervised_quiz(request, code, quiz_id)
    attempt = _asked_attempt(request, run, quiz)
    form = MinutesForm(request.POST)
    if not form.is_valid():
        _tell_errors(request, form)
        return _back(run, quiz, attempt)
    with refusals_told(request):
        changed = services.extend_attempts(
            quiz=quiz, run=run, attempt=attempt, actor=request.user, now=timezone.now(), **form.cleaned_data
        )
        text = ngettext(
            "%(count)d learner has more time now.", "%(count)d learners have more time now.", changed
        )
        messages.success(request, text % {"count": changed})
    return _back(run, quiz, attempt)


@login_required
@require_POST
def send(request: HttpRequest, code: str, quiz_id: int) -> HttpResponse:
    """``text``; with ``attempt`` to one, else to all who are writing."""
    run, quiz = supervised_quiz(request, code, quiz_id)
    attempt = _asked_attempt(request, run, quiz)
    form = MessageForm(request.POST)
    if not form.is_valid():
        _tell_errors(request, form)
        return _back(run, quiz, attempt)
    with refusals_told(request):
        services.send_message(
            quiz=quiz, run=run, attempt=attempt, actor=request.user, now=timezone.now(), **form.cleaned_data
        )
        messages.success(request, _("Sent. It appears on the open page within half a minute."))
    return _back(run, quiz, attempt)


@login_required
@require_POST
def stop(request: HttpRequest, code: str, quiz_id: int) -> HttpResponse:
    """``reason``; with ``attempt`` one attempt is handed in, else everybody's."""
    run, quiz = supervised_quiz(request, code, quiz_id)
    attempt = _asked_attempt(request, run, quiz)
    with refusals_told(request):
        ended = services.stop_attempts(
            quiz=quiz,
            run=run,
            attempt=attempt,
            reason=request.POST.get("reason", ""),
            actor=request.user,
            now=timezone.now(),
        )
        text = ngettext("%(count)d attempt was handed in.", "%(count)d attempts were handed in.", ended)
        messages.success(request, text % {"count": ended})
    return _back(run, quiz, attempt)

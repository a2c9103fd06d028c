"""Signals for review: what the open page reports, and the page supervisors look at."""

import json
import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from assessments.models import Attempt
from assessments.services import signals as services
from assessments.signal_review import alike, attach_reviews, worth_a_look
from courses.views.refusals import refusals_told

from .supervising import supervised_page, supervised_quiz

PAGE_SIZE = 30
SHOWN_PAIRS = 50
LONGEST_REPORT = 4096


@require_POST
def report(request: HttpRequest, public_id: uuid.UUID) -> JsonResponse:
    """``signals`` = JSON list; asks for nothing else, and no answer of it matters to the page."""
    if not request.user.is_authenticated:
        return JsonResponse({"code": "signed_out"}, status=401)
    attempt = (
        Attempt.objects.visible_to(request.user)
        .select_related("enrolment")
        .filter(public_id=public_id)
        .first()
    )
    if attempt is None:
        return JsonResponse({"code": "not_found"}, status=404)
    text = request.POST.get("signals", "")
    try:
        if len(text) > LONGEST_REPORT:
            raise services.BadSignals
        kept = services.report_signals(
            attempt=attempt, signals=json.loads(text), actor=request.user, now=timezone.now()
        )
    except (services.BadSignals, ValueError, RecursionError):
        return JsonResponse({"code": "bad_request"}, status=400)
    return JsonResponse({"kept": kept})


@login_required
@require_safe
def signals(request: HttpRequest, code: str, quiz_id: int) -> HttpResponse:
    """Attempts worth a look; with ``pairs`` the learners whose mistakes are alike, computed when asked for."""
    run, quiz = supervised_quiz(request, code, quiz_id)
    page = Paginator(worth_a_look(run, quiz), PAGE_SIZE).get_page(request.GET.get("page"))
    attach_reviews(list(page.object_list))
    context = supervised_page(request, run, quiz, title=_("Signals for review")) | {
        "page_obj": page,
        "asks_pairs": "pairs" in request.GET,
        "pairs": alike(run, quiz)[:SHOWN_PAIRS] if "pairs" in request.GET else [],
    }
    return render(request, "assessments/signals.html", context)


@login_required
@require_POST
def note(request: HttpRequest, code: str, quiz_id: int, public_id: uuid.UUID) -> HttpResponse:
    """``text``: what was decided after looking."""
    run, quiz = supervised_quiz(request, code, quiz_id)
    attempt = get_object_or_404(
        Attempt.objects.select_related("enrolment"), quiz=quiz, enrolment__run=run, public_id=public_id
    )
    with refusals_told(request):
        services.note_decision(
            attempt=attempt,
            quiz=quiz,
            run=run,
            text=request.POST.get("text", ""),
            actor=request.user,
            now=timezone.now(),
        )
        messages.success(request, _("Noted."))
    return redirect("assessments:signals", code=run.code, quiz_id=quiz.pk)

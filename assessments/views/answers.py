"""What the open attempt's page asks while it is open: small answers in JSON, no page.

Every answer carries the server's clock (``server_now`` and ``closes_at``, milliseconds since 1970) and, when refused,
a ``code`` the page acts on. Anything but a 200 with the saved number means: not saved.
"""

import json
import uuid
from dataclasses import asdict
from datetime import datetime

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from assessments.models import Attempt, AttemptQuestion, ExamMessage
from assessments.papers import paper_of, passed_answers
from assessments.services import attempts as services
from assessments.services.signals import note_address
from lms.core.throttle import client_address

LONGEST_ANSWER = 64_000  # characters of JSON: an essay with every letter escaped is cut off by its own limit


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _messages(attempt: Attempt) -> list[dict]:
    """What supervisors have said to this learner, the oldest first."""
    return [
        {"id": message.pk, "text": message.text, "sent_at": _milliseconds(message.sent_at)}
        for message in ExamMessage.objects.for_attempt(attempt)
    ]


def refusal(status: int, code: str, message: str, *, now: datetime, **more) -> JsonResponse:
    return JsonResponse(
        {"code": code, "message": message, "server_now": _milliseconds(now), **more}, status=status
    )


def signed_out(now: datetime) -> JsonResponse:
    """A redirect to the sign-in page would look like success to a script."""
    return refusal(401, "signed_out", "", now=now)


def closed(error: services.AttemptClosed, public_id: uuid.UUID, now: datetime) -> JsonResponse:
    url = reverse("assessments:result", kwargs={"public_id": public_id})
    return refusal(410, "closed", str(error), now=now, result_url=url)


def own_open_attempt(request: HttpRequest, public_id: uuid.UUID, *, now: datetime) -> Attempt:
    """Raises Attempt.DoesNotExist for another's, AttemptClosed when it takes no answers."""
    attempt = Attempt.objects.visible_to(request.user).select_related("enrolment").get(public_id=public_id)
    if not attempt.takes_answers(now=now):
        raise services.AttemptClosed
    return attempt


@require_POST
def save(request: HttpRequest, public_id: uuid.UUID, position: int) -> JsonResponse:
    """The hot path: ``answer`` (JSON), ``sequence``, ``tab_token`` → 200 only when committed.

    Four statements with session and user; no page, no audit, no scope beyond "the own attempt" (404 otherwise).
    """
    now = timezone.now()
    if not request.user.is_authenticated:
        return signed_out(now)
    try:
        text = request.POST.get("answer", "")
        if len(text) > LONGEST_ANSWER:
            return refusal(413, "too_long", "", now=now)
        sequence = services.save_answer(
            attempt_id=public_id,
            position=position,
            answer=json.loads(text),
            sequence=int(request.POST.get("sequence", "")),
            tab_token=uuid.UUID(request.POST.get("tab_token", "")),
            actor=request.user,
            now=now,
        )
    except AttemptQuestion.DoesNotExist:
        return refusal(404, "not_found", "", now=now)
    except services.AttemptClosed as error:
        return closed(error, public_id, now)
    except services.StaleTab as error:
        return refusal(409, "stale_tab", str(error), now=now)
    except services.QuestionPassed as error:
        return refusal(409, "passed", str(error), now=now)
    except services.StaleAnswer as error:
        return refusal(409, "superseded", str(error), now=now, sequence=error.sequence)
    except services.BadAnswer as error:
        return refusal(400, "bad_answer", str(error), now=now)
    except (ValueError, RecursionError):
        return refusal(400, "bad_request", "", now=now)
    return JsonResponse(
        {"saved_at": _milliseconds(now), "server_now": _milliseconds(now), "sequence": sequence}
    )


@require_POST
def open_tab(request: HttpRequest, public_id: uuid.UUID) -> JsonResponse:
    """Give this tab the pen: its token, the clock, and every question's stored answer with its number."""
    now = timezone.now()
    if not request.user.is_authenticated:
        return signed_out(now)
    attempt = (
        Attempt.objects.visible_to(request.user)
        .select_related("enrolment")
        .filter(public_id=public_id)
        .first()
    )
    if attempt is None:
        return refusal(404, "not_found", "", now=now)
    try:
        token = services.open_tab(attempt=attempt, actor=request.user, now=now)
        note_address(attempt=attempt, address=client_address(request), actor=request.user, now=now)
    except services.AttemptClosed as error:
        services.close_if_overdue(attempt=attempt, now=now)
        return closed(error, public_id, now)
    return JsonResponse(
        {
            "tab_token": str(token),
            "server_now": _milliseconds(now),
            "closes_at": _milliseconds(attempt.closes_at),
            "messages": _messages(attempt),
            "questions": [
                {
                    "position": question.position,
                    "kind": question.kind,
                    "choices": [choice.id for choice in question.choices],
                    "answer": question.answer,
                    "sequence": question.sequence,
                    **({"files": [asdict(file) for file in question.files]} if question.is_file else {}),
                }
                for question in paper_of(attempt)
            ],
            # Of questions that were gone on from what is stored, so that a page knows which of its answers arrived.
            "passed": [
                {"position": position, "sequence": sequence, "answer": answer}
                for position, sequence, answer in passed_answers(attempt)
            ],
        }
    )


@require_safe
def clock(request: HttpRequest, public_id: uuid.UUID) -> JsonResponse:
    """The server's time, the attempt's end and what supervisors said: asked when the page wakes, and now and then."""
    now = timezone.now()
    if not request.user.is_authenticated:
        return signed_out(now)
    try:
        attempt = own_open_attempt(request, public_id, now=now)
    except Attempt.DoesNotExist:
        return refusal(404, "not_found", "", now=now)
    except services.AttemptClosed as error:
        return closed(error, public_id, now)
    return JsonResponse(
        {
            "server_now": _milliseconds(now),
            "closes_at": _milliseconds(attempt.closes_at),
            "messages": _messages(attempt),
        }
    )

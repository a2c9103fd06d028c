"""Files as answers: taken from the open attempt's page, given back to who wrote them and who marks them."""

import uuid
from dataclasses import asdict

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from assessments.models import AnswerFile, Attempt, AttemptQuestion
from assessments.papers import PaperFile
from assessments.permissions import can_mark
from assessments.services.answer_files import FileRefused, FileTooLarge, keep_file
from assessments.services.attempts import AttemptClosed

from .answers import closed, own_open_attempt, refusal, signed_out


@require_POST
def upload(request: HttpRequest, public_id: uuid.UUID, position: int) -> JsonResponse:
    """``file`` → 200 with its id, which an answer then names. Nothing is handed in by this alone."""
    now = timezone.now()
    if not request.user.is_authenticated:
        return signed_out(now)
    sent = request.FILES.get("file")
    if sent is None:
        return refusal(400, "bad_request", "", now=now)
    try:
        attempt = own_open_attempt(request, public_id, now=now)
        file = keep_file(attempt=attempt, position=position, upload=sent, now=now)
    except (Attempt.DoesNotExist, AttemptQuestion.DoesNotExist):
        return refusal(404, "not_found", "", now=now)
    except AttemptClosed as error:
        return closed(error, public_id, now)
    except FileTooLarge as error:
        return refusal(413, "too_large", str(error), now=now)
    except FileRefused as error:
        return refusal(400, "bad_file", str(error), now=now)
    return JsonResponse(asdict(PaperFile.of(file)))


@login_required
@require_safe
def download(request: HttpRequest, public_id: uuid.UUID) -> FileResponse:
    """The file, to keep and not to be shown by the browser; 404 for everybody it is not for."""
    files = AnswerFile.objects.select_related("row__attempt__enrolment__run")
    file = files.filter(public_id=public_id).first()
    if file is None:
        raise Http404
    enrolment = file.row.attempt.enrolment
    if request.user.pk != enrolment.learner_id and not can_mark(request.user, enrolment.run):
        raise Http404
    response = FileResponse(file.file.open("rb"), as_attachment=True, filename=file.name)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response

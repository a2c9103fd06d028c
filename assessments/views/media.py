"""Pictures and sounds of questions: for who was asked and for who keeps the banks."""

from django.contrib.auth.decorators import login_required
from django.db.models import F, Q
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from assessments.media_content import CONTENT_TYPES
from assessments.models import Attempt, AttemptQuestion, MediaFile
from assessments.permissions import can_keep_banks

KEPT_SECONDS = 24 * 3600


@login_required
@require_safe
def media(request: HttpRequest, sha256: str) -> FileResponse:
    """The file under its fingerprint, which never changes; 404 for who was not asked a question that shows it (yet)."""
    file = get_object_or_404(MediaFile, sha256=sha256)
    asked = (
        AttemptQuestion.objects.filter(version__media=file, attempt__enrolment__learner=request.user)
        .exclude(attempt__state=Attempt.State.PREPARED)
        .filter(
            Q(attempt__furthest__isnull=True)
            | Q(position__lte=F("attempt__furthest"))
            | ~Q(attempt__state=Attempt.State.IN_PROGRESS)
        )
    )
    if not can_keep_banks(request.user) and not asked.exists():
        raise Http404
    content_type = CONTENT_TYPES[file.file.name.rpartition(".")[2]]
    response = FileResponse(file.file.open("rb"), content_type=content_type)
    response["Cache-Control"] = f"private, max-age={KEPT_SECONDS}, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response

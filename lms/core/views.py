"""Pages of the platform itself: health, public files, the pattern page and the jobs."""

import mimetypes
from pathlib import PurePosixPath

from django.core.files.storage import default_storage
from django.db import connection
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

# Formats a browser may show in place; anything else is offered as a download.
INLINE_TYPES = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/svg+xml"}


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 when the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


@require_safe
def public_media(request: HttpRequest, name: str) -> HttpResponse:
    """Images of public pages. Private files live in another storage and never pass here.

    Whatever was uploaded gets a policy under which no script can run, SVG included.
    """
    # Dots would lead out of the two folders, into documents that ask for a right.
    in_folder = name.startswith(("images/", "original_images/")) and ".." not in PurePosixPath(name).parts
    if not in_folder or not default_storage.exists(name):
        raise Http404
    content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    response = FileResponse(
        default_storage.open(name), content_type=content_type, as_attachment=content_type not in INLINE_TYPES
    )
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response["Cache-Control"] = "public, max-age=86400"
    return response


@require_safe
def patterns(request: HttpRequest) -> HttpResponse:
    """Every component with its states, for developers and designers."""
    return render(request, "patterns.html")

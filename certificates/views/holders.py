"""For those who hold certificates: the list of their own, and the file."""

from django.contrib.auth.decorators import login_required
from django.core.files.storage import storages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from certificates.models import Certificate

PER_PAGE = 20


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    held = Certificate.objects.filter(enrolment__learner=request.user).order_by("-issued_on", "-pk")
    page = Paginator(held, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "certificates/mine.html", {"page_obj": page})


@login_required
@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The PDF as it was issued. Whoever may not have it learns nothing of it."""
    certificate = get_object_or_404(Certificate.objects.file_readable_by(request.user), pk=pk)
    if not certificate.file:
        raise Http404
    response = FileResponse(
        storages["private"].open(certificate.file),
        as_attachment=True,
        filename=f"{certificate.kind.replace('_', '-')}-{certificate.number:04d}-{certificate.year}.pdf",
        content_type="application/pdf",
    )
    response["Cache-Control"] = "private, no-store"
    return response

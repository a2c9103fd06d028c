"""The register book on the page, on paper and as a workbook."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.files.storage import storages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from certificates.book import BOOK_JOB, FILTERS, ROWS_AT_ONCE, book_file, book_rows, make_book, order_book
from certificates.forms import RegisterFilter
from certificates.models import Certificate
from certificates.pdf.headings import title_lines
from certificates.pdf.register_book import COLUMNS
from certificates.permissions import can_read_register
from certificates.register import register_rows, register_workbook, sorted_register
from lms.core.job_cards import job_card
from lms.core.models import Job
from lms.core.permissions import may_follow
from lms.core.spreadsheets import XLSX_TYPE

PER_PAGE = 50
# A sheet holds some ten lines; more than this is for the PDF or the workbook, or for a narrower filter.
PRINT_LIMIT = 1000
BOOK_NAME = "so-cap-chung-chi"


def _require_register(user) -> None:
    if not can_read_register(user):
        raise PermissionDenied


def _shown_job(request: HttpRequest) -> dict | None:
    """The bar of the book that was just ordered."""
    try:
        job = Job.objects.filter(public_id=UUID(request.GET.get("job", "")), kind=BOOK_JOB).first()
    except ValueError:
        return None
    return job_card(job) if job and may_follow(request.user, job) else None


def _filtered(request: HttpRequest) -> tuple[RegisterFilter, QuerySet[Certificate]]:
    _require_register(request.user)
    form = RegisterFilter(request.GET)
    return form, sorted_register(form.apply(Certificate.objects.all()), request.GET.get("sort", "-number"))


@login_required
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    form, certificates = _filtered(request)
    page = Paginator(certificates, PER_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    query.pop("job", None)
    context = {
        "form": form,
        "page_obj": page,
        "rows": register_rows(page),
        "sort": request.GET.get("sort", "-number"),
        "query": f"?{query.urlencode()}" if query else "",
        "reset_url": reverse("certificates:register"),
        "is_long": page.paginator.count > ROWS_AT_ONCE,
        "job": _shown_job(request),
    }
    return render(request, "certificates/register.html", context)


def _chosen(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in FILTERS if request.GET.get(name)}


@login_required
@require_safe
def register_print(request: HttpRequest) -> HttpResponse:
    _require_register(request.user)
    rows, heading = book_rows(_chosen(request), limit=PRINT_LIMIT)
    context = {
        **heading,
        "rows": rows,
        "printed_on": timezone.localdate(),
        "columns": COLUMNS,
        "signer_lines": title_lines(heading["names"].signer_title) if heading["names"] else [],
    }
    return render(request, "certificates/register_print.html", context)


@login_required
@require_safe
def register_pdf(request: HttpRequest) -> HttpResponse:
    """A short book at once; of a long one the first lines, and the page offers the whole as a job."""
    _require_register(request.user)
    content = make_book(_chosen(request), printed_on=timezone.localdate(), limit=ROWS_AT_ONCE)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{BOOK_NAME}.pdf"'
    return response


@login_required
@require_POST
def register_book(request: HttpRequest) -> HttpResponse:
    """Order the whole book; the register then shows the job's bar."""
    _require_register(request.user)
    job = order_book(filters=_chosen(request), actor=request.user, now=timezone.now())
    query = urlencode({**_chosen(request), "job": job.public_id})
    return redirect(f"{reverse('certificates:register')}?{query}")


@login_required
@require_safe
def register_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The book a job has made, for whoever ordered it and those who oversee jobs."""
    _require_register(request.user)
    job = get_object_or_404(Job, public_id=public_id, kind=BOOK_JOB, state=Job.State.SUCCEEDED)
    if not may_follow(request.user, job):
        raise Http404
    return FileResponse(
        storages["private"].open(book_file(job.public_id)),
        as_attachment=True,
        filename=f"{BOOK_NAME}.pdf",
        content_type="application/pdf",
    )


@login_required
@require_safe
def register_xlsx(request: HttpRequest) -> HttpResponse:
    _form, certificates = _filtered(request)
    if "sort" not in request.GET:
        certificates = sorted_register(certificates, "number")
    response = HttpResponse(register_workbook(certificates.iterator(chunk_size=2000)), content_type=XLSX_TYPE)
    response["Content-Disposition"] = 'attachment; filename="so-cap-chung-chi.xlsx"'
    return response

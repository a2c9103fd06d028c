"""Taking questions over from a file in the CMS admin: choose, look, load."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from assessments.models import QuestionCategory
from assessments.permissions import can_keep_banks
from assessments.question_files import FORMATS, FileFault, read_questions
from assessments.question_files.template import template
from assessments.services.question_export import FORMATS as EXPORT_FORMATS
from assessments.services.question_export import export_bank
from assessments.services.question_import import count_outcomes, import_questions
from lms.core.spreadsheets import XLSX_TYPE
from lms.core.vietnamese import fold

SALT = "assessments.question_import"
# What was looked at may be loaded for so long.
MOST_SECONDS = 24 * 60 * 60
# The page brings back what was looked at as a field, and Django takes fields up to a limit.
MOST_KEPT = settings.DATA_UPLOAD_MAX_MEMORY_SIZE - 100_000
# More would keep other writers and the browser waiting; the command takes any number.
MOST_QUESTIONS = 1000


class ImportForm(forms.Form):
    category = forms.ModelChoiceField(QuestionCategory.objects.all(), label=gettext_lazy("Bank"))
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "The workbook filled in, GIFT, Moodle XML, Aiken or a QTI item up to 5 MB; a QTI package up to 50 MB."
        ),
        widget=forms.FileInput(attrs={"accept": ".txt,.gift,.xml,.xlsx,.zip"}),
    )
    file_format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        choices=[("", gettext_lazy("find out")), *FORMATS.items()],
        required=False,
    )
    ready = forms.BooleanField(
        label=gettext_lazy("Ready for use at once"),
        help_text=gettext_lazy("Otherwise they are drafts, to be read before they are asked."),
        required=False,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: HttpRequest) -> HttpResponse:
    """Without a file the form; with one what would be done; with what was looked at the loading."""
    if not can_keep_banks(request.user):
        raise PermissionDenied
    if "looked_at" in request.POST:
        return _load(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    preview: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        try:
            preview = _preview(request, form.cleaned_data)
        except FileFault as fault:
            words = (
                _("Line %(line)d: %(fault)s") % {"line": fault.line, "fault": fault.message}
                if fault.line
                else fault.message
            )
            form.add_error("file", words)
    return _page(request, form=form, status=422 if form.errors else 200, **preview)


@require_safe
def template_file(request: HttpRequest) -> HttpResponse:
    """The workbook to fill in."""
    if not can_keep_banks(request.user):
        raise PermissionDenied
    return _download(template(), XLSX_TYPE, "mau-cau-hoi.xlsx")


@require_safe
def export_file(request: HttpRequest) -> HttpResponse:
    """The questions of one bank; ``format`` is one of ``question_export.FORMATS``."""
    if not can_keep_banks(request.user):
        raise PermissionDenied
    bank = get_object_or_404(QuestionCategory, pk=request.GET.get("category", "0").strip() or "0")
    file_format = request.GET.get("format", "xlsx")
    if file_format not in EXPORT_FORMATS:
        raise Http404
    exported = export_bank(category=bank, file_format=file_format, actor=request.user, now=timezone.now())
    name = slugify(fold(bank.code)) or "cau-hoi"
    return _download(exported.content, exported.content_type, f"cau-hoi-{name}.{exported.extension}")


def _download(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _preview(request: HttpRequest, asked: dict[str, Any]) -> dict[str, Any]:
    content = asked["file"].read()
    name, questions = read_questions(content, asked["file_format"])
    if len(questions) > MOST_QUESTIONS:
        raise FileFault(
            _(
                "The file holds %(count)d questions; here %(most)d at a time are taken over. "
                "Split it, or have it loaded by the operator."
            )
            % {"count": len(questions), "most": MOST_QUESTIONS}
        )
    lines = import_questions(
        questions,
        category=asked["category"],
        actor=request.user,
        now=timezone.now(),
        file_format=name,
        ready=asked["ready"],
        dry_run=True,
    )
    kept = {
        "category": asked["category"].pk,
        "format": name,
        "ready": asked["ready"],
        "content": content.decode("latin-1"),
    }
    looked_at = signing.dumps(kept, salt=SALT, compress=True)
    if len(looked_at) > MOST_KEPT:
        raise FileFault(
            _("The file is too large with its pictures. Split it, or have it loaded by the operator.")
        )
    return {
        "lines": lines,
        "counts": count_outcomes(lines),
        "format_name": FORMATS[name],
        "bank": asked["category"],
        "looked_at": looked_at,
    }


def _load(request: HttpRequest) -> HttpResponse:
    try:
        kept = signing.loads(request.POST["looked_at"], salt=SALT, max_age=MOST_SECONDS)
    except signing.BadSignature:
        messages.error(request, _("This preview is too old. Choose the file again."))
        return redirect("question_import")
    category = QuestionCategory.objects.filter(pk=kept["category"]).first()
    if category is None:
        messages.error(request, _("The bank is gone. Choose another one."))
        return redirect("question_import")
    name, questions = read_questions(kept["content"].encode("latin-1"), kept["format"])
    lines = import_questions(
        questions,
        category=category,
        actor=request.user,
        now=timezone.now(),
        file_format=name,
        ready=kept["ready"],
    )
    counts = count_outcomes(lines)
    done = counts["created"] + counts["changed"]
    messages.success(
        request, ngettext("%(n)d question taken over.", "%(n)d questions taken over.", done) % {"n": done}
    )
    listing = reverse("wagtailsnippets_assessments_question:list")
    return redirect(f"{listing}?category={category.pk}")


def _page(request: HttpRequest, *, status: int, **context: Any) -> HttpResponse:
    title = _("Take questions over from a file")
    context |= {
        "header_icon": "download",
        "header_title": title,
        "breadcrumbs_items": [
            {"url": reverse("wagtailsnippets_assessments_question:list"), "label": _("Questions")},
            {"url": "", "label": title},
        ],
    }
    return render(request, "assessments/admin/import.html", context, status=status)

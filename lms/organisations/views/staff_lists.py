"""A staff list in the CMS admin: sent in, its headings mapped, previewed, loaded; each step at an address of its own."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lms.core.job_cards import job_card
from lms.core.models import Job
from lms.core.storage import private_storage
from lms.organisations.forms import DayField
from lms.organisations.staff_import.cells import written
from lms.organisations.staff_import.columns import COLUMNS, LABELS, NEEDED
from lms.organisations.staff_import.lists import (
    INVITE_JOB,
    LOAD_JOB,
    PREVIEW_JOB,
    StaffList,
    ask_for_invitations,
    ask_for_loading,
    ask_for_preview,
)
from lms.organisations.staff_import.matching import NEW_PERSON
from lms.organisations.staff_import.reading import MOST_BYTES, Table
from lms.organisations.unit_files import UnreadableFile

from .access import for_configurers

SALT = "organisations.staff-list"
HOURS_VALID = 24
SAMPLE_ROWS = 3
LEFT_OUT = "-"


class UploadForm(forms.Form):
    list = forms.FileField(
        label=gettext_lazy("Staff list"),
        help_text=gettext_lazy("xlsx or csv. Title rows above the headings and blank rows do no harm."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    on = DayField(
        label=gettext_lazy("As at"),
        help_text=gettext_lazy(
            "First day of new postings; people in other units sit there from this day on."
        ),
    )
    all_or_nothing = forms.BooleanField(
        label=gettext_lazy("Load nothing when one row is refused"), required=False
    )

    def clean_list(self):
        sent = self.cleaned_data["list"]
        if sent.size > MOST_BYTES:
            most = {"most": MOST_BYTES // 2**20}
            raise forms.ValidationError(_("The file is larger than %(most)d MB.") % most)
        return sent


class MappingForm(forms.Form):
    """One choice for each heading of the file."""

    def __init__(self, *args, table: Table, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.table = table
        recognised = {place: column for column, place in (table.places or {}).items()}
        choices = [("", _("not used")), *((column, LABELS[column]) for column in COLUMNS)]
        for place, heading in enumerate(table.header):
            if heading:
                self.fields[f"place-{place}"] = forms.ChoiceField(
                    label=heading, choices=choices, required=False, initial=recognised.get(place, "")
                )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        used = [column for column in cleaned.values() if column]
        for column in COLUMNS:
            if used.count(column) > 1:
                raise forms.ValidationError(
                    _("“%(column)s” is chosen for two headings.") % {"column": LABELS[column]}
                )
        missing = [str(LABELS[column]) for column in NEEDED if column not in used]
        if missing:
            raise forms.ValidationError(
                _("Say which heading holds: %(columns)s.") % {"columns": ", ".join(missing)}
            )
        return cleaned

    @property
    def chosen(self) -> dict[str, str]:
        """Heading → column; "" leaves a heading out."""
        return {self.fields[name].label: column for name, column in self.cleaned_data.items()}

    def rows(self) -> list[dict[str, Any]]:
        """Each heading with its field and its place in the row."""
        return [
            {"heading": field.label, "field": self[name], "place": int(name.rpartition("-")[2])}
            for name, field in self.fields.items()
        ]


def crumbs(*further: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"url": reverse("wagtailadmin_home"), "label": _("Home")},
        {"url": reverse("staff_lists:index"), "label": _("Staff lists")},
        *further,
    ]


@for_configurers
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Send a list in; the lists loaded before."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        staff_list = StaffList.receive(
            form.cleaned_data["list"],
            on=form.cleaned_data["on"],
            all_or_nothing=form.cleaned_data["all_or_nothing"],
        )
        try:
            staff_list.table()
        except UnreadableFile as error:
            private_storage().delete(staff_list.file)
            form.add_error("list", str(error))
        else:
            token = signing.dumps(vars(staff_list), salt=SALT)
            return redirect(f"{reverse('staff_lists:columns')}?list={token}")
    loads = Job.objects.filter(kind=LOAD_JOB).select_related("requested_by").order_by("-pk")[:20]
    context = {
        "header_icon": "group",
        "header_title": _("Staff lists"),
        "breadcrumbs_items": crumbs()[:-1] + [{"url": "", "label": _("Staff lists")}],
        "form": form,
        "loads": loads,
        "columns": [field.column_name for field in COLUMNS.values()],
    }
    return render(
        request, "organisations/admin/staff_lists.html", context, status=400 if form.errors else 200
    )


def _sent_in(request: HttpRequest) -> tuple[StaffList, Table]:
    """The list that the address speaks of; 404 when it is not ours or no longer kept."""
    try:
        staff_list = StaffList(
            **signing.loads(request.GET.get("list", ""), salt=SALT, max_age=HOURS_VALID * 3600)
        )
        return staff_list, staff_list.table()
    except (signing.BadSignature, FileNotFoundError) as error:
        raise Http404 from error


@for_configurers
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest) -> HttpResponse:
    """Which heading is which; those that are known are chosen already."""
    staff_list, table = _sent_in(request)
    form = MappingForm(request.POST if request.method == "POST" else None, table=table)
    if request.method == "POST" and form.is_valid():
        job = ask_for_preview(staff_list.mapped(form.chosen), actor=request.user, now=timezone.now())
        return redirect("staff_lists:job", job.public_id)
    samples = [] if table.places is None else _samples(table)
    context = {
        "header_icon": "group",
        "header_title": _("Headings of %(name)s") % {"name": staff_list.name},
        "breadcrumbs_items": crumbs({"url": "", "label": _("Headings")}),
        "form": form,
        "rows": [
            {**row, "samples": [sample.get(row["place"], "") for sample in samples]} for row in form.rows()
        ],
        "table": table,
        "staff_list": staff_list,
    }
    return render(
        request, "organisations/admin/staff_columns.html", context, status=400 if form.errors else 200
    )


def _samples(table: Table) -> list[dict[int, str]]:
    """The first rows below the headings: place → what stands there."""
    samples = []
    for _number, cells in table.rows_below():
        if any(written(cell) for cell in cells):
            samples.append({place: written(cell) for place, cell in enumerate(cells)})
        if len(samples) == SAMPLE_ROWS:
            break
    return samples


def _job(public_id: UUID, *kinds: str) -> Job:
    return get_object_or_404(Job, public_id=public_id, kind__in=kinds)


@for_configurers
@require_safe
def job(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A preview or a load: its bar while it goes on, then what came of it."""
    shown = _job(public_id, PREVIEW_JOB, LOAD_JOB)
    is_preview = shown.kind == PREVIEW_JOB
    invitations = Job.objects.filter(kind=INVITE_JOB, payload__of=str(shown.public_id)).last()
    load = None
    if is_preview:
        load = Job.objects.filter(kind=LOAD_JOB, payload__file=shown.payload["file"]).last()
    result = shown.result
    counts = result.get("counts", {})
    context = {
        "header_icon": "group",
        "header_title": shown.title,
        "breadcrumbs_items": crumbs({"url": "", "label": _("Preview") if is_preview else _("Load")}),
        "job": shown,
        "card": job_card(shown),
        "is_preview": is_preview,
        "result": result,
        "counts": counts,
        "to_load": counts.get("created", 0) + counts.get("changed", 0),
        "new_person": NEW_PERSON,
        "left_out": LEFT_OUT,
        "load": load,
        "invitations": invitations,
        "invitation_card": job_card(invitations) if invitations else None,
    }
    return render(request, "organisations/admin/staff_job.html", context)


@for_configurers
@require_POST
def answer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Who the people asked about are; shown in a new preview."""
    preview = _job(public_id, PREVIEW_JOB)
    answers = {
        name.removeprefix("row-"): value
        for name, value in request.POST.items()
        if name.startswith("row-") and name.removeprefix("row-").isdigit() and value not in ("", LEFT_OUT)
    }
    again = ask_for_preview(
        StaffList(**preview.payload).answered(answers), actor=request.user, now=timezone.now()
    )
    return redirect("staff_lists:job", again.public_id)


@for_configurers
@require_POST
def load(request: HttpRequest, public_id: UUID) -> HttpResponse:
    preview = _job(public_id, PREVIEW_JOB)
    loading = ask_for_loading(preview, actor=request.user, now=timezone.now())
    return redirect("staff_lists:job", loading.public_id)


@for_configurers
@require_POST
def invite(request: HttpRequest, public_id: UUID) -> HttpResponse:
    loading = _job(public_id, LOAD_JOB)
    ask_for_invitations(loading, actor=request.user, now=timezone.now())
    messages.success(request, _("The invitations go out in the background."))
    return redirect("staff_lists:job", public_id)


@for_configurers
@require_safe
def errors(request: HttpRequest, public_id: UUID) -> FileResponse:
    """All refused rows, as a file."""
    shown = _job(public_id, PREVIEW_JOB, LOAD_JOB)
    name = shown.result.get("errors")
    if not name or not private_storage().exists(name):
        raise Http404
    return FileResponse(
        private_storage().open(name), as_attachment=True, filename=f"dong-khong-nhan{Path(name).suffix}"
    )

"""A change of the structure: filled in, previewed by doing it and taking it back, confirmed, kept, undone."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lms.core.errors import DomainError
from lms.organisations.change_forms import CHANGE_FORMS, ChangeForm, ScanForm
from lms.organisations.models import Unit, UnitEvent
from lms.organisations.services import keep_scan, preview_change, undo_event

from .access import for_configurers
from .units import index_crumbs

PER_PAGE = 30


def _form_of(kind: str, unit: Unit | None, data=None) -> ChangeForm:
    form = CHANGE_FORMS.get(kind)
    if form is None or (unit is None and kind != UnitEvent.Kind.CREATE):
        raise Http404
    return form(data, unit=unit)


@for_configurers
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, kind: str = "create", pk: int | None = None) -> HttpResponse:
    """One change, in three steps at one address: the form, what it would do, done.

    What is confirmed is what was shown: where the consequences have changed since, they are shown again.
    """
    unit = get_object_or_404(Unit.objects.existing(), pk=pk) if pk else None
    form = _form_of(kind, unit, request.POST or None)
    title = UnitEvent.Kind(kind).label.capitalize()
    crumbs = [{"url": reverse("units:edit", args=[unit.pk]), "label": unit.display_name}] if unit else []
    context = {
        "header_icon": "site",
        "header_title": f"{title} – {unit.display_name}" if unit else title,
        "breadcrumbs_items": index_crumbs(*crumbs, {"url": "", "label": title}),
        "form": form,
        "title": title,
        "unit": unit,
        "back": reverse("units:edit", args=[unit.pk]) if unit else reverse("units:index"),
    }
    if request.method == "POST" and form.is_valid() and "edit" not in request.POST:
        operation = form.operation(actor=request.user, now=timezone.now())
        try:
            preview = preview_change(operation)
            if request.POST.get("confirmed") == preview.fingerprint:
                event = operation()
                messages.success(request, _("The change has been entered."))
                return redirect("units:event", event.pk)
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            context["preview"] = preview
            context["stale"] = "confirmed" in request.POST
    return render(request, "organisations/admin/change.html", context)


@for_configurers
@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """All changes, the latest first."""
    rows = UnitEvent.objects.select_related("recorded_by").prefetch_related("units")
    kind = request.GET.get("loai", "")
    if kind in UnitEvent.Kind.values:
        rows = rows.filter(kind=kind)
    title = _("Changes of the structure")
    return render(
        request,
        "organisations/admin/events.html",
        {
            "header_icon": "history",
            "header_title": title,
            "breadcrumbs_items": index_crumbs({"url": "", "label": title}),
            "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
            "kind": kind,
            "kinds": UnitEvent.Kind.choices,
        },
    )


@for_configurers
@require_safe
def event_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _event_page(request, get_object_or_404(UnitEvent, pk=pk), ScanForm())


def _event_page(request: HttpRequest, event: UnitEvent, form: ScanForm) -> HttpResponse:
    changes = event.changes
    return render(
        request,
        "organisations/admin/event.html",
        {
            "header_icon": "history",
            "header_title": str(event),
            "breadcrumbs_items": index_crumbs(
                {"url": reverse("units:events"), "label": _("Changes of the structure")},
                {"url": "", "label": str(event)},
            ),
            "event": event,
            "units": event.units.order_by("path"),
            "successions": event.successions.select_related("from_unit", "to_unit").order_by("pk"),
            "people": len(changes["postings_closed"]),
            "participations": sum(len(moved) for moved in changes["moved"].values()),
            "roles": len(changes["roles_ended"]),
            "scan_form": form,
        },
    )


@for_configurers
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    event = get_object_or_404(UnitEvent, pk=pk)
    try:
        undo_event(event=event, actor=request.user, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("The change has been undone."))
    return redirect("units:event", pk)


@for_configurers
@require_http_methods(["GET", "HEAD", "POST"])
def scan(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper of a change: given to those with the right, or put to it."""
    event = get_object_or_404(UnitEvent, pk=pk)
    if request.method == "POST":
        form = ScanForm(request.POST, request.FILES)
        if not form.is_valid():
            return _event_page(request, event, form)
        keep_scan(event=event, scan=form.cleaned_data["scan"], actor=request.user, now=timezone.now())
        messages.success(request, _("The scan has been kept."))
        return redirect("units:event", pk)
    if not event.scan:
        raise Http404
    return FileResponse(event.scan.open("rb"), as_attachment=True, filename=event.scan.name.rsplit("/", 1)[1])

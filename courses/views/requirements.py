"""Requirements: the list, setting, changing and ending one; exemptions and recognised training of one official."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.listing import page_of, sort_rows
from courses.models import Exemption, Requirement
from courses.page_links import shown_title
from courses.permissions import may_manage_training
from courses.requirement_forms import (
    EndForm,
    ExemptionForm,
    RecognitionForm,
    RequirementChangeForm,
    RequirementForm,
)
from courses.services.requirements import (
    change_requirement,
    end_exemption,
    end_requirement,
    grant_exemption,
    recognise_training,
    set_requirement,
)
from lms.core.errors import DomainError, NotAllowed
from lms.organisations.access import access_for

from .refusals import refusals_told

ORDERS = {
    "code": ("code",),
    "title": ("title",),
    "starts": ("starts_on",),
    "due": ("due_on", "within_days"),
}


def _require_reader(request: HttpRequest) -> None:
    if not access_for(request.user).sees_all_units:
        raise PermissionDenied


def _require_manager(request: HttpRequest) -> None:
    if not may_manage_training(request.user, now=timezone.now()):
        raise PermissionDenied


def _parent() -> dict[str, Any]:
    return {"title": _("Requirements"), "url": reverse("courses:requirements")}


def _requirement(code: str) -> Requirement:
    rows = Requirement.objects.select_related("course", "created_by")
    return get_object_or_404(rows.annotate(course_title=shown_title("course__")), code=code)


@login_required
@require_safe
def requirements(request: HttpRequest) -> HttpResponse:
    """What is required of whom, the newest first."""
    _require_reader(request)
    rows = Requirement.objects.annotate(
        course_title=shown_title("course__"), unit_count=Count("unit_links", distinct=True)
    )
    rows, sort = sort_rows(request, rows, ORDERS, default="-starts")
    context = {
        "page_obj": page_of(request, rows),
        "sort": sort,
        "today": timezone.localdate(),
        "may_manage": may_manage_training(request.user, now=timezone.now()),
    }
    return render(request, "courses/requirements.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def requirement_create(request: HttpRequest) -> HttpResponse:
    _require_manager(request)
    form = RequirementForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            requirement = set_requirement(**form.cleaned_data, actor=request.user, now=timezone.now())
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except DomainError as refusal:
            form.tell(refusal)
        else:
            messages.success(request, _("The requirement is set."))
            return redirect("courses:requirement", code=requirement.code)
    context = {"form": form, "breadcrumbs": [_parent(), {"title": _("New requirement")}]}
    return render(request, "courses/requirement_form.html", context, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def requirement_edit(request: HttpRequest, code: str) -> HttpResponse:
    _require_manager(request)
    requirement = _requirement(code)
    form = RequirementChangeForm(request.POST or None, instance=_requirement(code))
    if request.method == "POST" and form.is_valid():
        try:
            change_requirement(
                requirement=requirement, **form.cleaned_data, actor=request.user, now=timezone.now()
            )
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except DomainError as refusal:
            form.tell(refusal)
        else:
            messages.success(request, _("The requirement has been changed."))
            return redirect("courses:requirement", code=requirement.code)
    return _form_page(request, form, requirement, _("Change the requirement"), _("Save changes"))


def _form_page(
    request: HttpRequest,
    form,
    requirement: Requirement,
    title: str,
    button: str,
    *,
    lead: str = "",
    **more: Any,
) -> HttpResponse:
    context = {
        "form": form,
        "requirement": requirement,
        "title": title,
        "lead": lead,
        "button": button,
        "breadcrumbs": [
            _parent(),
            {"title": requirement.code, "url": reverse("courses:requirement", args=[requirement.code])},
            {"title": title},
        ],
        **more,
    }
    status = 400 if form.errors else 200
    return render(request, "courses/requirement_step.html", context, status=status)


@login_required
@require_safe
def requirement(request: HttpRequest, code: str) -> HttpResponse:
    """Whom it concerns, its days and its decision; who is exempt; what was recognised."""
    _require_reader(request)
    found = _requirement(code)
    exemptions = found.exemptions.select_related("person", "granted_by").order_by(
        "person__name_key", "valid_from"
    )
    recognitions = found.recognitions.select_related("training__person", "recognised_by").order_by(
        "training__person__name_key"
    )
    today = timezone.localdate()
    context = {
        "requirement": found,
        "units": [link.unit for link in found.unit_links.select_related("unit").order_by("unit__path")],
        "members": found.members.count(),
        "exemptions": exemptions,
        "recognitions": recognitions,
        "today": today,
        "has_ended": found.ends_on is not None and found.ends_on <= today,
        "may_manage": may_manage_training(request.user, now=timezone.now()),
        "breadcrumbs": [_parent(), {"title": found.code}],
    }
    return render(request, "courses/requirement.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def requirement_end(request: HttpRequest, code: str) -> HttpResponse:
    """Asked before it is done: what has ended does not begin again."""
    _require_manager(request)
    found = _requirement(code)
    form = EndForm(request.POST or None, initial={"ends_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            end_requirement(requirement=found, **form.cleaned_data, actor=request.user, now=timezone.now())
        except DomainError as refusal:
            form.add_error("ends_on", str(refusal.message))
        else:
            messages.success(request, _("The requirement ends on that day."))
            return redirect("courses:requirement", code=found.code)
    lead = _("An ended requirement does not begin again; a new one can be set.")
    return _form_page(request, form, found, _("End the requirement"), _("End it"), lead=lead, danger=True)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def exempt(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Exempt one official."""
    _require_manager(request)
    found = _requirement(code)
    person = get_object_or_404(get_user_model(), pk=pk)
    form = ExemptionForm(
        request.POST or None, request.FILES or None, initial={"valid_from": timezone.localdate()}
    )
    if request.method == "POST" and form.is_valid():
        try:
            grant_exemption(
                requirement=found, person=person, **form.cleaned_data, actor=request.user, now=timezone.now()
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("%(name)s is exempt.") % {"name": person})
            return redirect("courses:requirement", code=found.code)
    title = _("Exempt %(name)s") % {"name": person}
    return _form_page(request, form, found, title, _("Exempt"), lead=found.display_title, files=True)


@login_required
@require_safe
def exemption_scan(request: HttpRequest, code: str, pk: int) -> FileResponse:
    """The paper an exemption rests on, for those who grant exemptions: it may tell of health or family."""
    _require_manager(request)
    rows = Exemption.objects.exclude(scan="")
    exemption = get_object_or_404(rows, requirement__code=code, pk=pk)
    name = exemption.scan.name.rsplit("/", 1)[-1]
    response = FileResponse(exemption.scan.open("rb"), as_attachment=True, filename=name)
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_POST
def exemption_end(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    _require_manager(request)
    exemption = get_object_or_404(Exemption.objects.select_related("person"), requirement__code=code, pk=pk)
    with refusals_told(request):
        end_exemption(
            exemption=exemption,
            reason=request.POST.get("reason", ""),
            actor=request.user,
            now=timezone.now(),
        )
        messages.success(
            request, _("%(name)s is exempt no longer, from today on.") % {"name": exemption.person}
        )
    return redirect("courses:requirement", code=code)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def recognise(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Recognise training one official took elsewhere as equal to the required course."""
    _require_manager(request)
    found = _requirement(code)
    person = get_object_or_404(get_user_model(), pk=pk)
    form = RecognitionForm(request.POST or None, person=person, requirement=found)
    if request.method == "POST" and form.is_valid():
        try:
            recognise_training(requirement=found, **form.cleaned_data, actor=request.user, now=timezone.now())
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("The training is recognised."))
            return redirect("courses:requirement", code=found.code)
    title = _("Recognise training of %(name)s") % {"name": person}
    nothing = not form.fields["training"].queryset.exists()
    return _form_page(
        request,
        form,
        found,
        title,
        _("Recognise"),
        lead=found.display_title,
        empty=_("No approved training taken elsewhere is left to recognise.") if nothing else "",
    )

"""Training taken elsewhere: entering it, and the school's decision."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.listing import page_of, sort_rows
from courses.models import ExternalTraining
from courses.permissions import may_enter_training_of, may_manage_training, people_read_by
from courses.record_forms import ExternalFilterForm, ExternalTrainingForm
from courses.services.external import (
    approve_external_training,
    decline_external_training,
    enter_external_training,
    take_back_external_training,
)
from courses.templatetags.periods import periods
from lms.core.errors import DomainError
from lms.core.templatetags.ui import day
from lms.organisations.access import access_for
from lms.organisations.models import Role

from .refusals import refusals_told

State = ExternalTraining.State
DECIDED = {
    State.APPROVED: ("success", "circle-check"),
    State.DECLINED: ("danger", "circle-x"),
    State.WITHDRAWN: ("neutral", "undo-2"),
}
ORDERS = {
    "entered": ("entered_at",),
    "name": ("person__name_key",),
    "unit": ("unit__path", "person__name_key"),
    "ended": ("finished_on",),
}


def _readable(request: HttpRequest) -> QuerySet[ExternalTraining]:
    """Entries of the people whose records one reads, and the own."""
    people = people_read_by(request.user, now=timezone.now()).values("pk")
    return ExternalTraining.objects.filter(Q(person__in=people) | Q(person=request.user))


@login_required
@require_safe
def external_trainings(request: HttpRequest) -> HttpResponse:
    """What units have entered: first what waits for the school."""
    access = access_for(request.user)
    if not (access.sees_all_units or access.has(Role.COORDINATOR)):
        raise PermissionDenied
    form = ExternalFilterForm(request.GET)
    rows = _readable(request).filter(form.condition()).select_related("person", "unit")
    rows, sort = sort_rows(request, rows, ORDERS, default="-entered")
    waiting = _readable(request).filter(state=State.SUBMITTED).count()
    return render(
        request,
        "courses/external_trainings.html",
        {
            "form": form,
            "page_obj": page_of(request, rows),
            "sort": sort,
            "waiting": waiting,
            "may_decide": may_manage_training(request.user, now=timezone.now()),
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def external_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter a course that an official took elsewhere."""
    now = timezone.now()
    person = get_object_or_404(people_read_by(request.user, now=now), pk=pk)
    if not may_enter_training_of(request.user, person, now=now):
        raise PermissionDenied
    form = ExternalTrainingForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            enter_external_training(person=person, **form.cleaned_data, actor=request.user, now=now)
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("Entered. It counts from the day the school approves it."))
            return redirect("courses:person_record", pk=person.pk)
    status = 400 if form.errors else 200
    return render(request, "courses/external_form.html", {"form": form, "person": person}, status=status)


@login_required
@require_safe
def external_training(request: HttpRequest, pk: int) -> HttpResponse:
    training = get_object_or_404(
        _readable(request).select_related("person", "unit", "entered_by", "decided_by"), pk=pk
    )
    now = timezone.now()
    decides = may_manage_training(request.user, now=now) and training.person_id != request.user.pk
    waits = training.state == State.SUBMITTED
    is_own = training.person_id == request.user.pk
    return render(
        request,
        "courses/external_training.html",
        {
            "training": training,
            "facts": _facts(training),
            "history": _history(training),
            "may_approve": decides and waits,
            "may_decline": decides and training.state in ExternalTraining.LIVE_STATES,
            "may_take_back": waits and may_enter_training_of(request.user, training.person, now=now),
            "is_own": is_own,
        },
    )


def _facts(training: ExternalTraining) -> list[dict[str, Any]]:
    return [
        {"label": _("Held by"), "value": training.organiser},
        {"label": _("Days of study"), "value": f"{day(training.started_on)} – {day(training.finished_on)}"},
        {"label": _("Periods"), "value": periods(training.periods)},
        {"label": _("Number of the certificate"), "value": training.document_number},
        {"label": _("Unit"), "value": training.unit.display_name},
    ]


def _history(training: ExternalTraining) -> list[dict[str, Any]]:
    """Who did what, the first step first, as ``components/timeline.html`` wants it."""
    steps = [
        {"title": _("Entered"), "when": training.entered_at, "actor": training.entered_by, "icon": "pencil"}
    ]
    if training.decided_at:
        tone, icon = DECIDED[training.state]
        step = {
            "title": capfirst(training.get_state_display()),
            "when": training.decided_at,
            "actor": training.decided_by,
            "text": training.reason,
            "tone": tone,
            "icon": icon,
        }
        steps.append(step)
    return steps


@login_required
@require_safe
def external_scan(request: HttpRequest, pk: int) -> FileResponse:
    """The paper, to whoever reads the entry."""
    training = get_object_or_404(_readable(request), pk=pk)
    name = training.scan.name.rsplit("/", 1)[-1]
    response = FileResponse(training.scan.open("rb"), as_attachment=True, filename=name)
    response["Cache-Control"] = "private, no-store"
    return response


def _one(request: HttpRequest, pk: int) -> ExternalTraining:
    return get_object_or_404(_readable(request).select_related("person"), pk=pk)


@login_required
@require_POST
def external_approve(request: HttpRequest, pk: int) -> HttpResponse:
    training = _one(request, pk)
    with refusals_told(request):
        approve_external_training(training=training, actor=request.user, now=timezone.now())
        messages.success(request, _("Approved. The periods count on the record now."))
    return redirect("courses:external_training", pk=pk)


@login_required
@require_POST
def external_decline(request: HttpRequest, pk: int) -> HttpResponse:
    training = _one(request, pk)
    with refusals_told(request):
        decline_external_training(
            training=training,
            reason=request.POST.get("reason", ""),
            actor=request.user,
            now=timezone.now(),
        )
        messages.success(request, _("Declined. The unit sees the reason."))
    return redirect("courses:external_training", pk=pk)


@login_required
@require_POST
def external_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    training = _one(request, pk)
    with refusals_told(request):
        take_back_external_training(training=training, actor=request.user, now=timezone.now())
        messages.success(request, _("Taken back."))
    return redirect("courses:external_training", pk=pk)

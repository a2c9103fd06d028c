"""Classes: the lists, making and changing one, its first page."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from courses.listing import page_of, sort_rows
from courses.models import Enrolment, Run
from courses.permissions import may_manage_training
from courses.run_figures import RunFigures, figures_of, figures_of_runs, seats_left
from courses.run_forms import STARTED, RunFilterForm, RunForm
from courses.run_tabs import run_page_context
from courses.services.runs import create_run, finish_run, open_run, update_run
from lms.core.errors import DomainError, NotAllowed
from lms.core.models import AuditEvent
from lms.core.templatetags.ui import day
from lms.organisations.access import access_for
from lms.organisations.models import Role

from .refusals import refusals_told

RUN_ORDERS = {
    "code": ("code",),
    "title": ("title",),
    "opens": ("opens_on",),
    "due": ("due_on",),
    "state": ("state", "-opens_on"),
}
EVENT_TITLES = {
    "run.created": (gettext_lazy("Class entered"), "plus"),
    "run.changed": (gettext_lazy("Class changed"), "pencil"),
    "run.opened": (gettext_lazy("Class opened"), "circle-dot"),
    "run.finished": (gettext_lazy("Class finished"), "flag"),
}


def visible_run(request: HttpRequest, code: str) -> Run:
    """The run, or 404 for whoever has no sight of it."""
    return get_object_or_404(Run.objects.visible_to(request.user).with_course(), code=code)


@login_required
@require_GET
def runs(request: HttpRequest) -> HttpResponse:
    """All classes, for those who work for training as a whole."""
    if not access_for(request.user).sees_all_units:
        raise PermissionDenied
    form = RunFilterForm(request.GET)
    return _list(request, form.apply(Run.objects.visible_to(request.user)), form=form, title=_("Classes"))


@login_required
@require_GET
def my_runs(request: HttpRequest) -> HttpResponse:
    """The classes a trainer teaches."""
    if not access_for(request.user).has(Role.TRAINER):
        raise PermissionDenied
    form = RunFilterForm(request.GET)
    own = Run.objects.filter(trainer_links__person=request.user)
    return _list(request, form.apply(own), form=form, title=_("My classes"))


def _list(request: HttpRequest, rows, *, form: RunFilterForm, title: str) -> HttpResponse:
    rows, sort = sort_rows(request, rows.select_related("course"), RUN_ORDERS, default="-opens")
    page = page_of(request, rows, size=20)
    figures = figures_of_runs(page.object_list, on=timezone.localdate())
    return render(
        request,
        "courses/runs.html",
        {
            "title": title,
            "form": form,
            "page_obj": page,
            "rows": [{"run": run, "figures": figures[run.pk]} for run in page],
            "sort": sort,
            "may_manage": may_manage_training(request.user, now=timezone.now()),
        },
    )


@login_required
@require_http_methods(["GET", "POST"])
def run_create(request: HttpRequest) -> HttpResponse:
    if not may_manage_training(request.user, now=timezone.now()):
        raise PermissionDenied
    form = RunForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            run = create_run(**form.cleaned_data, actor=request.user, now=timezone.now())
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except DomainError as refusal:
            form.tell(refusal)
        else:
            messages.success(request, _("The class has been entered. Open it when its decision is signed."))
            return redirect("courses:run", code=run.code)
    return _form_page(request, form, run=None)


@login_required
@require_http_methods(["GET", "POST"])
def run_edit(request: HttpRequest, code: str) -> HttpResponse:
    run = visible_run(request, code)
    if not may_manage_training(request.user, now=timezone.now()):
        raise PermissionDenied
    if run.state == Run.State.FINISHED:
        messages.info(request, _("A finished class does not change. Open it again first."))
        return redirect("courses:run", code=run.code)
    form = RunForm(request.POST if request.method == "POST" else None, instance=run)
    if request.method == "POST" and form.is_valid():
        try:
            # The form has written into its own copy; the service reads the run anew.
            kept = update_run(run=Run(pk=run.pk), **form.cleaned_data, actor=request.user, now=timezone.now())
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except DomainError as refusal:
            form.tell(refusal)
        else:
            messages.success(request, _("The changes have been saved."))
            return redirect("courses:run", code=kept.code)
    return _form_page(request, form, run=visible_run(request, code))


def _form_page(request: HttpRequest, form: RunForm, *, run: Run | None) -> HttpResponse:
    breadcrumbs = [{"title": _("Classes"), "url": reverse("courses:runs")}]
    if run is None:
        breadcrumbs.append({"title": _("New class")})
    else:
        breadcrumbs.append({"title": run.display_title, "url": reverse("courses:run", args=[run.code])})
        breadcrumbs.append({"title": _("Change")})
    context = {"form": form, "run": run, "breadcrumbs": breadcrumbs}
    return render(request, "courses/run_form.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def run_open(request: HttpRequest, code: str) -> HttpResponse:
    run = visible_run(request, code)
    with refusals_told(request):
        open_run(run=run, actor=request.user, now=timezone.now())
        messages.success(request, _("The class is open."))
    return redirect("courses:run", code=run.code)


@login_required
@require_POST
def run_finish(request: HttpRequest, code: str) -> HttpResponse:
    run = visible_run(request, code)
    with refusals_told(request):
        finish_run(run=run, actor=request.user, now=timezone.now())
        messages.success(request, _("The class is finished."))
    return redirect("courses:run", code=run.code)


@login_required
@require_GET
def run_overview(request: HttpRequest, code: str) -> HttpResponse:
    """The class at a glance: how many have come how far, its days, its decision, who teaches."""
    run = visible_run(request, code)
    today = timezone.localdate()
    figures = figures_of(run, on=today)
    context = run_page_context(request, run, active="overview") | {
        "figures": figures,
        "funnel": _funnel(run, figures),
        "seats_left": seats_left(run, figures),
        "key_dates": _key_dates(run),
        "decision": _decision(run),
        "days_left": (run.due_on - today).days,
        "unfinished": figures.enrolled - figures.completed - figures.withdrawn - figures.failed,
        "trainers": [
            link.person for link in run.trainer_links.select_related("person").order_by("person__name_key")
        ],
        "history": _history(run),
    }
    return render(request, "courses/run_overview.html", context)


def _funnel(run: Run, figures: RunFigures) -> list[dict[str, Any]]:
    """From the list to the certificate: each step counts those who ever came so far, as a share of the first."""
    learners = reverse("courses:run_learners", args=[run.code])
    steps = [
        (_("Enrolled"), figures.enrolled, learners),
        (_("Started studying"), figures.started, f"{learners}?state={STARTED}"),
        (_("Completed"), figures.completed, f"{learners}?state={Enrolment.State.COMPLETED}"),
    ]
    if run.policy == Run.Policy.NOMINATION:
        nominations = reverse("courses:run_nominations", args=[run.code])
        steps.insert(0, (_("Nominated"), figures.nominated, f"{nominations}?state=all"))
    whole = max(count for _label, count, _url in steps) or 1
    return [{"label": label, "count": count, "url": url, "whole": whole} for label, count, url in steps]


def _key_dates(run: Run) -> list[dict[str, Any]]:
    return [
        {"label": _("Opens"), "value": day(run.opens_on)},
        {"label": _("To be completed by"), "value": day(run.due_on)},
        {"label": _("Closes"), "value": day(run.closes_on)},
        {"label": _("Enrolment"), "value": capfirst(run.get_policy_display())},
    ]


def _decision(run: Run) -> list[dict[str, Any]]:
    return [
        {"label": _("Decision number"), "value": run.decision_number},
        {"label": _("Signed on"), "value": day(run.decision_date)},
        {"label": _("Signed by"), "value": run.decision_signer},
    ]


def _history(run: Run) -> list[dict[str, Any]]:
    events = AuditEvent.objects.filter(
        object_type=run._meta.label_lower, object_id=str(run.pk), action__in=EVENT_TITLES
    )
    rows = []
    for event in events.select_related("actor")[:8]:
        title, icon = EVENT_TITLES[event.action]
        rows.append({"title": title, "when": event.at, "actor": event.actor or "", "icon": icon})
    return rows

"""The timetable of a class: the tab, and planning, changing and calling off its sessions."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.models import Enrolment, Run, Session
from courses.permissions import may_manage_training
from courses.run_tabs import run_page_context
from courses.services.sessions import cancel_session, change_session, plan_session
from courses.session_forms import SessionForm
from lms.core.errors import DomainError, NotAllowed

from .refusals import refusals_told
from .runs import visible_run

TAB = "timetable"


def session_of(run: Run, pk: int) -> Session:
    """The session of a run the reader sees, or 404."""
    session = get_object_or_404(run.sessions.select_related("trainer"), pk=pk)
    session.run = run
    return session


@login_required
@require_safe
def run_sessions(request: HttpRequest, code: str) -> HttpResponse:
    run = visible_run(request, code)
    on_list = Q(attendances__enrolment__state__in=Enrolment.HOLDING_STATES)
    sessions = run.sessions.select_related("trainer").annotate(
        marked=Count("attendances", filter=on_list),
        present=Count("attendances", filter=on_list & Q(attendances__state="present")),
    )
    # Counting groups the rows, and a model's own order does not hold for groups.
    sessions = sessions.order_by(*Session._meta.ordering)
    context = run_page_context(request, run, active=TAB) | {
        "sessions": sessions,
        "learners": run.enrolments.filter(state__in=Enrolment.HOLDING_STATES).count(),
        "periods_planned": run.sessions.standing().aggregate(total=Sum("periods"))["total"] or 0,
        "today": timezone.localdate(),
    }
    return render(request, "courses/run_sessions.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def session_plan(request: HttpRequest, code: str) -> HttpResponse:
    run = _changeable(request, code)
    if run.state == Run.State.FINISHED:
        return _finished(request, run)
    form = SessionForm(request.POST if request.method == "POST" else None, run=run)
    if request.method == "POST" and form.is_valid():
        values = _values(form)
        try:
            session = plan_session(run=run, **values, actor=request.user, now=timezone.now())
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except DomainError as refusal:
            form.tell(refusal)
        else:
            messages.success(request, _("The session has been planned: %(session)s.") % {"session": session})
            if "another" in request.POST:
                return redirect("courses:session_plan", code=run.code)
            return redirect("courses:run_sessions", code=run.code)
    return _form_page(request, run, form, title=_("Plan a session"), session=None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def session_edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    run = _changeable(request, code)
    session = session_of(run, pk)
    if run.state == Run.State.FINISHED:
        return _finished(request, run)
    # The form writes into a copy of its own; the service reads the session anew.
    form = SessionForm(
        request.POST if request.method == "POST" else None, run=run, instance=session_of(run, pk)
    )
    if request.method == "POST" and form.is_valid():
        values = _values(form)
        try:
            change_session(
                session=session,
                seen_version=form.cleaned_data["version"] or 0,
                **values,
                actor=request.user,
                now=timezone.now(),
            )
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except DomainError as refusal:
            form.tell(refusal)
        else:
            messages.success(request, _("The changes have been saved."))
            return redirect("courses:session", code=run.code, pk=pk)
    return _form_page(request, run, form, title=_("Change the session"), session=session)


@login_required
@require_POST
def session_cancel(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    session = session_of(visible_run(request, code), pk)
    with refusals_told(request):
        cancel_session(
            session=session, reason=request.POST.get("reason", ""), actor=request.user, now=timezone.now()
        )
        messages.success(request, _("The session has been called off."))
    return redirect("courses:session", code=code, pk=pk)


def _changeable(request: HttpRequest, code: str) -> Run:
    run = visible_run(request, code)
    if not may_manage_training(request.user, now=timezone.now()):
        raise PermissionDenied
    return run


def _finished(request: HttpRequest, run: Run) -> HttpResponse:
    messages.info(request, _("A finished class does not change. Open it again first."))
    return redirect("courses:run_sessions", code=run.code)


def _values(form: SessionForm) -> dict[str, Any]:
    return {name: value for name, value in form.cleaned_data.items() if name != "version"}


def _form_page(
    request: HttpRequest, run: Run, form: SessionForm, *, title: str, session: Session | None
) -> HttpResponse:
    timetable = reverse("courses:run_sessions", args=[run.code])
    back = reverse("courses:session", args=[run.code, session.pk]) if session else timetable
    context = {
        "run": run,
        "form": form,
        "title": title,
        "session": session,
        "back": back,
        "breadcrumbs": [
            {"title": run.display_title, "url": reverse("courses:run", args=[run.code])},
            {"title": _("Timetable"), "url": timetable},
            {"title": title},
        ],
    }
    return render(request, "courses/session_form.html", context, status=400 if form.errors else 200)

"""One session: the list to tick, the code on the wall, the sheet on paper."""

from collections.abc import Iterable
from typing import Any

import segno
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cms.models import SiteSettings
from courses.attendance_sheet import attendance_sheet_pdf
from courses.models import Attendance, Enrolment, Run, Session
from courses.permissions import may_manage_training, may_mark_attendance
from courses.run_tabs import run_page_context
from courses.services.attendance import (
    Mark,
    close_check_in,
    learners_of_run,
    mark_attendance,
    open_check_in,
)
from courses.session_forms import OpenCodeForm
from lms.core.templatetags.ui import number

from .refusals import refusals_told
from .runs import visible_run
from .sessions import TAB, session_of

State = Attendance.State


@login_required
@never_cache
@require_safe
def session(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """What the session is, and who was there."""
    run = visible_run(request, code)
    now = timezone.now()
    session = session_of(run, pk)
    marks = {row.enrolment_id: row for row in session.attendances.select_related("marked_by")}
    rows = [{"enrolment": row, "mark": marks.get(row.pk)} for row in learners_of_run(session.run)]
    may_mark = may_mark_attendance(request.user, run, now=now)
    goes_on = not session.is_cancelled and run.state != Run.State.FINISHED
    today = timezone.localdate(now)
    context = run_page_context(request, run, active=TAB) | {
        "session": session,
        "rows": rows,
        "figures": _figures(rows),
        "states": [(value, capfirst(label)) for value, label in State.choices],
        "may_mark": may_mark and goes_on and session.day <= today,
        "may_open_code": may_mark and goes_on and session.day == today,
        "takes_check_ins": session.takes_check_ins(now),
        "may_change": goes_on and may_manage_training(request.user, now=now),
        "not_yet": session.day > today,
        "code_form": OpenCodeForm(),
    }
    return render(request, "courses/session.html", context)


def _figures(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    counts = dict.fromkeys(State.values, 0)
    for row in rows:
        if row["mark"]:
            counts[row["mark"].state] += 1
    figures = [{"label": capfirst(label), "value": number(counts[value])} for value, label in State.choices]
    return [*figures, {"label": _("Not marked yet"), "value": number(len(rows) - sum(counts.values()))}]


@login_required
@require_POST
def session_mark(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Write what was changed on the list; "rest" says that whoever is not marked is there."""
    session = session_of(visible_run(request, code), pk)
    marks = _changed_marks(request, learners_of_run(session.run), fill="rest" in request.POST)
    with refusals_told(request):
        marked = mark_attendance(session=session, marks=marks, actor=request.user, now=timezone.now())
        told = ngettext("%(count)d mark has been saved.", "%(count)d marks have been saved.", marked.changed)
        messages.success(request, told % {"count": marked.changed})
        if marked.left:
            names = ", ".join(str(enrolment.learner) for enrolment in marked.left)
            messages.warning(
                request,
                _("Marked in the meantime and left as it stands: %(names)s. Look at the list again.")
                % {"names": names},
            )
    return redirect("courses:session", code=code, pk=pk)


def _changed_marks(request: HttpRequest, learners: Iterable[Enrolment], *, fill: bool) -> dict[int, Mark]:
    """Only what differs from how the list was shown: who has checked in by code meanwhile is not written over."""
    marks = {}
    for enrolment in learners:
        state = request.POST.get(f"state-{enrolment.pk}", "")
        seen = request.POST.get(f"seen-{enrolment.pk}", "")
        reason = request.POST.get(f"reason-{enrolment.pk}", "").strip()
        if not state and not seen and fill:
            state = State.PRESENT
        if state not in State.values:
            continue
        if state != seen or reason != request.POST.get(f"seen-reason-{enrolment.pk}", ""):
            marks[enrolment.pk] = Mark(state, reason, seen)
    return marks


@login_required
@require_POST
def check_in_open(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    session = session_of(visible_run(request, code), pk)
    form = OpenCodeForm(request.POST)
    minutes = form.cleaned_data["minutes"] if form.is_valid() else form.fields["minutes"].initial
    with refusals_told(request):
        open_check_in(session=session, minutes=minutes, actor=request.user, now=timezone.now())
        return redirect("courses:check_in_wall", code=code, pk=pk)
    return redirect("courses:session", code=code, pk=pk)


@login_required
@require_POST
def check_in_close(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    session = session_of(visible_run(request, code), pk)
    with refusals_told(request):
        close_check_in(session=session, actor=request.user, now=timezone.now())
        messages.success(request, _("The code is closed."))
    return redirect("courses:session", code=code, pk=pk)


@login_required
@never_cache
@require_safe
def check_in_wall(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The code and its QR, large enough for the last row. Only for those who may open it."""
    run = visible_run(request, code)
    now = timezone.now()
    if not may_mark_attendance(request.user, run, now=now):
        raise PermissionDenied
    session = session_of(run, pk)
    context = run_page_context(request, run, active=TAB) | {
        "session": session,
        "takes_check_ins": session.takes_check_ins(now),
        "present": _on_list(session).filter(state=State.PRESENT).count(),
        "learners": learners_of_run(session.run).count(),
        "check_in_url": request.build_absolute_uri(reverse("courses:check_in")),
    }
    if context["takes_check_ins"]:
        address = request.build_absolute_uri(
            reverse("courses:check_in_with", kwargs={"check_in_code": session.check_in_code})
        )
        # Drawn by segno from an address of ours: no character of anybody else is in it.
        context["qr"] = mark_safe(  # noqa: S308
            segno.make(address, error="m", micro=False).svg_inline(border=2, omitsize=True)
        )
    return render(request, "courses/check_in_wall.html", context)


def _on_list(session: Session):
    return session.attendances.filter(enrolment__state__in=Enrolment.HOLDING_STATES)


@login_required
@require_safe
def attendance_sheet(request: HttpRequest, code: str) -> HttpResponse:
    """The whole class on paper (sổ điểm danh), filled in as far as it has been marked."""
    run = visible_run(request, code)
    return HttpResponse(
        attendance_sheet_pdf(run, names=SiteSettings.for_request(request), now=timezone.now()),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{run.code}-so-diem-danh.pdf"'},
    )

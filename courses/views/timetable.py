"""The learner's own timetable, its calendar file, and checking in at a session."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from courses.calendar_file import CALENDAR_TYPE, calendar_of
from courses.listing import page_of
from courses.models import Attendance, Run, Session
from courses.services.attendance import check_in as check_in_learner
from courses.services.attendance import session_of_code, tidy_code
from courses.session_forms import CheckInForm
from lms.core.errors import DomainError
from lms.core.throttle import allow_for

# Nobody types faster; guessing one of 31^6 codes within its minutes stays hopeless.
CHECK_INS_PER_MINUTE = 20


def _own_sessions(request: HttpRequest) -> QuerySet[Session]:
    own_state = Attendance.objects.filter(session=OuterRef("pk"), enrolment__learner=request.user)
    return (
        Session.objects.of_learner(request.user)
        .exclude(run__state=Run.State.DRAFT)
        .select_related("run", "trainer")
        .annotate(own_state=Subquery(own_state.values("state")[:1]))
    )


@login_required
@require_safe
def my_timetable(request: HttpRequest) -> HttpResponse:
    """Sessions of the own classes: those to come, then those that were."""
    today = timezone.localdate()
    sessions = _own_sessions(request)
    past = page_of(request, sessions.filter(day__lt=today).order_by("-day", "-begins_at", "-pk"), size=20)
    context = {"coming": sessions.filter(day__gte=today), "page_obj": past, "today": today}
    return render(request, "courses/my_timetable.html", context)


@login_required
@require_safe
def my_calendar(request: HttpRequest) -> HttpResponse:
    content = calendar_of(
        _own_sessions(request),
        name=_("My timetable"),
        address=request.build_absolute_uri(reverse("courses:my_timetable")),
    )
    return HttpResponse(
        content,
        content_type=CALENDAR_TYPE,
        headers={"Content-Disposition": 'attachment; filename="lich-hoc.ics"'},
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check_in(request: HttpRequest, check_in_code: str = "") -> HttpResponse:
    """Say oneself to be there. The QR leads here with the code filled in; only sending the form checks in."""
    now = timezone.now()
    if not allow_for(str(request.user.pk), scope="check-in", per_minute=CHECK_INS_PER_MINUTE, now=now):
        return _check_in_page(request, CheckInForm(), session=None, status=429, is_busy=True)
    if request.method == "POST":
        form = CheckInForm(request.POST)
        if form.is_valid():
            try:
                attendance = check_in_learner(code=form.cleaned_data["code"], learner=request.user, now=now)
            except DomainError as refusal:
                form.add_error("code", str(refusal.message))
            else:
                messages.success(
                    request, _("You are checked in: %(session)s.") % {"session": attendance.session}
                )
                return redirect("courses:my_timetable")
        return _check_in_page(request, form, session=None, status=400)
    session = session_of_code(code=check_in_code, learner=request.user, now=now) if check_in_code else None
    form = CheckInForm(initial={"code": tidy_code(check_in_code)})
    return _check_in_page(request, form, session=session, status=200)


def _check_in_page(
    request: HttpRequest, form: CheckInForm, *, session: Session | None, status: int, is_busy: bool = False
) -> HttpResponse:
    context = {"form": form, "session": session, "is_busy": is_busy}
    return render(request, "courses/check_in.html", context, status=status)

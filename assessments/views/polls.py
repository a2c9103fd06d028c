"""Polls of a class: the trainers' pages with results as they come, and joining by code."""

import secrets

import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.models import Poll
from assessments.permissions import can_hold_polls, can_read_surveys
from assessments.poll_pages import result_context, vote_contexts
from assessments.services import polls as services
from courses.models import LessonPage, Run
from courses.run_tabs import run_page_context
from courses.views.refusals import refusals_told
from lms.core.errors import DomainError
from lms.core.throttle import allow, seconds_left

TAB = "polls"
GUEST_COOKIE = "poll_guest"
GUEST_SECONDS = 7 * 24 * 3600
# A class behind one address joins and votes within a minute; guessing one of 31^6 codes stays hopeless.
REQUESTS_PER_MINUTE = 600


class PollForm(forms.Form):
    """``run`` is the class it is held in."""

    question = forms.CharField(label=gettext_lazy("Question"), max_length=300)
    choices = forms.CharField(
        label=gettext_lazy("Answers to choose from"),
        widget=forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("One a line, two to ten."),
    )
    is_anonymous = forms.BooleanField(
        label=gettext_lazy("Anonymous: nobody is shown who voted for what"), required=False, initial=True
    )
    allows_guests = forms.BooleanField(
        label=gettext_lazy("People without an account may vote as well"), required=False
    )
    allows_change = forms.BooleanField(
        label=gettext_lazy("A vote may be changed until the poll is closed"), required=False, initial=True
    )
    lesson = forms.ModelChoiceField(
        LessonPage.objects.none(),
        label=gettext_lazy("In a lesson as well"),
        required=False,
        empty_label=gettext_lazy("in no lesson"),
        help_text=gettext_lazy("Learners of the class find the poll below the text of the lesson."),
    )

    def __init__(self, *args, run: Run, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["lesson"].queryset = LessonPage.objects.live().descendant_of(run.course).order_by("path")


class JoinForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Code of the poll"),
        max_length=12,
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


def _readable_run(request: HttpRequest, code: str) -> Run:
    run = get_object_or_404(Run.objects.visible_to(request.user).with_course(), code=code)
    if not can_read_surveys(request.user, run):
        raise PermissionDenied
    return run


def _poll(request: HttpRequest, code: str, pk: int) -> Poll:
    run = _readable_run(request, code)
    poll = get_object_or_404(run.polls, pk=pk)
    poll.run = run
    return poll


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def run_polls(request: HttpRequest, code: str) -> HttpResponse:
    """The polls of a class, and the form that makes another."""
    run = _readable_run(request, code)
    may_hold = can_hold_polls(request.user, run)
    form = PollForm(request.POST if request.method == "POST" else None, run=run)
    if request.method == "POST":
        if not may_hold:
            raise PermissionDenied
        if form.is_valid():
            fields = form.cleaned_data | {"choices": form.cleaned_data["choices"].splitlines()}
            try:
                poll = services.create_poll(run=run, **fields, actor=request.user, now=timezone.now())
            except DomainError as error:
                form.add_error("choices", str(error.message))
            else:
                return redirect("assessments:poll", code=code, pk=poll.pk)
    context = run_page_context(request, run, active=TAB) | {
        "polls": list(run.polls.select_related("lesson").order_by("-pk")),
        "form": form if may_hold else None,
    }
    return render(request, "assessments/run_polls.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_safe
def poll(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """What stands on the wall of the classroom: question, code, QR, results as they come."""
    poll = _poll(request, code, pk)
    address = request.build_absolute_uri(reverse("assessments:vote", kwargs={"join_code": poll.join_code}))
    context = run_page_context(request, poll.run, active=TAB) | result_context(poll)
    context |= {
        "may_hold": can_hold_polls(request.user, poll.run),
        "join_url": request.build_absolute_uri(reverse("assessments:join_poll")),
        # Drawn by segno from an address of ours: no character of anybody else is in it.
        "qr": mark_safe(segno.make(address, error="m", micro=False).svg_inline(border=2, omitsize=True)),  # noqa: S308
    }
    return render(request, "assessments/poll.html", context)


@login_required
@never_cache
@require_safe
def poll_results(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The part of the page that is asked for again while the poll is open."""
    poll = _poll(request, code, pk)
    context = result_context(poll) | {
        "refresh_url": reverse("assessments:poll_results", kwargs={"code": code, "pk": pk})
    }
    return render(request, "assessments/poll_results.html", context)


@login_required
@require_POST
def change_poll(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """``act`` = open, close, show or hide."""
    poll = _poll(request, code, pk)
    asked = {"poll": poll, "actor": request.user, "now": timezone.now()}
    acts = {
        "open": lambda: services.open_poll(**asked),
        "close": lambda: services.close_poll(**asked),
        "show": lambda: services.show_results(shows=True, **asked),
        "hide": lambda: services.show_results(shows=False, **asked),
    }
    act = acts.get(request.POST.get("act", ""))
    if act:
        with refusals_told(request):
            act()
    return redirect("assessments:poll", code=code, pk=pk)


def _way_back(request: HttpRequest, poll: Poll) -> str:
    """The lesson the vote came from, else the poll's own page."""
    back = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        return back
    return reverse("assessments:vote", kwargs={"join_code": poll.join_code})


# --- Voting -------------------------------------------------------------------------------------------------------


def _slowed(request: HttpRequest) -> HttpResponse | None:
    now = timezone.now()
    if allow(request, scope="poll", per_minute=REQUESTS_PER_MINUTE, now=now):
        return None
    response = render(
        request, "assessments/join_poll.html", {"form": JoinForm(), "is_busy": True}, status=429
    )
    response["Retry-After"] = str(seconds_left(now))
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join_poll(request: HttpRequest) -> HttpResponse:
    """The page one types the code on."""
    form = JoinForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if slowed := _slowed(request):
            return slowed
        if form.is_valid():
            code = form.cleaned_data["code"].strip().replace(" ", "").upper()
            if Poll.objects.filter(join_code=code).exclude(state=Poll.State.DRAFT).exists():
                return redirect("assessments:vote", join_code=code)
            form.add_error("code", _("No open poll has this code. Please check it against the screen."))
    return render(request, "assessments/join_poll.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def vote(request: HttpRequest, join_code: str) -> HttpResponse:
    """One question on a phone. Without an account only where the trainer allows it."""
    if slowed := _slowed(request):
        return slowed
    poll = get_object_or_404(Poll.objects.exclude(state=Poll.State.DRAFT), join_code=join_code.upper())
    person = request.user if request.user.is_authenticated else None
    if person is None and not poll.allows_guests:
        return redirect_to_login(request.get_full_path())
    guest = "" if person else request.get_signed_cookie(GUEST_COOKIE, default="", max_age=GUEST_SECONDS)
    is_new_guest = person is None and not guest
    guest = secrets.token_urlsafe(16) if is_new_guest else guest
    if request.method == "POST":
        try:
            services.cast_vote(poll=poll, choice=request.POST.get("choice", ""), person=person, guest=guest)
            messages.success(request, _("Your vote has been counted."))
        except DomainError as error:
            messages.error(request, error.message)
        response = redirect(_way_back(request, poll))
    else:
        context = {"panel": vote_contexts([poll], person=person, guest=guest)[0]}
        response = render(request, "assessments/vote.html", context)
    if is_new_guest:
        response.set_signed_cookie(
            GUEST_COOKIE,
            guest,
            max_age=GUEST_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response

"""The own account, beside allauth's pages."""

import re

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from .sessions import end_sessions, sessions_of

# The first that fits; what names itself after others stands before them.
BROWSERS = [
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("CocCoc", "Cốc Cốc"),
    ("coc_coc", "Cốc Cốc"),
    ("Firefox", "Firefox"),
]
BROWSERS += [("Chrome", "Chrome"), ("Safari", "Safari")]
SYSTEMS = [
    ("Android", "Android"),
    ("iPhone|iPad", "iOS"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
]


def device_of(user_agent: str) -> str:
    """What a person calls the device: "Chrome, Android"; "" where nothing is known."""

    def first(names: list[tuple[str, str]]) -> str:
        return next((name for pattern, name in names if re.search(pattern, user_agent)), "")

    return ", ".join(filter(None, [first(BROWSERS), first(SYSTEMS)]))


@login_required
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """Where one is signed in."""
    kept = sessions_of(request.user)
    rows = [
        {
            "session": session,
            "device": device_of(session.user_agent),
            "is_current": session.session_key == request.session.session_key,
        }
        for session in kept
    ]
    return render(
        request, "account/sessions.html", {"rows": rows, "others": sum(not r["is_current"] for r in rows)}
    )


@login_required
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign out on one device; the one at hand is signed out by its own button."""
    session = get_object_or_404(
        UserSession.objects.exclude(session_key=request.session.session_key), user=request.user, pk=pk
    )
    end_sessions(user=request.user, sessions=[session], now=timezone.now())
    messages.success(request, _("Signed out there."))
    return redirect("account_sessions")


@login_required
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    others = [s for s in sessions_of(request.user) if s.session_key != request.session.session_key]
    ended = end_sessions(user=request.user, sessions=others, now=timezone.now())
    messages.success(
        request,
        ngettext("Signed out on %(n)d other device.", "Signed out on %(n)d other devices.", ended)
        % {"n": ended},
    )
    return redirect("account_sessions")

"""How long a sign-in lasts, and ending those of one's own on other devices.

Each session knows when it began and, to within some minutes, when it was last used; both stand in the session itself, so
a request costs nothing for it. Limits are those of the person's work: an office of the school is left open more
dangerously than a course.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from importlib import import_module

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.core.audit import record_event

LEARNER, STAFF = "learner", "staff"
BEGAN, SEEN, KIND = "session_began", "session_seen", "session_kind"
# A sign of life is written down at most so often.
SEEN_EVERY = timedelta(minutes=5)

# Upper rooms know roles: they say here which limits a person's sessions have.
_kind_of: Callable[[object], str] = lambda user: STAFF if user.is_superuser else LEARNER  # noqa: E731


def register_session_kind(kind_of: Callable[[object], str]) -> None:
    """``kind_of(user)`` is LEARNER or STAFF; asked at sign-in and with every sign of life."""
    global _kind_of
    _kind_of = kind_of


def kind_of(user) -> str:
    """LEARNER, or STAFF for whoever holds a role."""
    return _kind_of(user)


def follow_roles(user) -> None:
    """A role was given to the person: sessions that are open are those of staff from their next request on."""
    # What the person may do is remembered on the object: from before the role.
    kind = kind_of(type(user)._default_manager.get(pk=user.pk))
    store_class = import_module(settings.SESSION_ENGINE).SessionStore
    for key in UserSession.objects.filter(user=user).values_list("session_key", flat=True):
        store = store_class(session_key=key)
        if store.exists(key) and store.get(KIND) != kind:
            store[KIND] = kind
            store.save()


def begin(sender, request: HttpRequest, user, **_kwargs) -> None:
    now = timezone.now().timestamp()
    request.session[BEGAN] = request.session[SEEN] = now
    request.session[KIND] = kind_of(user)


user_logged_in.connect(begin, dispatch_uid="users.sessions.begin")


def has_expired(session, *, now: datetime) -> bool:
    """Whether the session was idle too long, or began too long ago."""
    idle, whole = settings.SESSION_LIMITS[session.get(KIND, LEARNER)]
    seen = datetime.fromtimestamp(session[SEEN], tz=now.tzinfo)
    began = datetime.fromtimestamp(session[BEGAN], tz=now.tzinfo)
    return now - seen > idle or now - began > whole


class SessionLimitsMiddleware:
    """Signs out whose session has expired. The page asked for comes back after signing in again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Without a cookie the session is not looked at: a page for everybody must not vary by it.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and "_auth_user_id" in request.session:
            self._check(request, now=timezone.now())
        return self.get_response(request)

    def _check(self, request: HttpRequest, *, now: datetime) -> None:
        session = request.session
        if BEGAN not in session:
            # Signed in before there were limits.
            session[BEGAN] = session[SEEN] = now.timestamp()
            session[KIND] = kind_of(request.user)
        elif has_expired(session, now=now):
            logout(request)
            messages.info(request, _("You were signed out after a time without activity. Sign in to go on."))
        elif now.timestamp() - session[SEEN] > SEEN_EVERY.total_seconds() and request.user.is_authenticated:
            session[SEEN] = now.timestamp()
            session[KIND] = kind_of(request.user)
            UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=now)


def sessions_of(user) -> list[UserSession]:
    """The sign-ins that still hold, the one used last standing first."""
    return sorted(UserSession.objects.purge_and_list(user), key=lambda kept: kept.last_seen_at, reverse=True)


@transaction.atomic
def end_sessions(*, user, sessions: Iterable[UserSession], now: datetime) -> int:
    """Sign out elsewhere; gives how many sessions ended."""
    ended = 0
    for kept in sessions:
        kept.end()
        ended += 1
    if ended:
        record_event(
            actor=user, action="session.ended", target=user, now=now, in_no_role=True, sessions=ended
        )
    return ended

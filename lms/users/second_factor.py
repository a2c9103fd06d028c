"""The second step of signing in: who needs it, and keeping those out who have not taken it.

allauth brings the factors: an authenticator app (TOTP, RFC 6238), passkeys and security keys (WebAuthn), recovery codes.
Here stands the rule of the house: whoever holds a role gets nowhere without a second factor, on no path.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_used
from allauth.mfa.utils import is_mfa_enabled
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRedirect

from lms.core.audit import record_event
from lms.core.errors import DomainError, NotAllowed

from . import sessions
from .models import User
from .permissions import may_change_people
from .pseudonyms import derived_key, secret_keys

# In the session: whose second factor was proven in it.
PASSED = "second_factor_passed"
# Where one takes the second step, or gives up. Everything else waits.
OPEN = {
    "account_logout",
    "account_inactive",
    "health",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
}
# Where one sets up the first factor. Closed once there is one: a password alone must not add another beside it.
SET_UP = {
    "account_reauthenticate",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_list_webauthn",
}


class OwnSecondFactor(DomainError):
    message = gettext_lazy(
        "Your own second step is changed under your account. If your device is lost, sign in with a recovery code."
    )


class NoSecondFactor(DomainError):
    message = gettext_lazy("This account has no second step to remove.")


class ReasonMissing(DomainError):
    message = gettext_lazy("Write down the reason: it is kept in the audit trail.")


def is_required(user) -> bool:
    """Whether the person's work asks for a second factor: every role above learner does."""
    return settings.REQUIRE_SECOND_FACTOR and sessions.kind_of(user) == sessions.STAFF


def remember(request: HttpRequest, user) -> None:
    """The person has proven a second factor in this session."""
    request.session[PASSED] = str(user.pk)


def _used(sender, request: HttpRequest, user, **_kwargs: Any) -> None:
    remember(request, user)


authenticator_used.connect(_used, dispatch_uid="users.second_factor.used")


def has_passed(request: HttpRequest) -> bool:
    return request.session.get(PASSED) == str(request.user.pk)


class SecondFactorMiddleware:
    """Leads whoever holds a role to the second step, whatever address they asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: list, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        # Without a cookie the session is not looked at: a page for everybody must not vary by it.
        if not settings.REQUIRE_SECOND_FACTOR or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        name = request.resolver_match.view_name or ""
        if name in OPEN:
            return None
        if request.session.get(sessions.KIND) != sessions.STAFF or has_passed(request):
            return None
        if not request.user.is_authenticated:
            return None
        has_factor = is_mfa_enabled(request.user)
        if name in SET_UP and not has_factor:
            return None
        return self._to_the_second_step(request, has_factor=has_factor)

    def _to_the_second_step(self, request: HttpRequest, *, has_factor: bool) -> HttpResponse:
        if has_factor:
            back = request.get_full_path() if request.method == "GET" and not request.htmx else ""
            target = reverse("mfa_reauthenticate") + (f"?{urlencode({'next': back})}" if back else "")
        else:
            target = reverse("mfa_index")
            if request.method != "GET":
                messages.warning(request, _("Nothing was kept: your account needs a second step first."))
        if request.htmx:
            return HttpResponseClientRedirect(target)
        return HttpResponseRedirect(target)


@cache
def _cipher(secrets: tuple[str, ...]) -> MultiFernet:
    keys = (derived_key(secret, "lms.users.second_factor") for secret in secrets)
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in keys])


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps secrets of authenticator apps and recovery codes encrypted: a copy of the database is no second factor.

    The key follows from ``SECRET_KEY``; a key that was replaced stays in ``SECRET_KEY_FALLBACKS`` as long as factors
    made under it are to hold.
    """

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy(
            "This code is wrong or was used before. Wait for the next one and try again."
        ),
        "cannot_delete_authenticator": gettext_lazy(
            "Your work needs a second step: set up another one before you remove this one."
        ),
    }

    def encrypt(self, text: str) -> str:
        return _cipher(secret_keys()).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _cipher(secret_keys()).decrypt(encrypted_text.encode()).decode()
        except InvalidToken as fault:
            raise ImproperlyConfigured(
                "a second factor was kept under another SECRET_KEY: put that key into SECRET_KEY_FALLBACKS"
            ) from fault

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Whoever needs a second factor keeps at least one."""
        return not is_required(authenticator.user) or has_another(authenticator)

    def generate_authenticator_name(self, user, type: Authenticator.Type) -> str:
        kept = Authenticator.objects.filter(user=user, type=type).count()
        return _("Passkey %(number)s") % {"number": kept + 1}

    def _get_site_name(self) -> str:
        return str(settings.PRODUCT_NAME)


def has_another(authenticator: Authenticator) -> bool:
    """Whether the person could still sign in without this one; recovery codes are no factor of their own."""
    return (
        Authenticator.objects.filter(user=authenticator.user)
        .exclude(type=Authenticator.Type.RECOVERY_CODES)
        .exclude(pk=authenticator.pk)
        .exists()
    )


@transaction.atomic
def reset_second_factor(*, person: User, actor, reason: str, now: datetime) -> None:
    """Remove every factor of a person who has lost theirs, and end all their sessions.

    They sign in by password and set up a new one. ``actor`` is None for the operator at the command line; how the person
    proved who they are belongs into ``reason``.

    Raises:
        NotAllowed, OwnSecondFactor, NoSecondFactor, ReasonMissing
    """
    if actor is not None:
        if not may_change_people(actor):
            raise NotAllowed
        if actor.pk == person.pk:
            raise OwnSecondFactor
    if not reason.strip():
        raise ReasonMissing
    kept = User.objects.select_for_update().get(pk=person.pk)
    removed = list(Authenticator.objects.filter(user=kept).values_list("type", flat=True))
    if not removed:
        raise NoSecondFactor
    Authenticator.objects.filter(user=kept).delete()
    ended = 0
    for session in sessions.sessions_of(kept):
        session.end()
        ended += 1
    record_event(
        actor=actor,
        action="second_factor.reset",
        target=kept,
        now=now,
        reason=reason.strip(),
        kinds=sorted(removed),
        sessions=ended,
    )

"""Who of our people a provider of single sign-on has confirmed.

A link (allauth's ``SocialAccount``) says it for good. Without one a person is found by what the provider's entry allows
(``match``): the staff code, or the official e-mail where the provider says that it is verified. Nobody is made: where a
person sits is for the school's staff lists to say. A provider that knows neither, such as one keyed by the personal
identifier, is linked by its owner under the own account.
"""

import logging
from datetime import datetime
from typing import Any

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthError, AuthProcess
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.core.audit import record_event
from lms.core.errors import DomainError
from lms.core.vietnamese import fold, nfc

from .models import User
from .pseudonyms import pseudonym

logger = logging.getLogger(__name__)


class IdentityRefused(DomainError):
    """The provider has confirmed somebody, and we let nobody in for it."""


class Unknown(IdentityRefused):
    message = gettext_lazy(
        "No account belongs to it yet. If you have one, sign in with your password and link it under “Single sign-on”; "
        "if not, ask your unit coordinator or the training office."
    )


class TwoPeople(IdentityRefused):
    message = gettext_lazy(
        "Staff code and e-mail belong to two different people. Please tell the training office."
    )


class AnotherName(IdentityRefused):
    message = gettext_lazy(
        "The name differs from that of the account. Please tell the training office: one of the two records is wrong."
    )


class LinkedToAnother(IdentityRefused):
    message = gettext_lazy("It is linked to another account. Please tell the training office.")


class LastWayIn(DomainError):
    message = gettext_lazy("Set a password first: without it you could not sign in any more.")


def providers() -> list[dict[str, Any]]:
    """The providers of this installation as they are configured, in order of the file."""
    return settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])


def full_name(claims: dict[str, Any]) -> str:
    """The name in Vietnamese order, "Nguyễn Văn A": family name, middle names, given name; "" where none is told.

    The parts win over ``name``, which some providers write the other way round (OpenID Connect Core 1.0, section 5.1).
    """
    parts = [claims.get(part) for part in ("family_name", "middle_name", "given_name")]
    if all(isinstance(part, str) and part.strip() for part in (parts[0], parts[2])):
        family, middle, given = (nfc(str(part or "")).strip() for part in parts)
        # Middle names often stand in the given name as well.
        if middle and fold(given).startswith(f"{fold(middle)} "):
            middle = ""
        return " ".join(filter(None, [family, middle, given]))
    name = claims.get("name")
    return nfc(name).strip() if isinstance(name, str) else ""


def names_agree(one: str, other: str) -> bool:
    """The same words in any order, marks aside; a name nobody told contradicts none."""
    return not one or not other or sorted(fold(one).split()) == sorted(fold(other).split())


def find_person(claims: dict[str, Any], *, rules: dict[str, Any]) -> User | None:
    """The person the claims name by the rules of the provider (``match``, ``claims``); None when they name nobody of ours.

    Raises:
        TwoPeople: by code it is one, by e-mail another
        AnotherName: the code is one person's and the name another's
    """

    def told(claim: str) -> Any:
        return claims.get(rules["claims"][claim])

    found = {}
    code, email = told("staff_code"), told("email")
    if "staff_code" in rules["match"] and isinstance(code, str) and "@" not in code:
        found["staff_code"] = User.objects.named(code)
    if (
        "email" in rules["match"]
        and isinstance(email, str)
        and "@" in email
        and told("email_verified") is True
    ):
        found["email"] = User.objects.named(email)
    people = {person.pk: person for person in found.values() if person}
    if len(people) > 1:
        raise TwoPeople
    if not people:
        return None
    [person] = people.values()
    if not names_agree(full_name(claims), person.get_full_name()):
        raise AnotherName
    return person


@transaction.atomic
def link(*, login: SocialLogin, request: HttpRequest, person: User, by: str, now: datetime) -> None:
    """From now on this identity signs the person in. ``by``: how it was found, "match" or "owner"."""
    if not names_agree(full_name(login.claims), person.get_full_name()):
        raise AnotherName
    login.connect(request, person)
    record_event(
        actor=person,
        action="single_sign_on.linked",
        target=person,
        now=now,
        in_no_role=True,
        provider=login.account.provider,
        by=by,
    )


@transaction.atomic
def unlink(*, account: SocialAccount, now: datetime) -> None:
    """Raises LastWayIn."""
    person = User.objects.select_for_update().get(pk=account.user_id)
    others = SocialAccount.objects.filter(user=person).exclude(pk=account.pk)
    if not person.has_usable_password() and not others.exists():
        raise LastWayIn
    account.delete()
    record_event(
        actor=person,
        action="single_sign_on.unlinked",
        target=person,
        now=now,
        in_no_role=True,
        provider=account.provider,
    )


def _follow_key(login: SocialLogin) -> None:
    """An identity kept under a replaced ``SECRET_KEY`` moves to the pseudonym of the key in use."""
    subject = login.claims[login.provider.app.settings["uid_field"]].strip()
    old = [pseudonym(subject, secret=key) for key in settings.SECRET_KEY_FALLBACKS]
    if SocialAccount.objects.filter(provider=login.account.provider, uid__in=old).update(
        uid=login.account.uid
    ):
        login.lookup()


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find whose identity it is, or say why nobody is let in. allauth's own sign-up is never reached."""
        provider = sociallogin.provider.app
        if not sociallogin.is_existing and provider.settings["keep_subject_secret"]:
            _follow_key(sociallogin)
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            raise ImmediateHttpResponse(self._link_to_own_account(request, sociallogin))
        if sociallogin.is_existing:
            return
        try:
            person = find_person(sociallogin.claims, rules=provider.settings)
            if person is None:
                raise Unknown
            link(login=sociallogin, request=request, person=person, by="match", now=timezone.now())
        except IdentityRefused as refusal:
            said = {"provider": provider.name, "name": full_name(sociallogin.claims) or _("somebody")}
            messages.error(request, _("%(provider)s has confirmed %(name)s.") % said + f" {refusal}")
            raise ImmediateHttpResponse(redirect("account_login")) from refusal

    def _link_to_own_account(self, request: HttpRequest, login: SocialLogin) -> HttpResponse:
        if not request.user.is_authenticated or not did_recently_reauthenticate(request):
            return redirect("link_single_sign_on", login.account.provider)
        try:
            if login.is_existing and login.account.user_id != request.user.pk:
                raise LinkedToAnother
            if not login.is_existing:
                link(login=login, request=request, person=request.user, by="owner", now=timezone.now())
        except IdentityRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(
                request, _("From now on %(provider)s signs you in.") % {"provider": login.provider.app.name}
            )
        return redirect("single_sign_on")

    def on_authentication_error(
        self, request: HttpRequest, provider, error=None, exception=None, extra_context=None
    ) -> None:
        """Back to the sign-in page, where other ways in stand; the log says what was wrong."""
        said = {"provider": provider.app.name}
        if error == AuthError.CANCELLED:
            messages.info(request, _("You did not sign in with %(provider)s.") % said)
        else:
            logger.warning("single sign-on with %s failed: %r", provider.app.provider_id, exception)
            messages.error(
                request,
                _("%(provider)s could not confirm who you are. Try again, or choose another way.") % said,
            )
        raise ImmediateHttpResponse(redirect("account_login"))

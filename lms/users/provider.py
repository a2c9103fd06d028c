"""The one kind of provider of single sign-on; allauth finds it by the name of this module.

All that tells one provider from another is its entry in the file ``SINGLE_SIGN_ON`` names (``lms.settings.single_sign_on``).
"""

from typing import Any

from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base.provider import ProviderException
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.http import HttpRequest

from .pseudonyms import pseudonym


def claims_of(data: dict[str, Any]) -> dict[str, Any]:
    """What the provider says of the person: the ID token, completed by the user information.

    Raises:
        ProviderException: both are there and speak of different people (OpenID Connect Core 1.0, section 5.3.2).
    """
    token, information = data.get("id_token") or {}, data.get("userinfo") or {}
    if token and information and token.get("sub") != information.get("sub"):
        raise ProviderException("ID token and user information name different subjects")
    return token | information


class SingleSignOnProvider(OpenIDConnectProvider):
    def extract_uid(self, data: dict[str, Any]) -> str:
        field = self.app.settings["uid_field"]
        subject = claims_of(data).get(field)
        if not isinstance(subject, str) or not subject.strip():
            raise ProviderException(f"the provider gave no claim {field!r}")
        subject = subject.strip()
        return pseudonym(subject) if self.app.settings["keep_subject_secret"] else subject

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """Nothing a provider says is kept: the school's own records are the truth about its people."""
        return {}

    def serialize(self) -> dict[str, Any]:
        """By its own name: two providers may know us by the same client id, and allauth would not tell them apart."""
        return super().serialize() | {"id": self.sub_id}

    def sociallogin_from_response(self, request: HttpRequest, response: dict[str, Any]) -> SocialLogin:
        login = super().sociallogin_from_response(request, response)
        login.claims = claims_of(response)
        return login


provider_classes = [SingleSignOnProvider]

"""Who asks: a token in the Authorization header, and nothing else. Cookies are not looked at."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.throttling import BaseThrottle

from lms.core.throttle import allow_for, seconds_left

from ..services import use_token


class TokenAuthentication(BaseAuthentication):
    def authenticate(self, request):
        scheme, _space, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if not scheme:
            return None
        token = use_token(secret=secret.strip(), now=timezone.now()) if scheme.lower() == "bearer" else None
        if token is None:
            raise AuthenticationFailed("The token is unknown, has expired or was revoked.")
        return AnonymousUser(), token

    def authenticate_header(self, request) -> str:
        return 'Bearer realm="api"'


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer"}


class MayRead(BasePermission):
    """The token was made for what the view shows (``view.scope``)."""

    message = "This token was not made for reading this."

    def has_permission(self, request, view) -> bool:
        return request.auth is not None and view.scope in request.auth.scopes


class PerToken(BaseThrottle):
    def allow_request(self, request, view) -> bool:
        self.now = timezone.now()
        limit = settings.API_REQUESTS_PER_MINUTE
        return allow_for(str(request.auth.pk), scope="api", per_minute=limit, now=self.now)

    def wait(self) -> int:
        return seconds_left(self.now)

"""Who comes in."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from lms.organisations.permissions import may_configure_organisation

View = Callable[..., HttpResponse]


def for_configurers(view: View) -> View:
    """403 for those who may not configure the organisation; the CMS admin itself has asked for the sign-in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not may_configure_organisation(request.user, now=timezone.now()):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded

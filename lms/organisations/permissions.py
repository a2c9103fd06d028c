"""Who may change units, postings and roles."""

from datetime import datetime

from django.utils import timezone

from lms.core.errors import NotAllowed

from .access import access_for
from .models import Role


def may_configure_organisation(user, *, now: datetime) -> bool:
    """Units, postings and roles are the system administrator's; a superuser is the installer of last resort."""
    return user.is_superuser or access_for(user, on=timezone.localdate(now)).has(Role.SYSTEM_ADMINISTRATOR)


def require_configurer(actor, *, now: datetime) -> None:
    """Raises NotAllowed. ``actor`` is None when the system itself writes: an import, the demo world."""
    if actor is not None and not may_configure_organisation(actor, now=now):
        raise NotAllowed

"""Who reads reports, and of which units."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from lms.core.errors import NotAllowed
from lms.organisations.access import REPORT_ROLES, Access, access_for
from lms.organisations.models import Role, Unit

from .frames import OUTSIDE_CODE, outside


def can_read_reports(access: Access) -> bool:
    return access.has(*REPORT_ROLES)


def report_access(request: HttpRequest) -> Access:
    """The reader's access; raises PermissionDenied for those reports are not for."""
    access = access_for(request.user)
    if not can_read_reports(access):
        raise PermissionDenied
    return access


def unit_in_reach(access: Access, code: str) -> Unit | None:
    """The unit asked for by code, None for none asked; a unit out of reach is not found."""
    if not code:
        return None
    if code == OUTSIDE_CODE and access.sees_all_units:
        return outside()
    unit = Unit.objects.filter(access.units_q(), code=code).first()
    if unit is None:
        raise Http404
    return unit


def may_manage_tokens(user) -> bool:
    return user.is_superuser or access_for(user).has(Role.SYSTEM_ADMINISTRATOR)


def require_token_manager(actor) -> None:
    """Raises NotAllowed: what other systems may read is the system administrator's."""
    if not may_manage_tokens(actor):
        raise NotAllowed

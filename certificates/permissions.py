"""Who may do what with certificates, beyond holding them."""

from lms.organisations.access import access_for
from lms.organisations.models import Role


def can_issue(user) -> bool:
    return access_for(user).has(Role.SCHOOL_ADMINISTRATOR)


def can_read_register(user) -> bool:
    """The register shows birth dates, so it is for those who keep it and those who sign it."""
    return access_for(user).has(Role.SCHOOL_ADMINISTRATOR, Role.SCHOOL_LEADER)

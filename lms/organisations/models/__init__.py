"""Units and their history, postings, role grants."""

from .people import PersonnelCategory, Posting, Role, RoleGrant
from .units import Unit, UnitEvent, UnitKind, UnitSuccession, UnitVersion

__all__ = [
    "PersonnelCategory",
    "Posting",
    "Role",
    "RoleGrant",
    "Unit",
    "UnitEvent",
    "UnitKind",
    "UnitSuccession",
    "UnitVersion",
]

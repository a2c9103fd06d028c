"""What a signed-in person may see and do: the one place roles are turned into scopes.

Rows out of scope are not found (404); rows in scope without the right are forbidden (403).
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from lms.users.sessions import LEARNER, STAFF

from .models import Posting, Role, RoleGrant, Unit

# Roles whose sight does not end at a subtree: training as a whole is their work.
ALL_UNITS_ROLES = {Role.SCHOOL_ADMINISTRATOR, Role.SCHOOL_LEADER, Role.MINISTRY_READER}
REPORT_ROLES = ALL_UNITS_ROLES | {Role.COORDINATOR}


@dataclass(frozen=True)
class Access:
    """The roles one person holds on one day, with the paths of the units they hold them on."""

    grants: tuple[tuple[str, str], ...]  # (role, unit path)
    unit_codes: tuple[str, ...] = ()  # of the grants, for the audit trail

    @cached_property
    def roles(self) -> frozenset[str]:
        return frozenset(role for role, _path in self.grants)

    def has(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles)

    @property
    def sees_all_units(self) -> bool:
        return not self.roles.isdisjoint(ALL_UNITS_ROLES)

    @cached_property
    def coordinated_paths(self) -> tuple[str, ...]:
        return tuple(sorted(path for role, path in self.grants if role == Role.COORDINATOR))

    def units_q(self, field: str = "") -> Q:
        """A condition on units this person may read staff and figures of.

        ``field`` is the lookup that leads to the unit ("" on Unit itself, "unit" on rows that hold one).
        """
        if self.sees_all_units:
            return Q()
        prefix = f"{field}__path__startswith" if field else "path__startswith"
        condition = Q(pk__in=[])
        for path in self.coordinated_paths:
            condition |= Q(**{prefix: path})
        return condition

    def people_q(self, *, on: date) -> Q:
        """A condition on people this person reads the records of: who sits in reach on the day."""
        if self.sees_all_units:
            return Q()
        if not self.coordinated_paths:
            return Q(pk__in=[])
        here = Posting.objects.on(on).filter(self.units_q("unit"), person=OuterRef("pk"))
        return Q(Exists(here))

    def covers(self, unit: Unit) -> bool:
        """Whether the unit lies within what this person reads."""
        return self.sees_all_units or any(unit.path.startswith(path) for path in self.coordinated_paths)

    def coordinates(self, unit: Unit) -> bool:
        return any(unit.path.startswith(path) for path in self.coordinated_paths)


NO_ACCESS = Access(grants=())


def access_for(user, *, on: date | None = None) -> Access:
    """The access of a user on a day (today by default), kept on the user object for the rest of the request."""
    if not user.is_authenticated:
        return NO_ACCESS
    day = on or timezone.localdate()
    kept: dict[date, Access] = user.__dict__.setdefault("_access_by_day", {})
    if day not in kept:
        grants = (
            RoleGrant.objects.on(day)
            .filter(person=user)
            .values_list("role", "unit__path", "unit__code")
            .order_by("role", "unit__path")
        )
        kept[day] = Access(
            grants=tuple((role, path) for role, path, _code in grants),
            unit_codes=tuple(dict.fromkeys(code for _role, _path, code in grants)),
        )
    return kept[day]


def oversees_jobs(user) -> bool:
    """Whether the person follows everybody's background work."""
    return access_for(user).has(Role.SCHOOL_ADMINISTRATOR, Role.SYSTEM_ADMINISTRATOR)


def described_for_audit(actor) -> tuple[str, str]:
    """The roles an actor holds today and the codes of their units; ("", "") for somebody without one."""
    access = access_for(actor)
    return ", ".join(sorted(access.roles)), ", ".join(access.unit_codes)


def role_words(codes: str) -> str:
    """What ``described_for_audit`` wrote, in words; a role that is no more keeps its code."""
    labels = dict(Role.choices)
    return ", ".join(str(labels.get(code, code)) for code in codes.split(", "))


def kind_of_session(user) -> str:
    """Who holds a role, or is a superuser, leaves an office open and not a course."""
    return STAFF if user.is_superuser or access_for(user).roles else LEARNER

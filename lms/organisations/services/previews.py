"""What a change of the structure would do, found by doing it and taking it back: the preview is the change itself."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from lms.organisations.followers import follower_label
from lms.organisations.models import Posting, RoleGrant, Unit, UnitEvent

NAMES_SHOWN = 20


@dataclass(frozen=True)
class UnitChange:
    """One unit before and after; None where it does not stand."""

    code: str
    before: str | None
    after: str | None
    parent_before: str | None
    parent_after: str | None


@dataclass(frozen=True)
class Preview:
    units: list[UnitChange]
    people: int
    names: list[str]  # the first of them
    moved: list[tuple[str, int]]  # (what follows the people, how many)
    roles: list[str]  # roles that end

    @property
    def fingerprint(self) -> str:
        """The same for the same consequences, so that what is confirmed is what was shown."""
        said = [
            [list(vars(unit).values()) for unit in self.units],
            self.people,
            self.names,
            self.moved,
            self.roles,
        ]
        return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()


def preview_change(operation: Callable[[], UnitEvent]) -> Preview:
    """Carry the operation out, look at what it did, and roll it back. Raises what the operation raises."""
    with transaction.atomic():
        before = _shapes()
        event = operation()
        preview = _seen(event, before)
        transaction.set_rollback(True)
    return preview


def _shapes() -> dict[int, tuple[str, str, str | None]]:
    rows = Unit.objects.existing().values_list("pk", "code", "name", "parent__name")
    return {pk: (code, name, parent) for pk, code, name, parent in rows}


def _seen(event: UnitEvent, before: dict[int, tuple[str, str, str | None]]) -> Preview:
    after = _shapes()
    units = []
    for pk, path in event.units.order_by("path").values_list("pk", "path"):
        old, new = before.get(pk), after.get(pk)
        if old == new:
            continue
        shown = new or old or ("", path, None)
        units.append(
            UnitChange(
                code=shown[0],
                before=old and old[1],
                after=new and new[1],
                parent_before=old and old[2],
                parent_after=new and new[2],
            )
        )
    changes = event.changes
    ended = Posting.objects.filter(pk__in=[pk for pk, _valid_to in changes["postings_closed"]])
    grants = RoleGrant.objects.filter(pk__in=[pk for pk, _valid_to in changes["roles_ended"]])
    return Preview(
        units=units,
        people=ended.values("person").distinct().count(),
        names=[
            str(posting.person)
            for posting in ended.select_related("person").order_by("person__name_key", "pk")[:NAMES_SHOWN]
        ],
        moved=[(follower_label(name), len(values)) for name, values in changes["moved"].items()],
        roles=[str(grant) for grant in grants.select_related("person", "unit").order_by("pk")],
    )

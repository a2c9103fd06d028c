"""Changes of the structure from YAML, through the services a system administrator uses."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from lms.organisations.models import RoleGrant, Unit, UnitEvent
from lms.organisations.services import Decision, NewUnit, found_unit, grant_role, merge_units, move_unit


@transaction.atomic
def load_reorganisations(path: Path, *, now: datetime) -> int:
    """All changes in the order of the file, once: where there is any already nothing is entered. Gives their number."""
    if UnitEvent.objects.exists():
        return 0
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    return sum(len(_enter(entry, now=now)) for entry in entries)


def _enter(entry: dict[str, Any], *, now: datetime) -> list[UnitEvent]:
    said = {
        "on": entry["day"],
        "decision": Decision(
            number=entry.get("decision", ""),
            note=entry.get("note", ""),
            to_confirm=entry.get("to_confirm", False),
        ),
        "actor": None,
        "now": now,
    }
    units = [Unit.objects.get(code=code) for code in entry.get("units", [])]
    match entry["kind"]:
        case "found":
            return [found_unit(new=NewUnit(**entry["unit"]), parent=None, **said)]
        case "move":
            parent = Unit.objects.get(code=entry["parent"])
            return [move_unit(unit=unit, parent=parent, **said) for unit in units]
        case "merge":
            event = merge_units(units=units, into=NewUnit(**entry["into"]), **said)
            if entry.get("roles_go_along"):
                _grant_anew(
                    event, heir=Unit.objects.get(code=entry["into"]["code"]), on=entry["day"], now=now
                )
            return [event]
    raise ValueError(f"no such change: {entry['kind']}")


def _grant_anew(event: UnitEvent, *, heir: Unit, on: date, now: datetime) -> None:
    """Roles end with the unit they were held on; here they are granted again on the one that took over."""
    ended = RoleGrant.objects.filter(pk__in=[pk for pk, _valid_to in event.changes["roles_ended"]])
    for grant in ended.select_related("person").order_by("pk"):
        grant_role(
            person=grant.person,
            role=grant.role,
            unit=heir,
            valid_from=on,
            decision_number=event.decision_number,
            actor=None,
            now=now,
        )

"""A whole tree brought in from a file, from a day on. Units the file does not name are left as they are."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lms.core.audit import record_events
from lms.core.errors import DomainError
from lms.organisations.models import Unit, UnitVersion
from lms.organisations.permissions import require_configurer
from lms.organisations.unit_files import Refusal, UnitRow

from .errors import TooManyChildren
from .reorganisations import Decision, move_unit, rename_unit
from .units import MOST_CHILDREN, next_path


@dataclass
class UnitImport:
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[Refusal] = field(default_factory=list)


@transaction.atomic
def import_units(
    *, rows: Iterable[UnitRow], on: date, actor, now: datetime, dry_run: bool = False
) -> UnitImport:  # fmt: skip
    """Create what is new and change what differs, from the day on; a dry run does the same and takes it back.

    New units are written level by level in bulk. A row whose parent is unknown or refused is refused itself.
    """
    require_configurer(actor, now=now)
    result = UnitImport()
    known = {unit.code.casefold(): unit for unit in Unit.objects.select_related("parent")}
    waiting = {row.code.casefold(): row for row in rows}
    while waiting:
        level = [
            row
            for row in waiting.values()
            if not row.parent_code
            or row.parent_code.casefold() in known
            and row.parent_code.casefold() not in waiting
        ]
        if not level:
            break
        for row in level:
            del waiting[row.code.casefold()]
        new = [row for row in level if row.code.casefold() not in known]
        for row in level:
            if row.code.casefold() in known:
                _bring_in_step(row, known, on=on, actor=actor, now=now, result=result)
        for unit in _create(new, known, on=on, actor=actor, now=now):
            known[unit.code.casefold()] = unit
            result.created += 1
    result.refused += [
        Refusal(
            row.number,
            "parent_code",
            row.parent_code,
            _("No unit has this code, or its own row was refused."),
        )
        for row in waiting.values()
    ]
    result.refused.sort(key=lambda refusal: refusal.row)
    if dry_run:
        transaction.set_rollback(True)
    return result


def _create(rows: list[UnitRow], known: dict[str, Unit], *, on: date, actor, now: datetime) -> list[Unit]:
    below: dict[str, list[UnitRow]] = defaultdict(list)
    for row in rows:
        below[row.parent_code.casefold()].append(row)
    units = []
    for parent_code, children in below.items():
        parent = known[parent_code] if parent_code else None
        first = next_path(parent)
        prefix, ordinal = first[:-4], int(first[-4:])
        if ordinal + len(children) - 1 > MOST_CHILDREN:
            raise TooManyChildren
        for place, row in enumerate(children, start=ordinal):
            unit = Unit(
                code=row.code, name=row.name, name_en=row.name_en, kind=row.kind, parent=parent,
                path=f"{prefix}{place:04d}",
            )  # fmt: skip
            unit.set_derived_fields()
            units.append(unit)
    units = Unit.objects.bulk_create(units, batch_size=1000)
    UnitVersion.objects.bulk_create(
        [
            UnitVersion(
                unit=unit, code=unit.code, name=unit.name, name_en=unit.name_en, kind=unit.kind,
                parent=unit.parent, valid_from=on,
            )
            for unit in units
        ],
        batch_size=1000,
    )  # fmt: skip
    record_events(
        actor=actor, action="unit.created", now=now,
        targets=[(unit, {"code": unit.code, "name": unit.name}) for unit in units],
    )  # fmt: skip
    return units


def _bring_in_step(
    row: UnitRow, known: dict[str, Unit], *, on: date, actor, now: datetime, result: UnitImport
) -> None:  # fmt: skip
    """Rename and move a unit that stands already, as far as it differs."""
    unit = known[row.code.casefold()]
    parent = known[row.parent_code.casefold()] if row.parent_code else None
    names = (unit.name, unit.name_en, unit.kind) != (row.name, row.name_en, row.kind)
    moves = unit.parent_id != (parent.pk if parent else None)
    if not names and not moves:
        result.unchanged += 1
        return
    said = {"on": on, "decision": Decision(), "actor": actor, "now": now}
    try:
        with transaction.atomic():
            if names:
                rename_unit(
                    unit=unit, code=unit.code, name=row.name, name_en=row.name_en, kind=row.kind, **said
                )
            if moves:
                move_unit(unit=unit, parent=parent, **said)
    except DomainError as refusal:
        result.refused.append(Refusal(row.number, "code", row.code, str(refusal.message)))
        return
    known[row.code.casefold()] = Unit.objects.select_related("parent").get(pk=unit.pk)
    result.changed += 1

"""The tree of units as it stood on a day, in a constant number of queries whatever its size."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from .lineage import Span, homes
from .models import Unit, UnitSuccession, UnitVersion


@dataclass(frozen=True)
class Structure:
    """The units that stood on ``day``, parents before children, as ``Unit`` objects that are not to be saved.

    Their name, kind, code, parent and path are those of the day; ``path`` orders and nests them as it does today's.
    """

    day: date
    units: dict[int, Unit]

    @classmethod
    def on(cls, day: date) -> "Structure":
        """One query."""
        rows = UnitVersion.objects.on(day).order_by("unit_id")
        shapes = {
            row[0]: row
            for row in rows.values_list("unit_id", "parent_id", "code", "name", "name_en", "kind").iterator()
        }
        below: dict[int | None, list[int]] = defaultdict(list)
        for pk, parent, *_shape in shapes.values():
            below[parent if parent in shapes else None].append(pk)
        units: dict[int, Unit] = {}
        waiting = [(pk, None, "", number) for number, pk in reversed(list(enumerate(below[None], start=1)))]
        while waiting:
            pk, parent, prefix, number = waiting.pop()
            path = f"{prefix}{number:04d}"
            _pk, _parent, code, name, name_en, kind = shapes[pk]
            units[pk] = Unit(
                pk=pk, code=code, name=name, name_en=name_en, kind=kind, parent_id=parent, path=path
            )
            children = below.get(pk, ())
            waiting += [
                (child, pk, path, place) for place, child in reversed(list(enumerate(children, start=1)))
            ]
        return cls(day=day, units=units)

    @property
    def parents(self) -> dict[int, int | None]:
        """Unit → parent, parents first."""
        return {pk: unit.parent_id for pk, unit in self.units.items()}

    def subtree(self, unit_id: int) -> list[Unit]:
        """The unit and everything below it, in tree order; empty when it did not stand."""
        top = self.units.get(unit_id)
        if top is None:
            return []
        return [unit for unit in self.units.values() if unit.path.startswith(top.path)]

    def ancestors(self, unit_id: int) -> list[Unit]:
        """What stood above the unit, the top first."""
        return list(self._above(unit_id))[::-1]

    def _above(self, unit_id: int) -> Iterator[Unit]:
        unit = self.units.get(unit_id)
        while unit is not None and unit.parent_id is not None:
            unit = self.units[unit.parent_id]
            yield unit


def homes_on(day: date) -> dict[int, int | None]:
    """Every unit there ever was → the unit its records belong to under the structure of the day. Two queries."""
    spans: dict[int, Span] = {}
    opened: dict[int, int | None] = {}
    rows = UnitVersion.objects.order_by("unit_id", "valid_from")
    for unit, parent, start, end, event in rows.values_list(
        "unit_id", "parent_id", "valid_from", "valid_to", "opened_by_id"
    ):
        first = spans.get(unit)
        if first is None:
            opened[unit] = event
        spans[unit] = Span(
            start=first.start if first else start,
            end=end,
            first_parent=first.first_parent if first else parent,
            last_parent=parent,
        )
    heirs: dict[int, int] = {}
    origins: dict[int, int] = {}
    for event, before, after, is_main in UnitSuccession.objects.order_by("pk").values_list(
        "event_id", "from_unit_id", "to_unit_id", "is_main"
    ):
        if is_main:
            heirs[before] = after
        if opened.get(after) == event:
            origins.setdefault(after, before)
    return homes(spans, heirs=heirs, origins=origins, day=day)

"""Under which tree a report stands: today's, with the units of their own time, or the structure of a day."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from lms.organisations.access import Access
from lms.organisations.models import Unit
from lms.organisations.structure import Structure, homes_on

# Rows that are no units: the sum of several tops, and what stood nowhere in the structure of the day.
WHOLE = 0
OUTSIDE = -1
OUTSIDE_CODE = "-"


def outside() -> Unit:
    """The row of what stood nowhere."""
    return Unit(pk=OUTSIDE, code=OUTSIDE_CODE, name=_("Outside the structure of this day"), path="9999")


def units_in_reach(access: Access, root: Unit | None) -> QuerySet[Unit]:
    units = Unit.objects.filter(access.units_q()).order_by("path")
    return units.subtree_of(root) if root else units


@dataclass(frozen=True)
class Frame:
    """The rows of a report and where each unit's figures are placed."""

    units: list[Unit]  # in tree order; WHOLE first where several tops stand side by side
    condition: Q  # on the ids of units whose records are read
    homes: dict[int, int | None] | None  # None: every unit is its own row
    above: list[Unit] = field(default_factory=list)

    @classmethod
    def of(cls, access: Access, *, root: Unit | None, structure_day: date | None) -> "Frame":
        if structure_day is None:
            return cls._of_today(access, root)
        return cls._of_day(access, root, structure_day)

    @classmethod
    def _of_today(cls, access: Access, root: Unit | None) -> "Frame":
        units = list(units_in_reach(access, root))
        above = []
        if root is not None:
            prefixes = [root.path[: 4 * depth] for depth in range(1, root.depth + 1)]
            above = list(Unit.objects.filter(access.units_q(), path__in=prefixes).order_by("path"))
        return cls(units=with_whole(units), condition=in_reach(access, root), homes=None, above=above)

    @classmethod
    def _of_day(cls, access: Access, root: Unit | None, day: date) -> "Frame":
        structure, homes = Structure.on(day), homes_on(day)
        codes = dict(Unit.objects.values_list("pk", "code"))
        for unit in structure.units.values():
            unit.code = codes[unit.pk]  # what addresses name it by; a code is dated too
        if access.sees_all_units:
            shown = set(structure.units)
        else:
            reached = units_in_reach(access, None).values_list("pk", flat=True)
            shown = {homes[unit] for unit in reached} - {None}
        above: list[Unit] = []
        if root is not None and root.pk == OUTSIDE:
            return cls(units=[root], condition=in_reach(access, None), homes=homes)
        if root is not None:
            home = homes.get(root.pk)
            subtree = structure.subtree(home) if home is not None else []
            above = [unit for unit in structure.ancestors(home) if unit.pk in shown] if subtree else []
            shown &= {unit.pk for unit in subtree}
        units = [unit for unit in structure.units.values() if unit.pk in shown]
        if root is None and access.sees_all_units and None in homes.values():
            units.append(outside())
        return cls(units=with_whole(units), condition=in_reach(access, None), homes=homes, above=above)

    @property
    def parents(self) -> dict[int, int | None]:
        shown = {unit.pk for unit in self.units}
        whole = WHOLE if WHOLE in shown else None
        return {
            unit.pk: unit.parent_id if unit.parent_id in shown else (whole if unit.pk != WHOLE else None)
            for unit in self.units
        }

    @cached_property
    def top_depth(self) -> int:
        return min((unit.depth for unit in self.units if unit.pk != WHOLE), default=0)

    def is_bygone(self, unit: Unit) -> bool:
        """Shown only where it has something to count."""
        return unit.ended_on is not None or unit.pk == OUTSIDE

    def within(self, field: str) -> Q:
        """On rows whose ``field`` holds the id of a unit within reach."""
        return (
            Q()
            if not self.condition
            else Q(**{f"{field}__in": Unit.objects.filter(self.condition).values("pk")})
        )

    def home_of(self, unit: int) -> int:
        if self.homes is None:
            return unit
        home = self.homes[unit]
        return OUTSIDE if home is None else home

    def placed_people(self, pairs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        return ((person, self.home_of(unit)) for person, unit in pairs)

    def placed(self, *counts: Iterable[tuple[int, ...]], widths: Sequence[int]) -> dict[int, list[int]]:
        """Rows of (unit, figures …) from several queries as one vector for each unit shown."""
        vectors = {unit.pk: [0] * sum(widths) for unit in self.units}
        begin = 0
        for rows, width in zip(counts, widths, strict=True):
            for unit, *figures in rows:
                vector = vectors.get(self.home_of(unit))
                if vector is not None:
                    for place, figure in enumerate(figures, start=begin):
                        vector[place] += figure
            begin += width
        return vectors


def with_whole(units: list[Unit]) -> list[Unit]:
    """Several tops get a row that adds them up."""
    shown = {unit.pk for unit in units}
    tops = [unit for unit in units if unit.parent_id not in shown]
    if len(tops) < 2:
        return units
    return [Unit(pk=WHOLE, code="", name=_("All units"), path=""), *units]


def in_reach(access: Access, root: Unit | None) -> Q:
    condition = access.units_q()
    return condition & Q(path__startswith=root.path) if root is not None else condition


def condition_of(access: Access, *, unit: Unit | None, structure_day: date | None, field: str) -> Q:
    """On rows whose ``field`` holds the id of a unit the report counts under ``unit`` (all, when None)."""
    if structure_day is None:
        return Frame(units=[], condition=in_reach(access, unit), homes=None).within(field)
    frame = Frame.of(access, root=unit, structure_day=structure_day)
    shown = {each.pk for each in frame.units}
    counted = [each for each in frame.homes if frame.home_of(each) in shown]
    return frame.within(field) & Q(**{f"{field}__in": counted})

"""Adding up a tree. No Django here.

A unit's figures are its own rows and those of everything below it; figures that are sums add up, people are counted
once however many units below count them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence


def roll_up(
    parents: Mapping[int, int | None], own: Mapping[int, Sequence[int]], *, width: int
) -> dict[int, list[int]]:
    """Sums of ``own`` vectors (each ``width`` long) over every subtree.

    ``parents`` maps each unit to its parent (None at a root) and must list parents before children; a parent
    outside the mapping counts as none, so a subtree can be added up alone.
    """
    totals = {unit: list(own.get(unit, (0,) * width)) for unit in parents}
    for unit in reversed(list(parents)):
        parent = parents[unit]
        if parent in totals:
            above, here = totals[parent], totals[unit]
            for index in range(width):
                above[index] += here[index]
    return totals


def distinct_people(parents: Mapping[int, int | None], places: Iterable[tuple[int, int]]) -> dict[int, int]:
    """How many people stand in each subtree, each counted once however many of its units they stand in.

    ``parents`` as for ``roll_up``. ``places`` gives (person, unit) ordered by person, and is read once: nothing is kept
    of a person when the next one comes.
    """
    first_met: dict[int, int] = defaultdict(int)
    also_met: dict[int, int] = defaultdict(int)
    before, home = None, 0
    counted_in: set[int] | None = None  # most people stand in one unit and need none
    for person, unit in places:
        if person != before:
            before, home, counted_in = person, unit, None
            first_met[unit] += 1
        elif unit != home:
            if counted_in is None:
                counted_in = set(_upwards(parents, home))
            for above in _upwards(parents, unit):
                if above in counted_in:  # and so is all that stands above it
                    break
                counted_in.add(above)
                also_met[above] += 1
    sums = roll_up(parents, {unit: (people,) for unit, people in first_met.items()}, width=1)
    return {unit: people + also_met[unit] for unit, (people,) in sums.items()}


def _upwards(parents: Mapping[int, int | None], unit: int | None) -> Iterator[int]:
    """The unit and those above it, as far as they are known."""
    while unit is not None and unit in parents:
        yield unit
        unit = parents[unit]

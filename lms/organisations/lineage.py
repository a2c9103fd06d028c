"""Where a unit's records belong under the structure of another day. No Django here.

Every unit has a span of days, may have an heir (the one that took over its records when it ended) and an origin (the one
it was made from). Under the structure of day S a unit's records belong to itself if it stood on S; after its end to its
heir, or without one to the parent it last had; before its beginning to its origin, or without one to the parent it
first had; and so on until a unit is met that stood on S. Each unit thus has one home or none, so figures regrouped under
any structure add up to the same total.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Span:
    """Days of a unit: from ``start`` up to, not including, ``end`` (None: still stands), and its parents at both ends."""

    start: date
    end: date | None
    first_parent: int | None
    last_parent: int | None

    def holds(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


def homes(
    spans: Mapping[int, Span], *, heirs: Mapping[int, int], origins: Mapping[int, int], day: date
) -> dict[int, int | None]:
    """Unit → the unit its records belong to under the structure of the day; None where nothing stood for it then."""
    found: dict[int, int | None] = {}
    for unit in spans:
        way: list[int] = []
        here: int | None = unit
        while here is not None and here not in found and here not in way:
            span = spans[here]
            if span.holds(day):
                found[here] = here
                break
            way.append(here)
            if span.end is not None and span.end <= day:
                here = heirs.get(here, span.last_parent)
            else:
                here = origins.get(here, span.first_parent)
        home = found.get(here) if here is not None else None
        for step in way:
            found[step] = home
    return found

"""Who is drawn where several draws share questions: an exact answer, at random. Pure computation.

A draw takes questions of a bank with those below it, of one level or of any, so two draws may want the same ones. Taking greedily
could leave the last draw short although there is a way; this finds one whenever there is (Kuhn, "The Hungarian Method for the
Assignment Problem", 1955, as augmenting paths).
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Demand:
    """``count`` different ones of ``candidates``."""

    count: int
    candidates: frozenset[Hashable]


@dataclass(frozen=True)
class Drawn:
    """What each demand got, in the order asked; ``missing`` says how many each is short of."""

    chosen: list[list[Hashable]]
    missing: list[int]

    @property
    def is_complete(self) -> bool:
        return not any(self.missing)


def draw_at_random(demands: Sequence[Demand], random: Random) -> Drawn:
    """Nothing is taken twice. Demands with the fewest candidates choose first."""
    owner: dict[Hashable, int] = {}  # question → the demand that has it
    shuffled = [_shuffled(demand.candidates, random) for demand in demands]
    chosen: list[set[Hashable]] = [set() for _ in demands]

    def take(demand: int, tried: set[Hashable]) -> bool:
        """Give the demand one more, if need be by letting another demand change its mind."""
        free = next((one for one in shuffled[demand] if one not in owner), None)
        if free is not None:
            owner[free] = demand
            chosen[demand].add(free)
            return True
        for one in shuffled[demand]:
            if one in tried or owner[one] == demand:
                continue
            tried.add(one)
            other = owner[one]
            if take(other, tried):
                chosen[other].discard(one)
                chosen[demand].add(one)
                owner[one] = demand
                return True
        return False

    missing = [0] * len(demands)
    for index in sorted(range(len(demands)), key=lambda index: len(demands[index].candidates)):
        for _ in range(demands[index].count):
            if not take(index, set()):
                missing[index] += 1
    return Drawn([list(one) for one in chosen], missing)


def _shuffled(candidates: frozenset[Hashable], random: Random) -> list[Hashable]:
    """Sorted first: the order of a set is not the seed's."""
    ordered = sorted(candidates, key=repr)
    random.shuffle(ordered)
    return ordered

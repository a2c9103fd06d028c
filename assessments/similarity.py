"""Pairs of learners who share many equal wrong answers. Pure: no Django, no database.

Right answers are shared by all who learnt; equal mistakes are rarer, unless a question misleads everybody. So a wrong answer
that many gave is left out. What is found is a reason to look, not a proof: people who learnt together err together.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Set
from dataclasses import dataclass
from itertools import combinations

FEWEST_SHARED = 3
LEAST_SHARE = 0.6
# A mistake made by more than this part of all (of at least so many people) says something of the question.
COMMON_PART, COMMON_COUNT = 0.25, 8


@dataclass(frozen=True)
class SimilarPair:
    """``shared`` equal wrong answers; ``share`` of the fewer wrong answers (common ones left out) of the two, 0 to 1."""

    one: Hashable
    other: Hashable
    shared: int
    share: float


def similar_pairs(wrong: Mapping[Hashable, Set[Hashable]]) -> list[SimilarPair]:
    """``wrong``: per learner the wrong answers given, each (question, answer). The most alike come first."""
    givers: dict[Hashable, list[Hashable]] = defaultdict(list)
    for learner, answers in wrong.items():
        for answer in answers:
            givers[answer].append(learner)
    most = max(COMMON_COUNT, COMMON_PART * len(wrong))
    shared: dict[tuple[Hashable, Hashable], int] = defaultdict(int)
    telling: dict[Hashable, int] = defaultdict(int)
    for learners in givers.values():
        if len(learners) > most:
            continue
        for learner in learners:
            telling[learner] += 1
        for pair in combinations(learners, 2):
            shared[pair] += 1
    pairs = [
        SimilarPair(one, other, count, count / min(telling[one], telling[other]))
        for (one, other), count in shared.items()
        if count >= FEWEST_SHARED
    ]
    alike = [pair for pair in pairs if pair.share >= LEAST_SHARE]
    return sorted(alike, key=lambda pair: (-pair.shared, -pair.share, str(pair.one), str(pair.other)))

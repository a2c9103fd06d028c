"""What an item analysis takes and gives: rows of answers, figures of items and of the quiz, and where they begin to tell.

Pure data, computed by ``item_analysis``; the sources of the formulas stand there.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import NamedTuple


@dataclass(frozen=True)
class Thresholds:
    """Where figures begin to say something. The one place; the pages quote it.

    Discrimination: Ebel calls 0.40 and more very good, 0.30 good, 0.20 marginal, less poor. ``fewest`` learners for a
    correlation and ``fewest_for_reliability`` are conventions of caution: with 10 the 95 % interval of r = 0.3 is about ±0.6.
    """

    too_easy: float = 0.90  # facility from here on
    too_hard: float = 0.20  # facility up to here
    discriminates: float = 0.20
    discriminates_well: float = 0.40
    idle_choice: float = 0.05  # a wrong choice taken by less than this share misleads nobody
    fewest: int = 10
    fewest_in_third: int = 5
    fewest_for_reliability: int = 30


THRESHOLDS = Thresholds()


class Flag(Enum):
    """What is worth a look at an item."""

    WRONG_KEY = "wrong_key"
    NEGATIVE = "negative"
    NO_DISCRIMINATION = "no_discrimination"
    TOO_EASY = "too_easy"
    TOO_HARD = "too_hard"
    IDLE_CHOICE = "idle_choice"
    TOO_FEW = "too_few"


class Remark(Enum):
    """What has to be said beside a reliability, or instead of it."""

    FEW_LEARNERS = "few_learners"
    RANDOM_DRAWS = "random_draws"
    NOTHING_COMMON = "nothing_common"
    NO_SPREAD = "no_spread"
    NEGATIVE = "negative"


class AnswerRow(NamedTuple):
    """One question of one attempt. Marks to hundredths; ``chosen`` the ids of the choices taken, of kinds that have any."""

    attempt: int
    question: int
    version: int
    mark: Decimal
    max_mark: Decimal
    chosen: tuple[str, ...] = ()
    is_answered: bool = True
    saved_at: datetime | None = None


@dataclass(frozen=True)
class Choices:
    """The choices of an item in their written order, and which of them are right."""

    ids: Sequence[str]
    right: Collection[str]


@dataclass(frozen=True)
class Thirds:
    """How many learners of each third of the total score."""

    bottom: int = 0
    middle: int = 0
    top: int = 0

    @property
    def all(self) -> int:
        return self.bottom + self.middle + self.top


@dataclass(frozen=True)
class ChoiceFigures:
    """Who took a choice; ``id`` "" are those who left the question open."""

    id: str
    right: bool
    taken: Thirds


@dataclass(frozen=True)
class ItemFigures:
    """An item's figures. Facility and discrimination are ratios; ``facility_error`` and ``interval`` say how sure they are."""

    question: int
    version: int
    learners: int
    unanswered: int
    facility: float
    facility_error: float | None
    discrimination: float | None
    interval: tuple[float, float] | None
    thirds: Thirds
    choices: list[ChoiceFigures]
    seconds_between_answers: float | None
    flags: list[Flag]


@dataclass(frozen=True)
class Reliability:
    """Cronbach's α over ``items`` items and ``learners`` learners; None where ``remarks`` say why.

    ``error`` is the standard error of measurement in marks of those items, which are together worth ``max_mark``.
    """

    alpha: float | None
    items: int
    learners: int
    is_kr20: bool
    error: float | None
    max_mark: float
    remarks: list[Remark]


@dataclass(frozen=True)
class Analysis:
    """Of the whole quiz: scores as ratios of the maximum. ``bands`` counts the learners of each tenth of it."""

    learners: int
    blank: int
    mean: float | None
    median: float | None
    deviation: float | None
    bands: list[int]
    reliability: Reliability
    items: list[ItemFigures] = field(default_factory=list)

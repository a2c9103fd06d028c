"""Criteria of completion that upper rooms bring: how they are reached and how they stand.

``courses`` keeps which criteria a course has and which are met. What a criterion is, only its kind knows: the room that
owns the kind registers one object here, usually in its ``AppConfig.ready``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from django.utils.functional import Promise

if TYPE_CHECKING:
    from .models import Criterion, Enrolment


@dataclass(frozen=True)
class CriterionState:
    """How a criterion stands for one enrolment, in words: "passed" "8 of 10" success."""

    label: str | Promise
    detail: str | Promise = ""
    tone: str = "neutral"  # neutral info success warning danger


class CriterionKind(Protocol):
    kind: str

    def url(self, criterion: "Criterion", enrolment: "Enrolment") -> str:
        """Where the learner goes to meet it; no query."""

    def states(self, enrolment: "Enrolment", criteria: "Sequence[Criterion]") -> dict[int, CriterionState]:
        """By criterion id, in a constant number of queries; a criterion without news may be missing."""


_kinds: dict[str, CriterionKind] = {}


def register_criterion_kind(kind: CriterionKind) -> None:
    """Registering a kind again replaces it."""
    _kinds[kind.kind] = kind


def criterion_url(criterion: "Criterion", enrolment: "Enrolment") -> str:
    """ "" when no room answers for the kind."""
    kind = _kinds.get(criterion.kind)
    return kind.url(criterion, enrolment) if kind else ""


def criterion_states(enrolment: "Enrolment", criteria: "Sequence[Criterion]") -> dict[int, CriterionState]:
    """The states of all, asked once of each kind."""
    states: dict[int, CriterionState] = {}
    for name in sorted({criterion.kind for criterion in criteria}):
        if name in _kinds:
            states |= _kinds[name].states(enrolment, [c for c in criteria if c.kind == name])
    return states

"""What an answer is worth. Pure computation: the same stored answer always gives the same mark.

Kinds: ``single`` (one right choice) and ``multiple`` (several). An answer is ``{"choices": [ids]}`` or None for a
question left open; the key is the ids of the right choices. New kinds register a function in ``_RULES``.
"""

from collections.abc import Callable, Collection, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

CENT = Decimal("0.01")
Rule = Callable[[frozenset[str], frozenset[str]], tuple[int, int]]


def _single(key: frozenset[str], chosen: frozenset[str]) -> tuple[int, int]:
    """All or nothing: exactly the right choice and no other."""
    return (1, 1) if chosen == key else (0, 1)


def _multiple(key: frozenset[str], chosen: frozenset[str]) -> tuple[int, int]:
    """Part marks: (right chosen − wrong chosen) ÷ number of right ones, never below nothing.

    A wrong tick costs what a right one earns, so ticking everything or guessing brings nothing on average, and
    half of the right ones brings half of the mark.
    """
    return max(0, len(chosen & key) - len(chosen - key)), len(key)


_RULES: dict[str, Rule] = {"single": _single, "multiple": _multiple}


def score(kind: str, key: Collection[str], answer: Mapping[str, Any] | None, max_mark: Decimal) -> Decimal:
    """The mark in hundredths, rounded half up: 0 ≤ mark ≤ ``max_mark``.

    Raises LookupError for an unknown kind and ValueError for an empty key: both are faults of the bank, not of
    the learner.
    """
    if kind not in _RULES:
        raise LookupError(f"no rule for questions of kind {kind!r}")
    if not key:
        raise ValueError("a question without a right choice cannot be scored")
    chosen = frozenset((answer or {}).get("choices") or ())
    if not chosen:
        return Decimal("0.00")
    gained, of = _RULES[kind](frozenset(key), chosen)
    return (max_mark * gained / of).quantize(CENT, rounding=ROUND_HALF_UP)


def reaches(*, score: Decimal, max_score: Decimal, percent: int) -> bool:
    """Whether the score is at least ``percent`` per cent of the maximum, without rounding on the way."""
    return score * 100 >= max_score * percent

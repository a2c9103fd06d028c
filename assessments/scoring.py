"""What an answer is worth. Pure computation: the same stored answer always gives the same mark.

Kinds with choices: ``single`` and ``true_false`` (one right choice), ``multiple`` (several); an answer is
``{"choices": [ids]}``, the key the ids of the right ones. Typed kinds: ``short`` (a few words) and ``number``; an answer is
``{"text": "…"}``, the key the accepted forms or values. Slotted kinds: ``matching``, ``ordering``, ``gaps``; an answer is
``{"fills": {slot: option or text}}``, the key ``{slot: [what fills it rightly]}``. None, or nothing in it, is a question left
open. What a person marks (``essay``; ``file``: ``{"files": [ids]}``) has no rule here: see ``services.marking``.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

CENT = Decimal("0.01")
NO_SHARE = Fraction(0)
CHOSEN = frozenset({"single", "true_false", "multiple"})
TYPED = frozenset({"short", "number"})
SLOTTED = frozenset({"matching", "ordering", "gaps"})
MARKED = frozenset({"essay", "file"})
Key = Collection[str] | Mapping[str, Collection[str]]
ChoiceRule = Callable[[frozenset[str], frozenset[str]], tuple[int, int]]
TypedRule = Callable[[Collection[str], str, Mapping[str, Any]], Fraction]

# How closely a short answer has to match: to the letter, but for capitals, but for capitals and Vietnamese marks.
EXACT, CASE, MARKS = "exact", "case", "marks"
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:([., ])\d{3})(?:\1\d{3})*")
# Of several parts: each earns its share, or nothing counts unless all are right.
PARTS, ALL = "parts", "all"
# A number and the unit behind it: "12,5 km", "30%".
_WITH_UNIT = re.compile(r"(.*\d)\s*([^\d\s.,].*)", re.DOTALL)
_MINUS = str.maketrans({"−": "-", "–": "-", "\u00a0": " ", "\u202f": " "})
# Numbers with more digits are nobody's answer.
_LONGEST_NUMBER = 40


def _single(key: frozenset[str], chosen: frozenset[str]) -> tuple[int, int]:
    """All or nothing: exactly the right choice and no other."""
    return (1, 1) if chosen == key else (0, 1)


def _multiple(key: frozenset[str], chosen: frozenset[str]) -> tuple[int, int]:
    """Part marks: (right chosen − wrong chosen) ÷ number of right ones, never below nothing.

    A wrong tick costs what a right one earns, so ticking everything or guessing brings nothing on average, and
    half of the right ones brings half of the mark.
    """
    return max(0, len(chosen & key) - len(chosen - key)), len(key)


def compared(text: str, matching: str) -> str:
    """A short answer as it is compared: spaces made one, then capitals and marks as ``matching`` says.

    >>> compared(" Bộ  Nội vụ ", "marks")
    'bo noi vu'
    """
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    if matching == EXACT:
        return text
    text = text.casefold()
    if matching == CASE:
        return unicodedata.normalize("NFC", text)
    plain = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return "".join(character for character in plain if not unicodedata.combining(character))


def _short(key: Collection[str], text: str, rules: Mapping[str, Any]) -> Fraction:
    matching, percents = rules.get("matching", CASE), rules.get("percents") or {}
    given = compared(text, matching)
    shares = [_percent(percents.get(form, 100)) for form in key if compared(form, matching) == given]
    return max(shares, default=NO_SHARE)


def readings(text: str) -> set[Decimal]:
    """The numbers a text may mean: a comma and a point may both part decimals or thousands.

    >>> sorted(readings("1.822"))
    [Decimal('1.822'), Decimal('1822')]
    >>> readings("1.234,5")
    {Decimal('1234.5')}
    """
    text = text.translate(_MINUS).strip()
    if not text or len(text) > _LONGEST_NUMBER or not re.fullmatch(r"[+-]?[\d., ]*\d", text, re.ASCII):
        return set()
    found: set[str] = set()
    if _THOUSANDS.fullmatch(text):
        found.add(re.sub(r"[., ]", "", text))
    without_spaces = (
        text.replace(" ", "") if _THOUSANDS.fullmatch(text.split(",")[0].split(".")[0].strip()) else text
    )
    last = max(without_spaces.rfind("."), without_spaces.rfind(","))
    if last == -1:
        found.add(without_spaces)
    else:
        whole, decimals = without_spaces[:last], without_spaces[last + 1 :]
        other = "," if without_spaces[last] == "." else "."
        if without_spaces[last] not in whole and (other not in whole or _THOUSANDS.fullmatch(whole)):
            found.add(f"{whole.replace(other, '')}.{decimals}")
    values = set()
    for written in found:
        try:
            values.add(Decimal(written))
        except InvalidOperation:
            continue
    return values


def _in_base_unit(text: str, units: Collection[Collection[str]]) -> set[Decimal]:
    """The numbers meant, in the unit of the key: a unit that is named is looked up, none means the key's own."""
    found = _WITH_UNIT.fullmatch(text.translate(_MINUS).strip())
    if not units or not found:
        return readings(text)
    factors = {compared(name, CASE): Decimal(factor) for name, factor in units}
    factor = factors.get(compared(found[2], CASE))
    return set() if factor is None else {number * factor for number in readings(found[1])}


def _number(key: Collection[str], text: str, rules: Mapping[str, Any]) -> Fraction:
    """Right when any reading lies within the tolerance of a value; it counts to both sides, ends included.

    ``tiers`` = [value, tolerance, per cent] say it for each value where they differ; the best one that fits counts.
    """
    given = _in_base_unit(text, rules.get("units") or ())
    tiers = rules.get("tiers") or [[value, rules.get("tolerance") or "0", 100] for value in key]
    shares = [
        _percent(percent)
        for value, tolerance, percent in tiers
        if any(abs(number - Decimal(value)) <= Decimal(tolerance) for number in given)
    ]
    return max(shares, default=NO_SHARE)


def right_slots(
    key: Mapping[str, Collection[str]], fills: Mapping[str, str], rules: Mapping[str, Any]
) -> set[str]:
    """The slots that are filled rightly. Those in ``rules["typed"]`` are compared as short answers."""
    typed = set(rules.get("typed") or ())
    right = set()
    for slot, accepted in key.items():
        given = fills.get(slot) or ""
        if given and (_short(accepted, given, rules) == 1 if slot in typed else given in accepted):
            right.add(slot)
    return right


_CHOICE_RULES: dict[str, ChoiceRule] = {"single": _single, "true_false": _single, "multiple": _multiple}
_TYPED_RULES: dict[str, TypedRule] = {"short": _short, "number": _number}


def score(
    kind: str,
    key: Key,
    answer: Mapping[str, Any] | None,
    max_mark: Decimal,
    rules: Mapping[str, Any] | None = None,
) -> Decimal:
    """The mark in hundredths, rounded half up: 0 ≤ mark ≤ ``max_mark``.

    ``rules``: ``credit`` (parts, all) of several parts, ``matching`` (exact, case, marks) of short texts, ``typed`` the slots
    that are written, ``tolerance`` and ``units`` ([name, factor], the key's own first) of numbers.

    Raises LookupError for an unknown kind and ValueError for an empty key: both are faults of the bank, not of
    the learner.
    """
    if kind not in CHOSEN | TYPED | SLOTTED:
        raise LookupError(f"no rule for questions of kind {kind!r}")
    if not key:
        raise ValueError("a question without a right answer cannot be scored")
    share = _share(kind, key, answer or {}, rules or {})
    if (rules or {}).get("credit") == ALL and share < 1:
        share = NO_SHARE
    return (max_mark * share.numerator / share.denominator).quantize(CENT, rounding=ROUND_HALF_UP)


def _share(kind: str, key: Key, answer: Mapping[str, Any], rules: Mapping[str, Any]) -> Fraction:
    """What share of the mark is earned, from 0 to 1."""
    if kind in TYPED:
        text = str(answer.get("text") or "").strip()
        return _TYPED_RULES[kind](key, text, rules) if text else NO_SHARE
    if isinstance(key, Mapping):
        return Fraction(len(right_slots(key, answer.get("fills") or {}, rules)), len(key))
    chosen = frozenset(answer.get("choices") or ())
    if not chosen:
        return NO_SHARE
    if percents := rules.get("percents"):
        gained = sum((_percent(percents.get(choice, 0)) for choice in chosen), NO_SHARE)
        return min(max(gained, NO_SHARE), Fraction(1))
    return Fraction(*_CHOICE_RULES[kind](frozenset(key), chosen))


def _percent(written: str | int) -> Fraction:
    """A share of the mark. A third can only be written as 33.3333: what lies so close to a simple fraction is that."""
    share = Fraction(str(written)) / 100
    simple = share.limit_denominator(12)
    return simple if abs(share - simple) < Fraction(1, 100_000) else share


def penalised(mark: Decimal, *, kind: str, max_mark: Decimal, percent: int, is_answered: bool) -> Decimal:
    """The mark, or what a wholly wrong choice costs: ``percent`` of the maximum, where the quiz takes marks for guessing.

    Only of kinds that are chosen: nobody guesses what has to be written. A question left open costs nothing.
    """
    if not percent or mark or not is_answered or kind not in CHOSEN:
        return mark
    return -(max_mark * percent / 100).quantize(CENT, rounding=ROUND_HALF_UP)


def reaches(*, score: Decimal, max_score: Decimal, percent: int) -> bool:
    """Whether the score is at least ``percent`` per cent of the maximum, without rounding on the way."""
    return score * 100 >= max_score * percent

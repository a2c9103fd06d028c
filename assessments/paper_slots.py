"""Pairs, orders and gaps on paper: what the sheets show, how an answer is written there, and reading it back. Pure computation.

On the sheet a pair is ``1B`` (line 1 goes with B), an order ``B A C``, a gap ``2 Hà Nội`` or, where it is chosen, ``2 A``;
several gaps are parted by ``;``. ``order`` is that of ``question_content.frozen_order``: [slot, its options or None where it is
written].
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

Order = Sequence[Sequence[Any]]
Lettered = list[tuple[str, str]]
_PAIR = re.compile(r"(\d+)\s*[-.:=]?\s*([A-Z])(?![A-Z])")
_GAP = re.compile(r"\(?(\d+)\)?\s*[.:=]?\s*(.+)", re.DOTALL)


class Unread(Exception):
    """What is written does not fit; the argument is the part that does not."""


@dataclass(frozen=True)
class SheetSlot:
    """A numbered place; ``choices`` are its own letters, of a gap that is chosen."""

    number: str
    text: str
    choices: Lettered


@dataclass(frozen=True)
class OnPaper:
    """``choices`` are lettered for the whole question: what lines are matched with, the steps to be ordered."""

    stem: str
    choices: Lettered
    slots: list[SheetSlot]


def _lettered(ids: Sequence[str], texts: Mapping[str, str]) -> Lettered:
    return [(letter, texts[one]) for letter, one in zip(ascii_uppercase, ids, strict=False)]


def on_paper(kind: str, content: Mapping[str, Any], order: Order) -> OnPaper:
    lines = {slot["id"]: slot["text"] for slot in content["slots"]}
    texts = {option["id"]: option["text"] for option in content["options"]}
    if kind == "ordering":
        places = [SheetSlot(str(number), "", []) for number in range(1, len(order) + 1)]
        return OnPaper(content["stem"], _lettered([slot for slot, _options in order], lines), places)
    if kind == "matching":
        slots = [
            SheetSlot(str(number), lines[slot], []) for number, (slot, _options) in enumerate(order, start=1)
        ]
        return OnPaper(content["stem"], _lettered(order[0][1], texts), slots)
    slots = [
        SheetSlot(str(number), "", _lettered(options or [], texts))
        for number, (_slot, options) in enumerate(order, start=1)
    ]
    words = content["words"]
    gaps = [f"({slot.number}) _____" for slot in slots]
    return OnPaper("".join(map("".join, zip(words, [*gaps, ""], strict=True))), [], slots)


def key_on_paper(
    kind: str, content: Mapping[str, Any], order: Order, key: Mapping[str, Sequence[str]]
) -> list[str]:
    """As a sheet without a fault says it; accepted forms of a gap parted by a stroke."""
    if kind == "ordering":
        letters = dict(zip((slot for slot, _options in order), ascii_uppercase, strict=False))
        return [letters[slot] for slot in sorted(letters, key=lambda slot: int(key[slot][0]))]
    said = []
    for number, (slot, options) in enumerate(order, start=1):
        if options is None:
            said.append(f"{number} {' / '.join(key[slot])}")
            continue
        right = [letter for letter, one in zip(ascii_uppercase, options, strict=False) if one in key[slot]]
        said.append(f"{number}{'/'.join(right)}" if kind == "matching" else f"{number} {' / '.join(right)}")
    return said


def fills_from(kind: str, order: Order, written: str) -> dict[str, str]:
    """The answer as it is kept on line; what is not named is left open. Raises Unread."""
    if kind == "ordering":
        return _steps(order, written.upper())
    return _pairs(order, written.upper()) if kind == "matching" else _gaps(order, written)


def _steps(order: Order, written: str) -> dict[str, str]:
    letters = [letter for letter in written if letter.isalnum()]
    slots = dict(zip(ascii_uppercase, (slot for slot, _options in order), strict=False))
    if wrong := [
        letter for place, letter in enumerate(letters) if letter not in slots or letter in letters[:place]
    ]:
        raise Unread(wrong[0])
    return {slots[letter]: str(place) for place, letter in enumerate(letters, start=1)}


def _pairs(order: Order, written: str) -> dict[str, str]:
    rest = re.sub(r"[\s,;]+", "", _PAIR.sub("", written))
    if rest:
        raise Unread(rest)
    fills: dict[str, str] = {}
    for number, letter in _PAIR.findall(written):
        slot, options = _place(order, number)
        fills[slot] = _option(options, letter, said=number + letter)
    return fills


def _gaps(order: Order, written: str) -> dict[str, str]:
    fills = {}
    for part in filter(None, (part.strip() for part in written.split(";"))):
        found = _GAP.fullmatch(part)
        if not found:
            raise Unread(part)
        slot, options = _place(order, found[1])
        text = found[2].strip()
        fills[slot] = text if options is None else _option(options, text.upper(), said=part)
    return fills


def _place(order: Order, number: str) -> tuple[str, Sequence[str] | None]:
    if not 1 <= int(number) <= len(order):
        raise Unread(number)
    slot, options = order[int(number) - 1]
    return slot, options


def _option(options: Sequence[str], letter: str, *, said: str) -> str:
    place = ascii_uppercase.find(letter) if len(letter) == 1 else -1
    if not 0 <= place < len(options):
        raise Unread(said)
    return options[place]

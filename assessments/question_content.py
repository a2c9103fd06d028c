"""A question's words as a version freezes them, and the order in which an attempt meets them.

``content`` always has "stem", "feedback", "choices" [{"id", "text"}], "key" and perhaps "rules" (see ``scoring``). Slotted kinds
add "slots" [{"id", "text"}] and "options" [{"id", "text"}] (of gaps an option names its "slot"), gaps the "words" around them,
essays the "rubric" [{"id", "text", "points"}]. Ids are random: one that told the order of writing would tell which choice
was written as the right one.
"""

import re
import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from random import SystemRandom
from typing import Any, NamedTuple

from lms.core.vietnamese import fold, nfc

from .gaps import read_gaps
from .media_words import with_sources
from .scoring import CHOSEN, MARKED, SLOTTED

_random = SystemRandom()
# "Cả ba phương án trên", "All of the above", "Cả A và C": read in their place or not at all.
_OF_THE_OTHERS = re.compile(
    r"((ca|tat ca|khong|all|both|none|neither)\b.*\b(tren|above|phuong an|dap an|lua chon|y nao|[a-e])\b.*"
    r"|[a-e](,? ?(va|hoac|and|or|,) ?[a-e])+( (deu )?(dung|sai|right|wrong))?)\.?"
)
# A comma parts decimals. A point does too, unless it could part thousands: "1.822" is asked about, "1,822" is not.
_VALUE = re.compile(r"[+-]?\d{1,12}(?:,\d{1,8}|\.(?!\d{3}$)\d{1,8})?", re.ASCII)


class Row(NamedTuple):
    """What a trainer writes in a line below the question: a choice, an accepted answer, a pair, a criterion.

    ``match`` is the other half of a pair (of a line without ``text`` one too many), of a criterion its points, of a number
    its own tolerance. ``percent`` is the share of the mark it earns, where the rule of the kind does not say.
    """

    text: str
    is_right: bool = False
    match: str = ""
    feedback: str = ""
    percent: Decimal | None = None


class Words(NamedTuple):
    """A question as it is written, before it is frozen."""

    kind: str
    stem: str
    rows: Sequence[Row]
    feedback: str = ""
    matching: str = "case"
    tolerance: Decimal = Decimal(0)
    units: str = ""
    credit: str = "parts"
    media: tuple[tuple[str, str], ...] = ()  # (name, source) of its files, see ``media_words``


def value_of(text: str) -> Decimal | None:
    """The number an accepted answer names; None for what is none or could be two."""
    text = text.strip()
    return Decimal(text.replace(",", ".")) if _VALUE.fullmatch(text) else None


def units_of(text: str) -> dict[str, str] | None:
    """``km; m=0,001``: the unit of the accepted numbers first, others with what one of them is in it; None when unreadable.

    >>> units_of("km; m=0,001")
    {'km': '1', 'm': '0.001'}
    """
    units: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, parted, written = (piece.strip() for piece in part.partition("="))
        factor = value_of(written) if parted else None if units else Decimal(1)
        if not name or name in units or re.search(r"\d", name) or not factor or factor <= 0:
            return None
        units[name] = str(factor)
    return units


def prose(text: str) -> str:
    """NFC with its line breaks kept, unlike ``nfc``."""
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()


def content_of(words: Words) -> dict[str, Any]:
    """What a version keeps. The words have to be free of faults (``services.question_faults``)."""
    words = _with_sources(words)
    content: dict[str, Any] = {
        "stem": prose(words.stem),
        "feedback": prose(words.feedback),
        "choices": [],
        "key": [],
    }
    return content | _CONTENT[words.kind](words)


def _with_sources(words: Words) -> Words:
    """The files' names replaced by what they are now."""
    sources = dict(words.media)
    if not sources:
        return words
    rows = [
        row._replace(
            **{name: with_sources(getattr(row, name), sources) for name in ("text", "match", "feedback")}
        )
        for row in words.rows
    ]
    return words._replace(
        stem=with_sources(words.stem, sources), feedback=with_sources(words.feedback, sources), rows=rows
    )


def _ids(texts: Iterable[str], **more: str) -> list[dict[str, str]]:
    return [{"id": secrets.token_hex(4), "text": nfc(text), **more} for text in texts]


def _of_choices(words: Words) -> dict[str, Any]:
    choices = _ids(row.text for row in words.rows)
    pairs = list(zip(choices, words.rows, strict=True))
    content: dict[str, Any] = {
        "choices": choices,
        "key": [choice["id"] for choice, row in pairs if row.is_right],
    }
    if said := {choice["id"]: nfc(row.feedback) for choice, row in pairs if row.feedback.strip()}:
        content["choice_feedback"] = said
    rules: dict[str, Any] = {}
    if words.kind == "multiple" and words.credit != "parts":
        rules["credit"] = words.credit
    if percents := {choice["id"]: _plain(row.percent) for choice, row in pairs if row.percent is not None}:
        rules["percents"] = percents
    return content | {"rules": rules} if rules else content


def _plain(number: Decimal) -> str:
    """The same text for the same number, however it was stored."""
    return format(number.normalize(), "f")


def _of_short(words: Words) -> dict[str, Any]:
    rules: dict[str, Any] = {"matching": words.matching}
    if percents := {nfc(row.text): _plain(row.percent) for row in words.rows if row.percent is not None}:
        rules["percents"] = percents
    return {"key": [nfc(row.text) for row in words.rows], "rules": rules}


def _of_number(words: Words) -> dict[str, Any]:
    rules: dict[str, Any] = {"tolerance": str(words.tolerance.normalize())}
    if units := units_of(words.units):
        # Pairs: PostgreSQL does not keep the order of an object's names, and the first one is the key's own.
        rules["units"] = [[name, factor] for name, factor in units.items()]
    if any(row.match or row.percent is not None for row in words.rows):
        rules["tiers"] = [_tier(row, words.tolerance) for row in words.rows]
    return {"key": list(dict.fromkeys(str(value_of(row.text)) for row in words.rows)), "rules": rules}


def _tier(row: Row, tolerance: Decimal) -> list[str]:
    own = value_of(row.match)
    percent = Decimal(100) if row.percent is None else row.percent
    return [str(value_of(row.text)), _plain(tolerance if own is None else own), _plain(percent)]


def _of_matching(words: Words) -> dict[str, Any]:
    pairs = [row for row in words.rows if row.text.strip()]
    slots = _ids(row.text for row in pairs)
    options = _ids(dict.fromkeys(nfc(row.match) for row in words.rows))
    ids = {option["text"]: option["id"] for option in options}
    key = {slot["id"]: [ids[nfc(row.match)]] for slot, row in zip(slots, pairs, strict=True)}
    return {"slots": slots, "options": options, "key": key, "rules": {"credit": words.credit}}


def _of_ordering(words: Words) -> dict[str, Any]:
    """Each item is a slot that takes the number of its place."""
    slots = _ids(row.text for row in words.rows)
    places = [str(number) for number in range(1, len(slots) + 1)]
    return {
        "slots": slots,
        "options": [{"id": place, "text": place} for place in places],
        "key": {slot["id"]: [place] for slot, place in zip(slots, places, strict=True)},
        "rules": {"credit": words.credit},
    }


def _of_gaps(words: Words) -> dict[str, Any]:
    text = read_gaps(prose(words.stem))
    slots, options, key, typed = [], [], {}, []
    for number, gap in enumerate(text.gaps, start=1):
        slot = secrets.token_hex(4)
        slots.append({"id": slot, "text": str(number)})
        if gap.is_chosen:
            here = _ids((form for form, _right in gap.forms), slot=slot)
            options += here
            pairs = zip(here, gap.forms, strict=True)
            key[slot] = [option["id"] for option, (_form, right) in pairs if right]
        else:
            typed.append(slot)
            key[slot] = [nfc(form) for form, _right in gap.forms]
    return {
        "stem": text.blanked,
        "words": text.words,
        "slots": slots,
        "options": options,
        "key": key,
        "rules": {"typed": typed, "matching": words.matching, "credit": words.credit},
    }


def _of_essay(words: Words) -> dict[str, Any]:
    rubric = [
        {"id": secrets.token_hex(4), "text": nfc(row.text), "points": str(value_of(row.match))}
        for row in words.rows
    ]
    return {"rubric": rubric} if rubric else {}


_CONTENT = {
    "single": _of_choices,
    "true_false": _of_choices,
    "multiple": _of_choices,
    "short": _of_short,
    "number": _of_number,
    "matching": _of_matching,
    "ordering": _of_ordering,
    "gaps": _of_gaps,
    "essay": _of_essay,
    "file": _of_essay,
}


def without_ids(content: dict[str, Any]) -> dict[str, Any]:
    """The same for two contents that say the same words: every random id is replaced by its place."""
    rows = [row for part in ("choices", "slots", "options", "rubric") for row in content.get(part, ())]
    places = {row["id"]: number for number, row in enumerate(rows)}

    def placed(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(places.get(name, name)): placed(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [placed(inner) for inner in value]
        return places.get(value, value)

    return placed(content)


def keeps_order(texts: Iterable[str]) -> bool:
    """Whether a choice speaks of the others by their place, so that shuffling would make nonsense of it.

    >>> keeps_order(["Sở Nội vụ", "Cả A và C"]), keeps_order(["Sở Nội vụ", "Tất cả các cơ quan nhà nước"])
    (True, False)
    """
    return any(_OF_THE_OTHERS.fullmatch(fold(text).strip()) for text in texts)


def _shuffled(ids: list[str]) -> list[str]:
    return _random.sample(ids, len(ids))


def frozen_order(kind: str, content: dict[str, Any], *, shuffle: bool) -> list:
    """What an attempt shows in which order: ids of choices; of slotted kinds [slot, its options or None where it is written].

    Items to be ordered and what they are matched with are always shuffled: their own order is the key.
    """
    if kind in MARKED:
        return []
    if kind in SLOTTED:
        return _slots_in_order(kind, content, shuffle=shuffle)
    ids = [choice["id"] for choice in content["choices"]]
    fixed = kind == "true_false" or keeps_order(choice["text"] for choice in content["choices"])
    return _shuffled(ids) if shuffle and not fixed and kind in CHOSEN else ids


def _slots_in_order(kind: str, content: dict[str, Any], *, shuffle: bool) -> list[list]:
    slots = [slot["id"] for slot in content["slots"]]
    options = [option["id"] for option in content["options"]]
    if kind == "ordering":
        return [[slot, options] for slot in _shuffled(slots)]
    if kind == "matching":
        options = _shuffled(options)
        return [[slot, options] for slot in (_shuffled(slots) if shuffle else slots)]
    typed = set(content["rules"]["typed"])
    of_slot = {
        slot: [option["id"] for option in content["options"] if option["slot"] == slot] for slot in slots
    }
    return [
        [slot, None if slot in typed else _shuffled(of_slot[slot]) if shuffle else of_slot[slot]]
        for slot in slots
    ]

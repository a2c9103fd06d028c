"""Questions as Moodle XML, for other systems and for coming back. What Moodle has no words for is left out by name: points of
a rubric, "all parts or nothing", and how closely gaps are compared.
"""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal

from lxml import etree

from assessments.file_types import MOST_FILES
from assessments.gaps import Gap, read_gaps
from assessments.question_content import Row, Words, units_of, value_of

from . import media
from .sheet import Kept

MOODLE_TYPES = {
    "single": "multichoice",
    "multiple": "multichoice",
    "true_false": "truefalse",
    "short": "shortanswer",
    "number": "numerical",
    "matching": "matching",
    "ordering": "ordering",
    "gaps": "cloze",
    "essay": "essay",
    "file": "essay",
}


def write(questions: Iterable[Kept]) -> bytes:
    """The file, UTF-8."""
    quiz = etree.Element("quiz")
    for question in questions:
        quiz.append(_question(question))
    return etree.tostring(quiz, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _question(question: Kept) -> etree._Element:
    words = question.words
    element = etree.Element("question", type=MOODLE_TYPES[words.kind])
    _text(etree.SubElement(element, "name"), question.code)
    stem = _as_cloze(words) if words.kind == "gaps" else words.stem
    _text(etree.SubElement(element, "questiontext", format="plain_text"), stem)
    _text(etree.SubElement(element, "generalfeedback", format="plain_text"), words.feedback)
    etree.SubElement(element, "idnumber").text = question.code
    write_kind = _WRITERS.get(words.kind)
    if write_kind:
        write_kind(element, words)
    for text in list(element.iter("text")):
        if media.put_in(text.getparent(), text.text or "", question.media):
            text.getparent().remove(text)
    return element


def _text(parent: etree._Element, text: str) -> None:
    etree.SubElement(parent, "text").text = text


def _share(percent: Decimal | None, otherwise: Decimal) -> str:
    share = otherwise if percent is None else percent
    return format(share.quantize(Decimal("0.00001")).normalize(), "f")


def _answer(element: etree._Element, row: Row, share: str, text: str | None = None) -> etree._Element:
    answer = etree.SubElement(element, "answer", fraction=share, format="plain_text")
    _text(answer, row.text if text is None else text)
    if row.feedback:
        _text(etree.SubElement(answer, "feedback", format="plain_text"), row.feedback)
    return answer


def _choices(element: etree._Element, words: Words) -> None:
    """Our own rule of several right ones is what Moodle calls shares of 100 ÷ n and −100 ÷ n."""
    several = words.kind == "multiple"
    etree.SubElement(element, "single").text = "false" if several else "true"
    part = Decimal(100) / max(1, sum(1 for row in words.rows if row.is_right))
    for row in words.rows:
        wrong = -part if several else Decimal(0)
        _answer(element, row, _share(row.percent, part if row.is_right else wrong))


def _truth(element: etree._Element, words: Words) -> None:
    for row, text in zip(words.rows, ("true", "false"), strict=True):
        _answer(element, row, "100" if row.is_right else "0", text)


def _short(element: etree._Element, words: Words) -> None:
    etree.SubElement(element, "usecase").text = "1" if words.matching == "exact" else "0"
    for row in words.rows:
        _answer(element, row, _share(row.percent, Decimal(100)))


def _number(element: etree._Element, words: Words) -> None:
    for row in words.rows:
        answer = _answer(element, row, _share(row.percent, Decimal(100)), str(value_of(row.text)))
        own = value_of(row.match)
        etree.SubElement(answer, "tolerance").text = str(words.tolerance if own is None else own)
    if units := units_of(words.units):
        holder = etree.SubElement(element, "units")
        for name, factor in units.items():
            unit = etree.SubElement(holder, "unit")
            etree.SubElement(unit, "multiplier").text = format((1 / Decimal(factor)).normalize(), "f")
            etree.SubElement(unit, "unit_name").text = name


def _pairs(element: etree._Element, words: Words) -> None:
    for row in words.rows:
        pair = etree.SubElement(element, "subquestion", format="plain_text")
        _text(pair, row.text)
        _text(etree.SubElement(pair, "answer"), row.match)


def _steps(element: etree._Element, words: Words) -> None:
    for number, row in enumerate(words.rows, start=1):
        _answer(element, row, str(number))


def _file(element: etree._Element, words: Words) -> None:
    """In Moodle an essay without a field to write in."""
    etree.SubElement(element, "responseformat").text = "noinline"
    etree.SubElement(element, "attachments").text = str(MOST_FILES)
    etree.SubElement(element, "attachmentsrequired").text = "1"


def _as_cloze(words: Words) -> str:
    text = read_gaps(words.stem)
    parts = [text.words[0]]
    for gap, after in zip(text.gaps, text.words[1:], strict=True):
        parts += [_cloze(gap), after]
    return "".join(parts)


def _cloze(gap: Gap) -> str:
    kind = "MULTICHOICE" if gap.is_chosen else "SHORTANSWER"
    forms = [f"={_escaped(text)}" if right else _escaped(text) for text, right in gap.forms]
    return f"{{1:{kind}:{'~'.join(forms)}}}"


def _escaped(text: str) -> str:
    return re.sub(r"([{}#~=%\\\"])", r"\\\1", text)


_WRITERS: dict[str, Callable[[etree._Element, Words], None]] = {
    "single": _choices,
    "multiple": _choices,
    "true_false": _truth,
    "short": _short,
    "number": _number,
    "matching": _pairs,
    "ordering": _steps,
    "file": _file,
}

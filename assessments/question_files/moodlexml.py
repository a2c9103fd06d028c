"""Moodle XML. Format: Moodle documentation, "Moodle XML format"."""

import re
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.gaps import Gap, write_gaps
from assessments.question_content import Row, Words

from . import media
from .cloze import with_gaps
from .found import (
    FALSE,
    TRUE,
    Collected,
    FileFault,
    Found,
    Option,
    QuestionFault,
    Refused,
    Value,
    accepted_forms,
    accepted_values,
    decimal_of,
    plain,
    written,
)
from .xml import parse

PLACE = re.compile(r"\[\[(\d+)\]\]")


def read(text: str) -> list[Found | Refused]:
    """Raises FileFault with its line."""
    root = parse(text)
    if root.tag != "quiz":
        raise FileFault(_("<quiz> was expected, <%(tag)s> found.") % {"tag": root.tag}, line=root.sourceline)
    found: list[Found | Refused] = []
    category = ""
    for element in root.iterchildren("question"):
        if element.get("type") == "category":
            category = (element.findtext("category/text") or "").strip()
            continue
        stem = ""
        try:
            files = media.take_out(element)
            stem = _words(element.find("questiontext"))
            found.append(replace(_question(element, stem, category=category), media=files))
        except QuestionFault as fault:
            raw = stem or (element.findtext("name/text") or "").strip()
            found.append(Refused(element.sourceline or 0, fault.reason, raw[:120]))
    return found


def _words(element) -> str:
    if element is None:
        return ""
    # Moodle writes "html" and "moodle_auto_format" for the same thing.
    is_html = element.get("format", "html") in ("html", "moodle_auto_format")
    return plain(element.findtext("text") or "", is_html=is_html)


def _question(element, stem: str, *, category: str) -> Found:
    kind = element.get("type") or ""
    read_words = READERS.get(kind)
    if read_words is None:
        raise QuestionFault(
            gettext_lazy("A text without a question is not taken over.")
            if kind == "description"
            else _("Questions of the kind “%(kind)s” are not asked here yet.") % {"kind": kind}
        )
    return Found(
        element.sourceline or 0,
        read_words(element, stem),
        number_there=(element.findtext("idnumber") or "").strip(),
        category=category,
    )


def _collected(element) -> Collected:
    collected = Collected(general_feedback=_words(element.find("generalfeedback")))
    for answer in element.iterchildren("answer"):
        try:
            percent = float(answer.get("fraction", "0"))
        except ValueError as fault:
            raise QuestionFault(
                _("“%(fraction)s” is no share of the mark.") % {"fraction": answer.get("fraction")}
            ) from fault
        collected.options.append(Option(_words(answer), percent, _words(answer.find("feedback"))))
    return collected


def _multichoice(element, stem: str) -> Words:
    collected = _collected(element)
    several = (element.findtext("single") or "").strip() in ("false", "0")
    kind, rows = collected.as_choices(several=several)
    return Words(kind, stem, rows, collected.feedback())


def _truefalse(element, stem: str) -> Words:
    collected = _collected(element)
    for option in collected.options:
        option.text = str({"true": TRUE, "false": FALSE}.get(option.text.lower(), option.text))
    return Words("true_false", stem, collected.as_choices()[1], collected.feedback())


def _shortanswer(element, stem: str) -> Words:
    collected = _collected(element)
    matching = "exact" if (element.findtext("usecase") or "").strip() == "1" else "case"
    rows = accepted_forms(collected.options, matching=matching)
    return Words("short", stem, rows, collected.feedback_of_forms(), matching=matching)


def _numerical(element, stem: str) -> Words:
    collected = _collected(element)
    tolerances = [decimal_of(row.findtext("tolerance") or "0") for row in element.iterchildren("answer")]
    values = [
        Value(decimal_of(option.text), tolerance, option.percent)
        for option, tolerance in zip(collected.options, tolerances, strict=True)
        if option.percent > 0
    ]
    rows, tolerance = accepted_values(values)
    return Words(
        "number", stem, rows, collected.feedback_of_forms(), tolerance=tolerance, units=_units(element)
    )


def _units(element) -> str:
    """Moodle says how many of a unit make the key's own; here it is how much of the key's own one of them is."""
    units = []
    for unit in element.iterfind("units/unit"):
        multiplier = decimal_of(unit.findtext("multiplier") or "1")
        name = (unit.findtext("unit_name") or "").strip()
        if not multiplier:
            raise QuestionFault(_("The unit “%(name)s” is worth nothing.") % {"name": name})
        units.append((name, 1 / multiplier))
    units.sort(key=lambda unit: unit[1] != 1)
    if not units:
        return ""
    if units[0][1] != 1:
        raise QuestionFault(gettext_lazy("None of the units is that of the accepted numbers."))
    first, *others = units
    return "; ".join([first[0], *(f"{name}={written(factor)}" for name, factor in others)])


def _other_half(answer) -> str:
    """Plain words, unless it says otherwise."""
    if answer is None:
        return ""
    return _words(answer) if answer.get("format") else plain(answer.findtext("text") or "", is_html=False)


def _matching(element, stem: str) -> Words:
    rows = [
        Row(_words(pair), False, _other_half(pair.find("answer")))
        for pair in element.iterchildren("subquestion")
    ]
    return Words("matching", stem, rows, _words(element.find("generalfeedback")))


def _ordering(element, stem: str) -> Words:
    """The steps stand in their right order, or each says its place as its share."""
    rows = [Row(_words(answer)) for answer in element.iterchildren("answer")]
    return Words("ordering", stem, rows, _words(element.find("generalfeedback")))


def _essay(element, stem: str) -> Words:
    """Without a field to write in, files alone are handed in."""
    is_file = (element.findtext("responseformat") or "").strip() == "noinline"
    return Words("file" if is_file else "essay", stem, [], _words(element.find("generalfeedback")))


def _cloze(element, stem: str) -> Words:
    return Words("gaps", with_gaps(stem), [], _words(element.find("generalfeedback")))


def _selected(element, stem: str) -> Words:
    """Words to be put into a text, ``[[2]]`` where the second goes: each gap offers the words of its group."""
    options = []
    for option in [*element.iterchildren("selectoption"), *element.iterchildren("dragbox")]:
        text = plain(option.findtext("text") or "", is_html=True)
        options.append((text, (option.findtext("group") or "1").strip()))
    words, gaps, end = [], [], 0
    for place in PLACE.finditer(stem):
        number = int(place[1])
        if not 0 < number <= len(options):
            raise QuestionFault(_("The gap %(number)d names no word.") % {"number": number})
        right, group = options[number - 1]
        words.append(stem[end : place.start()])
        end = place.end()
        offered = dict.fromkeys(text for text, its_group in options if its_group == group)
        gaps.append(Gap([(text, text == right) for text in offered], is_chosen=True))
    words.append(stem[end:])
    return Words("gaps", write_gaps(words, gaps), [], _words(element.find("generalfeedback")))


READERS = {
    "multichoice": _multichoice,
    "truefalse": _truefalse,
    "shortanswer": _shortanswer,
    "numerical": _numerical,
    "matching": _matching,
    "ordering": _ordering,
    "essay": _essay,
    "cloze": _cloze,
    "multianswer": _cloze,
    "gapselect": _selected,
    "ddwtos": _selected,
}

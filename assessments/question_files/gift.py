"""GIFT, Moodle's text format. Format: Moodle documentation, "GIFT format"."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext_lazy

from assessments.question_content import Row, Words

from .found import (
    FALSE,
    TRUE,
    Collected,
    Found,
    Option,
    QuestionFault,
    Refused,
    Value,
    accepted_forms,
    accepted_values,
    decimal_of,
    plain,
    tidy,
)

SPECIAL = "~=#{}:"
# Escaped characters wait as private ones until the text is cut up.
HIDDEN = {character: chr(0xE000 + number) for number, character in enumerate(SPECIAL + "\\")}
SHOWN = {hidden: character for character, hidden in HIDDEN.items()}
CATEGORY = re.compile(r"^\s*\$CATEGORY:\s*(.*)$")
COMMENT = re.compile(r"^\s*//")
IDENTIFIER = re.compile(r"\[id:([^\]]+)\]")
TITLE = re.compile(r"^\s*::(.*?)::", re.DOTALL)
FORMAT = re.compile(r"^\s*\[(html|moodle|plain|markdown)\]")
TRUTH = re.compile(r"^(T|TRUE|F|FALSE)\s*(#.*)?$", re.DOTALL | re.IGNORECASE)
PAIR = re.compile(r"=[^=]*->")
WEIGHT = re.compile(r"^\s*%(-?\d+(?:\.\d+)?)%")


def read(text: str) -> list[Found | Refused]:
    found: list[Found | Refused] = []
    category = ""
    for line, block, number_there in _blocks(text):
        if match := CATEGORY.match(block):
            category = match[1].strip()
            continue
        stem = ""
        try:
            hidden = _hide(block)
            stem = _stem_for_reader(hidden)
            found.append(_question(line, hidden, category=category, number_there=number_there))
        except QuestionFault as fault:
            found.append(Refused(line, fault.reason, stem))
    return found


def _blocks(text: str) -> Iterator[tuple[int, str, str]]:
    """(line it begins on, its text, the id a comment gives): a blank line ends a question, as in Moodle."""
    lines: list[str] = []
    begins, number_there = 0, ""
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if COMMENT.match(line):
            if match := IDENTIFIER.search(line):
                number_there = match[1].strip()
            continue
        alone = CATEGORY.match(line)
        if lines and (alone or not line.strip()):
            yield begins, "\n".join(lines), number_there
            lines, number_there = [], ""
        if alone:
            yield number, line, ""
        elif line.strip():
            begins = begins if lines else number
            lines.append(line)


def _hide(text: str) -> str:
    return re.sub(r"\\([~=#{}:\\n])", lambda match: "\n" if match[1] == "n" else HIDDEN[match[1]], text)


def _show(text: str, *, is_html: bool) -> str:
    return plain("".join(SHOWN.get(character, character) for character in text), is_html=is_html)


def _stem_for_reader(hidden: str) -> str:
    words = TITLE.sub("", hidden).partition("{")[0]
    return tidy("".join(SHOWN.get(character, character) for character in FORMAT.sub("", words)))[:120]


def _question(line: int, text: str, *, category: str, number_there: str) -> Found:
    text = TITLE.sub("", text, count=1)
    form = FORMAT.match(text)
    is_html = bool(form) and form[1] in ("html", "moodle")
    text = FORMAT.sub("", text, count=1)
    opens, closes = text.find("{"), text.find("}")
    if opens == closes == -1:
        raise QuestionFault(gettext_lazy("A text without a question is not taken over."))
    if opens == -1 or closes < opens:
        raise QuestionFault(gettext_lazy("A brace is missing: answers stand between { and }."))
    before, answers, after = text[:opens], text[opens + 1 : closes].strip(), text[closes + 1 :]
    if "{" in answers or "{" in after:
        raise QuestionFault(
            gettext_lazy("More than one set of answers stands in one question; is a blank line missing?")
        )
    # Words behind the answers: the choice fills the gap.
    stem = (
        f"{before.rstrip()} _____ {after.lstrip()}"
        if after.strip(" \n.?!")
        else before.rstrip() + after.strip()
    )
    answers, _marks, general = answers.partition("####")
    answers, general = answers.strip(), _show(general, is_html=is_html)
    words = _words(answers, _show(stem, is_html=is_html), general, is_html=is_html)
    return Found(line, words, number_there=number_there, category=category)


def _words(answers: str, stem: str, general: str, *, is_html: bool) -> Words:
    if not answers:
        return Words("essay", stem, [], general)
    if answers.startswith("#"):
        rows, tolerance = accepted_values(_values(answers[1:]))
        return Words("number", stem, rows, general, tolerance=tolerance)
    if "~" not in answers and PAIR.search(answers):
        return Words("matching", stem, _pairs(answers, is_html=is_html), general)
    collected = _answers(answers, is_html=is_html)
    collected.general_feedback = "\n".join(filter(None, [collected.general_feedback, general]))
    if TRUTH.match(answers):
        return Words("true_false", stem, collected.as_choices()[1], collected.feedback())
    if "~" not in answers:
        return Words("short", stem, accepted_forms(collected.options), collected.feedback_of_forms())
    kind, rows = collected.as_choices()
    return Words(kind, stem, rows, collected.feedback())


def _pairs(answers: str, *, is_html: bool) -> list[Row]:
    """``=one -> half``; without the first half it is one too many to choose from."""
    rows = []
    for part in re.findall(r"=([^=]*)", answers):
        first, parted, second = part.partition("->")
        if not parted:
            raise QuestionFault(gettext_lazy("A line of a matching question has no “->”."))
        rows.append(
            Row(_show(first, is_html=is_html), False, _show(second.partition("#")[0], is_html=is_html))
        )
    return rows


def _values(answers: str) -> list[Value]:
    """``1822:2``, ``3.141..3.142``, or several of them, each behind ``=`` and perhaps its share of the mark."""
    values = []
    for part in re.findall(r"=([^=]*)", answers) or [answers]:
        percent = 100.0
        if weight := WEIGHT.match(part):
            percent, part = float(weight[1]), part[weight.end() :]
        number = part.partition("#")[0].strip()
        if ".." in number:
            low, high = (decimal_of(end) for end in number.split("..", 1))
            values.append(Value((low + high) / 2, (high - low) / 2, percent))
        else:
            middle, _mark, off = number.partition(":")
            values.append(Value(decimal_of(middle), decimal_of(off or "0"), percent))
    return values


def _answers(answers: str, *, is_html: bool) -> Collected:
    if match := TRUTH.match(answers):
        is_true = match[1].upper().startswith("T")
        said = _show((match[2] or "").replace("#", "\n").strip(), is_html=is_html)
        options = [Option(str(TRUE), 100.0 * is_true), Option(str(FALSE), 100.0 * (not is_true))]
        return Collected(options, said)
    if not answers.startswith(("~", "=")):
        raise QuestionFault(gettext_lazy("An answer begins with = or ~."))
    collected = Collected()
    for sign, rest in re.findall(r"([~=])([^~=]*)", answers):
        percent = 100.0 if sign == "=" else 0.0
        if weight := WEIGHT.match(rest):
            percent, rest = float(weight[1]), rest[weight.end() :]
        words, _mark, said = rest.partition("#")
        collected.options.append(Option(_show(words, is_html=is_html), percent, _show(said, is_html=is_html)))
    return collected

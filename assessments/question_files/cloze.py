"""Cloze, Moodle's text with embedded answers: ``Thủ đô là {1:SHORTANSWER:=Hà Nội}.`` Format: Moodle documentation,
"Embedded Answers (Cloze) question type".

What becomes a text with gaps here: written answers and choices that each count alike. Numbers inside a text, part marks and
gaps of different weight are refused by name.
"""

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.gaps import Gap, write_gaps

from .found import QuestionFault, decimal_of

FIELD = re.compile(r"\{(\d*):([A-Z_]+):((?:\\.|[^{}\\]|\{[^{}]*\})*?)\}", re.DOTALL)
ANSWER = re.compile(r"(?:^|~)((?:\\.|[^~\\])*)", re.DOTALL)
CHOSEN = re.compile(r"(MULTICHOICE|MC)(_[A-Z]+)?|MC[VH]S?|MCS|MVS|MHS")
WRITTEN = re.compile(r"SHORTANSWER(_C)?|SAC?|MWC?")
NUMERICAL = re.compile(r"NUMERICAL|NM")
SHARE = re.compile(r"%(-?\d+(?:\.\d+)?)%")


def with_gaps(text: str) -> str:
    """The text as a trainer writes gaps here. Raises QuestionFault."""
    words, gaps, weights, end = [], [], set(), 0
    for field in FIELD.finditer(text):
        words.append(text[end : field.start()])
        end = field.end()
        weights.add(int(field[1] or 1))
        gaps.append(_gap(field[2], field[3]))
    words.append(text[end:])
    if not gaps:
        raise QuestionFault(gettext_lazy("No gap of this text can be read."))
    if any(re.search(r"\{\d*:", rest) for rest in words):
        raise QuestionFault(gettext_lazy("A gap of this text breaks off: its closing } is missing."))
    if len(weights) > 1:
        raise QuestionFault(gettext_lazy("The gaps count differently; here each counts alike."))
    return write_gaps(words, gaps)


def _gap(kind: str, body: str) -> Gap:
    if not (CHOSEN.fullmatch(kind) or WRITTEN.fullmatch(kind) or NUMERICAL.fullmatch(kind)):
        raise QuestionFault(_("Gaps of the kind “%(kind)s” are not asked here yet.") % {"kind": kind})
    forms = []
    for written in ANSWER.findall(body):
        percent, answer = (100.0, written[1:]) if written.startswith("=") else (0.0, written)
        if share := SHARE.match(answer):
            percent, answer = float(share[1]), answer[share.end() :]
        answer = re.sub(r"\\(.)", r"\1", re.split(r"(?<!\\)#", answer)[0]).strip()
        if 0 < percent < 99.9:
            raise QuestionFault(
                gettext_lazy("An answer of a gap earns part of the mark; such marks are not kept here.")
            )
        if answer and not (answer == "*" and percent <= 0):
            forms.append((answer, percent > 0))
    if any(sign in answer for answer, _right in forms for sign in ("|", "[[", "]]", "*")):
        raise QuestionFault(
            gettext_lazy("An answer of a gap holds a sign that has a meaning here: | * [[ ]].")
        )
    right = [(answer, True) for answer, is_right in forms if is_right]
    if not right:
        raise QuestionFault(gettext_lazy("A gap has no right answer."))
    if NUMERICAL.fullmatch(kind):
        return Gap([(_exact(answer), True) for answer, _right in right], is_chosen=False)
    if CHOSEN.fullmatch(kind):
        return Gap(forms, is_chosen=True)
    return Gap(right, is_chosen=False)


def _exact(answer: str) -> str:
    number, _mark, tolerance = answer.partition(":")
    if decimal_of(tolerance or "0"):
        raise QuestionFault(
            gettext_lazy("A number in a gap has a tolerance; ask it as a question of its own.")
        )
    decimal_of(number)
    return number.strip()

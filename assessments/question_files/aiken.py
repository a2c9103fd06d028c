"""Aiken: a question, choices "A. …" or "A) …", and "ANSWER: A". Format: Moodle documentation, "Aiken format"."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.question_content import Row, Words

from .found import Found, Refused, tidy

CHOICE = re.compile(r"^\s*([A-Z])[.)]\s+(.*)$")
ANSWER = re.compile(r"^\s*ANSWER\s*:\s*(.*?)\s*$")


def looks_like(text: str) -> bool:
    return bool(re.search(ANSWER.pattern, text, re.MULTILINE)) and bool(
        re.search(CHOICE.pattern, text, re.MULTILINE)
    )


def read(text: str) -> list[Found | Refused]:
    found: list[Found | Refused] = []
    stem: list[str] = []
    choices: list[tuple[str, str]] = []
    begins = 0

    def close(answer: str | None) -> None:
        nonlocal stem, choices, begins
        if stem or choices:
            found.append(_question(begins, tidy("\n".join(stem)), choices, answer))
        stem, choices, begins = [], [], 0

    for number, line in enumerate(text.split("\n"), start=1):
        if match := ANSWER.match(line):
            begins = begins or number
            if not stem and not choices:
                found.append(Refused(number, gettext_lazy("An answer stands here without a question.")))
            close(match[1])
        elif match := CHOICE.match(line):
            begins = begins or number
            choices.append((match[1], match[2].strip()))
        elif line.strip():
            if choices:
                # The answer of the question before is missing; this line begins the next one.
                close(None)
            begins = begins or number
            stem.append(line)
    close(None)
    return found


def _question(line: int, stem: str, choices: list[tuple[str, str]], answer: str | None) -> Found | Refused:
    if answer is None:
        return Refused(line, gettext_lazy("The line “ANSWER: …” is missing."), stem)
    letters = [letter for letter, _text in choices]
    if letters != [chr(ord("A") + n) for n in range(len(letters))]:
        return Refused(line, gettext_lazy("The choices are not lettered A, B, C … in order."), stem)
    if answer not in letters:
        return Refused(line, _("“%(answer)s” is none of the choices.") % {"answer": answer}, stem)
    rows = [Row(tidy(text), letter == answer) for letter, text in choices]
    return Found(line, Words("single", stem, rows))

"""What a learner's page sends as an answer, checked against what was asked and brought to the form in which it is kept."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from assessments.question_content import prose
from lms.core.errors import DomainError
from lms.core.vietnamese import nfc

LONGEST_TEXT = 500  # characters of a typed answer
LONGEST_ESSAY = 20_000


class BadAnswer(DomainError):
    message = _("The answer does not fit the question.")


def read_answer(kind: str, order: list, answer: Any) -> dict[str, Any]:
    """As it is stored, or BadAnswer. ``order`` is the question's ``choice_order``."""
    if not isinstance(answer, dict):
        raise BadAnswer
    return _READERS[kind](order, answer)


def _text(value: Any, *, longest: int, tidy: Callable[[str], str]) -> str:
    """Nothing typed is an answer taken back."""
    if not isinstance(value, str) or "\0" in value:
        raise BadAnswer
    text = tidy(value)
    if len(text) > longest:
        raise BadAnswer
    return text


def _line(order: list, answer: dict[str, Any]) -> dict[str, Any]:
    return {"text": _text(answer.get("text"), longest=LONGEST_TEXT, tidy=nfc)}


def _essay(order: list, answer: dict[str, Any]) -> dict[str, Any]:
    return {"text": _text(answer.get("text"), longest=LONGEST_ESSAY, tidy=prose)}


def _choices(order: list, answer: dict[str, Any]) -> dict[str, Any]:
    """Only choices of this question, in the order they are shown."""
    chosen = answer.get("choices")
    if not isinstance(chosen, list) or not all(isinstance(choice, str) for choice in chosen):
        raise BadAnswer
    unique = set(chosen)
    if not unique.issubset(order):
        raise BadAnswer
    return {"choices": [choice for choice in order if choice in unique]}


def _one_choice(order: list, answer: dict[str, Any]) -> dict[str, Any]:
    stored = _choices(order, answer)
    if len(stored["choices"]) > 1:
        raise BadAnswer
    return stored


def _fills(order: list, answer: dict[str, Any]) -> dict[str, Any]:
    """Slots left open are left out."""
    given = answer.get("fills")
    if not isinstance(given, dict) or not set(given) <= {slot for slot, _options in order}:
        raise BadAnswer
    fills = {}
    for slot, options in order:
        value = _text(given.get(slot, ""), longest=LONGEST_TEXT, tidy=nfc)
        if value and options is not None and value not in options:
            raise BadAnswer
        if value:
            fills[slot] = value
    return {"fills": fills}


def _files(order: list, answer: dict[str, Any]) -> dict[str, Any]:
    """Ids; whether they were uploaded for this question is looked up by ``answer_files.require_files``."""
    ids = answer.get("files")
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise BadAnswer
    try:
        return {"files": [str(UUID(one)) for one in ids]}
    except ValueError as fault:
        raise BadAnswer from fault


_READERS: dict[str, Callable[[list, dict[str, Any]], dict[str, Any]]] = {
    "single": _one_choice,
    "true_false": _one_choice,
    "multiple": _choices,
    "short": _line,
    "number": _line,
    "matching": _fills,
    "ordering": _fills,
    "gaps": _fills,
    "essay": _essay,
    "file": _files,
}

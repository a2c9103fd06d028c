"""Writes to question banks. Learners meet versions; a version never changes."""

import re
import secrets
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assessments.models import Question, QuestionCategory, QuestionChoice, QuestionVersion
from assessments.models.banks import Difficulty, Matching, QuestionKind
from assessments.permissions import can_keep_banks
from lms.core.audit import record_event
from lms.core.errors import DomainError, NotAllowed
from lms.core.vietnamese import nfc


class QuestionInvalid(DomainError):
    """The question cannot be asked as it stands. ``place`` is "stem", "kind", "choices" or a choice's index."""

    def __init__(self, message, *, place: str | int):
        super().__init__(message)
        self.place = place


def find_faults(*, kind: str, stem: str, choices: list[tuple[str, bool]]) -> list[QuestionInvalid]:
    """Everything that keeps a question from being asked.

    ``choices`` are (text, is it right) in their order; of a typed kind the accepted forms.
    """
    faults = []
    if not stem.strip():
        faults.append(QuestionInvalid(_("Write the question."), place="stem"))
    seen: dict[str, int] = {}
    for index, (text, _right) in enumerate(choices):
        same = nfc(text).casefold()
        if not same:
            faults.append(
                QuestionInvalid(_("Choice %(number)d is empty.") % {"number": index + 1}, place=index)
            )
        elif same in seen:
            faults.append(
                QuestionInvalid(
                    _("Choice %(number)d repeats choice %(other)d.")
                    % {"number": index + 1, "other": seen[same] + 1},
                    place=index,
                )
            )
        seen.setdefault(same, index)
    if kind in QuestionKind.typed():
        return faults + _faults_of_typed(kind, [text for text, _right in choices])
    right = sum(1 for _text, is_right in choices if is_right)
    if len(choices) < 2:
        faults.append(QuestionInvalid(_("A question needs at least two choices."), place="choices"))
    elif kind == QuestionKind.SINGLE and right != 1:
        faults.append(
            QuestionInvalid(
                _(
                    "A question with one right answer has exactly one right choice; %(count)d are marked right."
                )
                % {"count": right},
                place="choices",
            )
        )
    elif kind == QuestionKind.MULTIPLE and right == 0:
        faults.append(QuestionInvalid(_("Mark at least one choice as right."), place="choices"))
    elif kind == QuestionKind.MULTIPLE and right == len(choices):
        faults.append(
            QuestionInvalid(_("All choices are marked right; leave at least one wrong one."), place="choices")
        )
    return faults


def _faults_of_typed(kind: str, forms: list[str]) -> list[QuestionInvalid]:
    if not forms:
        return [QuestionInvalid(_("Write at least one accepted answer."), place="choices")]
    if kind != QuestionKind.NUMBER:
        return []
    return [
        QuestionInvalid(
            _(
                "“%(text)s” is not clearly one number. Write 1234,5: a comma before decimals, nothing between thousands."
            )
            % {"text": text},
            place=index,
        )
        for index, text in enumerate(forms)
        if text.strip() and value_of(text) is None
    ]


# A comma parts decimals. A point does too, unless it could part thousands: "1.822" is asked about, "1,822" is not.
_VALUE = re.compile(r"[+-]?\d{1,12}(?:,\d{1,8}|\.(?!\d{3}$)\d{1,8})?", re.ASCII)


def value_of(text: str) -> Decimal | None:
    """The number an accepted answer names; None for what is none or could be two."""
    text = text.strip()
    return Decimal(text.replace(",", ".")) if _VALUE.fullmatch(text) else None


def _prose(text: str) -> str:
    """NFC with its line breaks kept, unlike ``nfc``."""
    return unicodedata.normalize("NFC", text).strip()


def _words(content: dict[str, Any]) -> tuple:
    """What makes two versions the same to a learner, without the random ids."""
    key = set(content["key"])
    if "rules" in content:
        return (content["stem"], content["feedback"], content["key"], content["rules"])
    return (
        content["stem"],
        content["feedback"],
        [(choice["text"], choice["id"] in key) for choice in content["choices"]],
    )


def _content_of(question: Question, choices: list[tuple[str, bool]]) -> dict[str, Any]:
    """Ids are random: an id that told the order of writing would tell which one was written as the right one."""
    words = {"stem": _prose(question.stem), "feedback": _prose(question.feedback)}
    if question.kind == QuestionKind.NUMBER:
        values = [str(value_of(text)) for text, _right in choices]
        return words | {
            "choices": [],
            "key": values,
            "rules": {"tolerance": str(question.tolerance.normalize())},
        }
    if question.kind == QuestionKind.SHORT:
        forms = [nfc(text) for text, _right in choices]
        return words | {"choices": [], "key": forms, "rules": {"matching": question.matching}}
    rows = [{"id": secrets.token_hex(4), "text": nfc(text)} for text, _right in choices]
    return words | {
        "choices": rows,
        "key": [row["id"] for row, (_text, right) in zip(rows, choices, strict=True) if right],
    }


@transaction.atomic
def save_question_version(*, question: Question, actor, now: datetime) -> QuestionVersion | None:
    """Freeze a ready question's words into a version, when they differ from the current one's.

    Gives the version learners meet from now on; None for a question that was never ready. What was already
    drawn keeps its own version. Raises QuestionInvalid for a ready question that cannot be asked.
    """
    if not can_keep_banks(actor):
        raise NotAllowed(_("Only trainers and the school may change question banks."))
    if question.status != Question.Status.READY:
        return question.current_version
    choices = [(choice.text, choice.is_correct) for choice in question.choices.all()]
    if faults := find_faults(kind=question.kind, stem=question.stem, choices=choices):
        raise faults[0]
    content = _content_of(question, choices)
    current = question.current_version
    if current and current.kind == question.kind and _words(current.content) == _words(content):
        return current
    number = QuestionVersion.objects.filter(question=question).count() + 1
    version = QuestionVersion.objects.create(
        question=question, number=number, kind=question.kind, content=content, created_at=now
    )
    Question.objects.filter(pk=question.pk).update(current_version=version)
    question.current_version = version
    record_event(actor=actor, action="question.versioned", target=question, now=now, version=number)
    return version


@transaction.atomic
def put_category(*, code: str, name: str, actor, now: datetime) -> QuestionCategory:
    """The bank of this code, made or renamed."""
    if not can_keep_banks(actor):
        raise NotAllowed(_("Only trainers and the school may change question banks."))
    category = QuestionCategory.objects.filter(code=nfc(code)).first() or QuestionCategory(code=nfc(code))
    if category.pk and category.name == nfc(name):
        return category
    action = "bank.changed" if category.pk else "bank.created"
    before, category.name = category.name, nfc(name)
    category.full_clean()
    category.save()
    record_event(
        actor=actor, action=action, target=category, now=now, code=category.code, name=[before, category.name]
    )
    return category


@transaction.atomic
def put_question(
    *,
    category: QuestionCategory,
    code: str,
    kind: str,
    stem: str,
    choices: Iterable[tuple[str, bool]],
    actor,
    now: datetime,
    difficulty: str = Difficulty.MEDIUM,
    feedback: str = "",
    status: str = Question.Status.READY,
    matching: str = Matching.CASE,
    tolerance: Decimal = Decimal(0),
) -> Question:
    """The question of this code, made or brought to these words; the same words twice change nothing.

    ``choices`` are (text, is it right) in order. For loaders and imports; raises QuestionInvalid.
    """
    rows = [(nfc(text), bool(right)) for text, right in choices]
    if faults := find_faults(kind=kind, stem=stem, choices=rows):
        raise faults[0]
    question = Question.objects.filter(code=nfc(code)).first() or Question(code=nfc(code))
    question.category, question.kind, question.difficulty = category, kind, difficulty
    question.stem, question.feedback, question.status = _prose(stem), _prose(feedback), status
    question.matching, question.tolerance = matching, tolerance
    standing = [(choice.text, choice.is_correct) for choice in question.choices.all()] if question.pk else []
    if standing != rows:
        question.choices.set(
            [
                QuestionChoice(sort_order=order, text=text, is_correct=right)
                for order, (text, right) in enumerate(rows)
            ]
        )
    question.full_clean(exclude=["current_version", "folded_text"])
    question.save()
    save_question_version(question=question, actor=actor, now=now)
    return question

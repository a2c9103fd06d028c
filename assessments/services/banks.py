"""Writes to question banks. Learners meet versions; a version never changes."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assessments.models import (
    MediaFile,
    Question,
    QuestionCategory,
    QuestionChoice,
    QuestionMedia,
    QuestionVersion,
)
from assessments.models.banks import Credit, Difficulty, Matching
from assessments.permissions import can_keep_banks
from assessments.question_content import Row, Words, content_of, prose, without_ids
from lms.core.audit import record_event
from lms.core.errors import NotAllowed
from lms.core.vietnamese import nfc

from .question_faults import find_faults


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
    if faults := find_faults(question.words):
        raise faults[0]
    content = content_of(question.words)
    current = question.current_version
    if current and current.kind == question.kind and without_ids(current.content) == without_ids(content):
        return current
    number = QuestionVersion.objects.filter(question=question).count() + 1
    version = QuestionVersion.objects.create(
        question=question, number=number, kind=question.kind, content=content, created_at=now
    )
    version.media.set(_shown_in(content, question))
    Question.objects.filter(pk=question.pk).update(current_version=version)
    question.current_version = version
    record_event(actor=actor, action="question.versioned", target=question, now=now, version=number)
    return version


def _shown_in(content: dict, question: Question) -> list[MediaFile]:
    """The question's files that the frozen words name."""
    words = json.dumps(content)
    return [one.stored for one in question.media.all() if one.stored and one.stored.sha256 in words]


@transaction.atomic
def put_category(
    *, code: str, name: str, actor, now: datetime, parent: QuestionCategory | None = None
) -> QuestionCategory:
    """The bank of this code, made, renamed or moved into ``parent``."""
    if not can_keep_banks(actor):
        raise NotAllowed(_("Only trainers and the school may change question banks."))
    category = QuestionCategory.objects.filter(code=nfc(code)).first() or QuestionCategory(code=nfc(code))
    if category.pk and category.name == nfc(name) and category.parent == parent:
        return category
    action = "bank.changed" if category.pk else "bank.created"
    before, category.name, category.parent = category.name, nfc(name), parent
    category.full_clean()
    category.save()
    record_event(
        actor=actor, action=action, target=category, now=now, code=category.code, name=[before, category.name]
    )
    return category


def tidied(row: Row) -> Row:
    """As it is kept."""
    percent = None if row.percent is None else Decimal(row.percent).quantize(Decimal("0.0001"))
    return Row(nfc(row.text), bool(row.is_right), nfc(row.match), nfc(row.feedback), percent)


@transaction.atomic
def put_question(
    *,
    category: QuestionCategory,
    code: str,
    kind: str,
    stem: str,
    choices: Iterable[tuple],
    actor,
    now: datetime,
    difficulty: str = Difficulty.MEDIUM,
    feedback: str = "",
    status: str = Question.Status.READY,
    matching: str = Matching.CASE,
    tolerance: Decimal = Decimal(0),
    units: str = "",
    credit: str = Credit.PARTS,
    media: Mapping[str, bytes] | None = None,
) -> Question:
    """The question of this code, made or brought to these words; the same words twice change nothing.

    ``choices`` are the fields of a ``Row`` in order, later ones where there is something to say; ``media`` pictures and sounds by
    name, None leaves those that are there. For loaders and imports; raises QuestionInvalid, MediaUnfit.
    """
    rows = [tidied(Row(*choice)) for choice in choices]
    question = Question.objects.filter(code=nfc(code)).first() or Question(code=nfc(code))
    if media is not None:
        kept = {name: MediaFile.keep(content) for name, content in media.items()}
        question.media.set(
            [QuestionMedia(name=name, stored=file, file=file.file.name) for name, file in kept.items()]
        )
    files = question.words.media if question.pk or media else ()
    words = Words(kind, stem, rows, feedback, matching, tolerance, nfc(units), credit, files)
    if faults := find_faults(words):
        raise faults[0]
    question.category, question.kind, question.difficulty = category, kind, difficulty
    question.stem, question.feedback, question.status = prose(stem), prose(feedback), status
    question.matching, question.tolerance, question.credit = matching, tolerance, credit
    question.units = words.units
    if not question.pk or question.rows != rows:
        question.choices.set(
            [
                QuestionChoice(
                    sort_order=order,
                    text=row.text,
                    is_correct=row.is_right,
                    match=row.match,
                    feedback=row.feedback,
                    percent=row.percent,
                )
                for order, row in enumerate(rows)
            ]
        )
    question.full_clean(exclude=["current_version", "folded_text"])
    question.save()
    save_question_version(question=question, actor=actor, now=now)
    return question


# --- Many at once -------------------------------------------------------------------------------------------
def _require_keeper(actor) -> None:
    if not can_keep_banks(actor):
        raise NotAllowed(_("Only trainers and the school may change question banks."))


@transaction.atomic
def move_questions(
    *, questions: Iterable[Question], category: QuestionCategory, actor, now: datetime
) -> list[Question]:
    """Into another bank; gives those that were elsewhere. What was drawn already does not change."""
    _require_keeper(actor)
    moved = [question for question in questions if question.category_id != category.pk]
    for question in moved:
        before, question.category = question.category.code, category
        question.save(update_fields=["category", "folded_text", "stem_key"])
        _record_change(question, "question.moved", actor=actor, now=now, bank=[before, category.code])
    return moved


@transaction.atomic
def tag_questions(
    *, questions: Iterable[Question], tags: Iterable[str], actor, now: datetime
) -> list[Question]:
    """Add the tags to each; gives those that lacked one."""
    _require_keeper(actor)
    wanted = {nfc(tag) for tag in tags if nfc(tag)}
    tagged = []
    for question in questions:
        if missing := sorted(wanted - set(question.tags.names())):
            question.tags.add(*missing)
            question.save()
            _record_change(question, "question.tagged", actor=actor, now=now, tags=missing)
            tagged.append(question)
    return tagged


@transaction.atomic
def retire_questions(*, questions: Iterable[Question], actor, now: datetime) -> list[Question]:
    """No new attempt draws them; gives those that were in use or drafts."""
    _require_keeper(actor)
    retired = [question for question in questions if question.status != Question.Status.RETIRED]
    for question in retired:
        before, question.status = question.status, Question.Status.RETIRED
        question.save()
        _record_change(question, "question.retired", actor=actor, now=now, status=[before, question.status])
    return retired


@transaction.atomic
def put_into_use(
    *, questions: Iterable[Question], actor, now: datetime
) -> tuple[list[Question], list[Question]]:
    """(ready now, cannot be asked as they stand): the second ones stay as they are."""
    _require_keeper(actor)
    ready, faulty = [], []
    for question in questions:
        if question.status == Question.Status.READY:
            continue
        if find_faults(question.words):
            faulty.append(question)
            continue
        question.status = Question.Status.READY
        question.save()
        save_question_version(question=question, actor=actor, now=now)
        ready.append(question)
    return ready, faulty


def _record_change(question: Question, action: str, *, actor, now: datetime, **what) -> None:
    record_event(actor=actor, action=action, target=question, now=now, code=question.code, **what)

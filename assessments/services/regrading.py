"""Regrading: an answer key was wrong, so what was handed in is marked anew by the right one.

What was asked and answered stays frozen. The corrected key is a row of its own for one question version at one quiz
(``KeyCorrection``); every attempt is marked anew in a transaction of its own, its row locked, and says beside the mark which
correction made it. A worker killed in between leaves some attempts marked by the old key and some by the new, each of them
consistent, and the job goes on with the rest.

Nobody loses a pass unless the actor chose so: such an attempt keeps its marks as they were. What followed from a pass – a
criterion met, a course completed, a certificate – stays in either case.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery, Sum
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assessments.choice_keys import choices_of
from assessments.models import Attempt, AttemptQuestion, KeyCorrection, QuestionVersion, Quiz
from assessments.models.banks import QuestionKind
from assessments.permissions import why_not_regrade
from assessments.question_content import Row, Words, value_of
from assessments.scoring import TYPED, reaches
from lms.core.audit import record_event
from lms.core.errors import DomainError, NotAllowed
from lms.core.jobs import enqueue_job
from lms.core.models import Job
from lms.core.vietnamese import nfc

from .corrected_marks import corrected_mark
from .grading import tell_course
from .question_faults import find_faults

REGRADE_JOB = "regrade"
Policy = KeyCorrection.Policy


class ReasonMissing(DomainError):
    message = _("Give the reason.")


class KeyUnfit(DomainError):
    """The key cannot be one of this question. ``place`` is the field of the form at fault."""

    def __init__(self, message, *, place: str = "key"):
        super().__init__(message)
        self.place = place


@dataclass(frozen=True)
class Correction:
    """What is asked for, before it is written. ``key`` and ``rules`` as in a version's content; nothing of ``Policy.FULL``."""

    policy: str
    key: tuple[str, ...] = ()
    rules: dict[str, Any] | None = None
    may_fail: bool = False


@dataclass(frozen=True)
class Change:
    """One attempt before and after. ``kept``: it would lose its pass, so it stays as it was marked."""

    attempt: Attempt
    old_mark: Decimal
    new_mark: Decimal
    new_score: Decimal
    new_passed: bool
    kept: bool


@dataclass(frozen=True)
class Preview:
    """``changes`` by learner; ``unchanged`` attempts were handed in and keep their mark, ``open`` are being written."""

    changes: list[Change]
    unchanged: int
    open: int

    @property
    def gain_pass(self) -> int:
        return sum(1 for change in self.changes if change.new_passed and not change.attempt.passed)

    @property
    def lose_pass(self) -> int:
        return sum(
            1
            for change in self.changes
            if not change.new_passed and change.attempt.passed and not change.kept
        )

    @property
    def kept(self) -> int:
        return sum(1 for change in self.changes if change.kept)


class Outcome(Enum):
    CHANGED = "changed"
    SAME_MARK = "same_mark"
    KEPT = "kept"
    OPEN = "open"
    DONE_BEFORE = "done_before"


def _fitted(*, quiz: Quiz, version: QuestionVersion, correction: Correction) -> Correction:
    """The correction with its key as a version keeps one. Raises KeyUnfit."""
    if correction.policy == Policy.FULL:
        return Correction(policy=Policy.FULL, may_fail=correction.may_fail)
    choices = choices_of(version.content)
    if choices is not None:
        key = tuple(choice for choice in choices.ids if choice in correction.key)
        if not key or len(key) != len(set(correction.key)):
            raise KeyUnfit(_("Mark at least one choice as right."))
        if len(key) == len(choices.ids):
            raise KeyUnfit(_("All choices are marked right; give everybody the mark instead."))
        fitted = Correction(policy=Policy.KEY, key=key, may_fail=correction.may_fail)
    elif version.kind in TYPED:
        fitted = _fitted_typed(version, correction)
    else:
        raise KeyUnfit(
            _("Of a question of this kind only the mark for everybody can be given."), place="policy"
        )
    standing = KeyCorrection.objects.newest_of(quiz.pk).get(version.pk)
    key_now = standing.key_of(version.content) if standing else version.content["key"]
    rules_now = standing.rules_of(version.content) if standing else version.content.get("rules") or {}
    full_now = bool(standing and standing.gives_full_mark)
    if not full_now and set(key_now) == set(fitted.key) and rules_now == (fitted.rules or rules_now):
        raise KeyUnfit(_("The question is marked by this key already."))
    return fitted


def _fitted_typed(version: QuestionVersion, correction: Correction) -> Correction:
    forms = [nfc(form) for form in correction.key if form.strip()]
    faults = find_faults(Words(version.kind, "–", [Row(form, True) for form in forms]))
    if faults:
        raise KeyUnfit(faults[0].message)
    key = [str(value_of(form)) for form in forms] if version.kind == QuestionKind.NUMBER else forms
    rules = {**(version.content.get("rules") or {}), **(correction.rules or {})}
    return Correction(policy=Policy.KEY, key=tuple(key), rules=rules, may_fail=correction.may_fail)


def _row_of(correction: Correction, *, quiz: Quiz, version: QuestionVersion) -> KeyCorrection:
    return KeyCorrection(
        quiz=quiz,
        version=version,
        policy=correction.policy,
        key=list(correction.key),
        rules=correction.rules or {},
        may_fail=correction.may_fail,
    )


def preview_regrade(*, quiz: Quiz, version: QuestionVersion, correction: Correction, actor) -> Preview:
    """Who would change, without writing anything; a constant number of queries. Raises NotAllowed and KeyUnfit."""
    _require_right(actor, quiz)
    row = _row_of(_fitted(quiz=quiz, version=version, correction=correction), quiz=quiz, version=version)
    asked = (
        AttemptQuestion.objects.filter(attempt__quiz=quiz, version=version)
        .exclude(attempt__state=Attempt.State.PREPARED)
        .annotate(total=_total_of_marks(OuterRef("attempt")))
        .select_related("attempt__enrolment__learner", "attempt__enrolment__run")
        .order_by("attempt__enrolment__learner__name_key", "attempt_id")
    )
    changes, unchanged, still_open = [], 0, 0
    for question in asked:
        attempt = question.attempt
        if attempt.score is None or question.mark is None:
            still_open += 1
            continue
        mark = corrected_mark(
            version=version,
            correction=row,
            answer=question.answer,
            max_mark=question.max_mark,
            penalty=attempt.penalty_percent,
        )
        if mark == question.mark:
            unchanged += 1
            continue
        score, passed = _marked_anew(attempt, total=question.total - question.mark + mark)
        changes.append(
            Change(
                attempt=attempt,
                old_mark=question.mark,
                new_mark=mark,
                new_score=score,
                new_passed=passed,
                kept=bool(attempt.passed and not passed and not row.may_fail),
            )
        )
    return Preview(changes=changes, unchanged=unchanged, open=still_open)


def _total_of_marks(attempt: OuterRef) -> Subquery:
    """The sum of an attempt's marks as it is, below nothing too where wrong choices cost something."""
    rows = AttemptQuestion.objects.filter(attempt=attempt).order_by().values("attempt")
    return Subquery(rows.annotate(total=Sum("mark")).values("total"))


def _marked_anew(attempt: Attempt, *, total: Decimal) -> tuple[Decimal, bool]:
    score = max(Decimal(0), total)
    return score, reaches(score=score, max_score=attempt.max_score, percent=attempt.pass_percent)


def _require_right(actor, quiz: Quiz) -> None:
    if refusal := why_not_regrade(actor, quiz):
        raise NotAllowed(refusal.message)


def regrade_job_key(correction: KeyCorrection) -> str:
    return f"correction:{correction.pk}"


@transaction.atomic
def correct_key(
    *, quiz: Quiz, version: QuestionVersion, correction: Correction, reason: str, actor, now: datetime
) -> tuple[KeyCorrection, Job]:
    """Put another key in force at a quiz, and start the job that marks anew what was handed in.

    What is handed in from now on is marked by it. Raises NotAllowed, ReasonMissing and KeyUnfit.
    """
    _require_right(actor, quiz)
    if not reason.strip():
        raise ReasonMissing
    # Two clicks follow each other, and the second is told that the key is in force already.
    Quiz.objects.select_for_update(no_key=True, of=("self",)).get(pk=quiz.pk)
    row = _row_of(_fitted(quiz=quiz, version=version, correction=correction), quiz=quiz, version=version)
    row.reason, row.corrected_by, row.corrected_at = nfc(reason), actor, now
    row.save(force_insert=True)
    record_event(
        actor=actor,
        action="key.corrected",
        target=row,
        now=now,
        quiz=quiz.pk,
        question=version.question.code,
        version=version.number,
        policy=row.policy,
        key=row.key,
        rules=row.rules,
        may_fail=row.may_fail,
        reason=row.reason,
    )
    job = enqueue_job(
        kind=REGRADE_JOB,
        title=gettext("Marking anew: %(question)s, %(quiz)s")
        % {"question": version.question.code, "quiz": quiz},
        payload={"correction_id": row.pk},
        requested_by=actor,
        now=now,
        dedupe_key=regrade_job_key(row),
    )
    return row, job


def regrade(
    *,
    correction: KeyCorrection,
    now: datetime,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, int]:
    """Mark anew every attempt at the quiz that was asked the question; gives how many had which outcome.

    Each in its own transaction; done twice it changes nothing the second time. Attempts being written are locked for a
    moment too: one that is being handed in is waited for, and marked anew if it had looked for corrections before this
    one was there. Whoever was first, the newest correction wins.
    """
    attempt_ids = list(
        Attempt.objects.filter(quiz=correction.quiz_id, questions__version=correction.version_id)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    counts = dict.fromkeys((outcome.value for outcome in Outcome), 0)
    for done, attempt_id in enumerate(attempt_ids):
        if done % 20 == 0:
            progress(done, len(attempt_ids))
        counts[regrade_attempt(attempt_id=attempt_id, correction=correction, now=now).value] += 1
    progress(len(attempt_ids), len(attempt_ids))
    return counts


@transaction.atomic
def regrade_attempt(*, attempt_id: int, correction: KeyCorrection, now: datetime) -> Outcome:
    """One attempt, its row locked. A pass that comes of it meets the quiz's criterion as one at handing in does.

    The newest correction is taken, and who made it is the actor: the right was asked for then.
    """
    attempt = (
        Attempt.objects.select_for_update(of=("self",)).select_related("quiz", "enrolment").get(pk=attempt_id)
    )
    if attempt.is_open:
        return Outcome.OPEN
    newest = KeyCorrection.objects.newest_of(attempt.quiz_id)[correction.version_id]
    question = AttemptQuestion.objects.select_related("version").get(
        attempt=attempt, version=correction.version_id
    )
    if question.correction_id == newest.pk:
        return Outcome.DONE_BEFORE
    own = AttemptQuestion.objects.filter(pk=question.pk)
    if attempt.score is None or question.mark is None:
        # Still being marked: its score will be made by the key in force.
        own.update(correction=newest)
        return Outcome.OPEN
    mark = corrected_mark(
        version=question.version,
        correction=newest,
        answer=question.answer,
        max_mark=question.max_mark,
        penalty=attempt.penalty_percent,
    )
    total = attempt.questions.aggregate(total=Sum("mark"))["total"]
    score, passed = _marked_anew(attempt, total=total - question.mark + mark)
    if attempt.passed and not passed and not newest.may_fail:
        return Outcome.KEPT
    own.update(correction=newest, mark=mark)
    if mark == question.mark:
        return Outcome.SAME_MARK
    before = attempt.score, attempt.passed
    attempt.score, attempt.passed = score, passed
    Attempt.objects.filter(pk=attempt.pk).update(score=score, passed=passed)
    actor = newest.corrected_by
    record_event(
        actor=actor,
        action="attempt.regraded",
        target=attempt,
        now=now,
        correction=newest.pk,
        question=question.version.question.code,
        version=question.version.number,
        mark=[str(question.mark), str(mark)],
        score=[str(before[0]), str(score)],
        passed=[before[1], passed],
        reason=newest.reason,
    )
    if passed and not before[1]:
        tell_course(attempt=attempt, actor=actor, now=now)
    return Outcome.CHANGED

"""What is shown of an attempt that was handed in: nothing but its score, one's own answers, or all with keys and explanations.

Own answers are put together by a function and in a class of their own: these have no place for a key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from django.db.models import QuerySet

from courses.models import Run

from .models import AnswerFile, Attempt, AttemptQuestion, Quiz
from .models.banks import QuestionKind
from .papers import Asked
from .permissions import run_ends_at
from .scoring import MARKED, SLOTTED, TYPED, right_slots


class Shown(Enum):
    NOTHING = "nothing"
    OWN_ANSWERS = "own answers"
    ALL = "all"


@dataclass(frozen=True)
class ReviewedChoice:
    text: str
    chosen: bool
    right: bool
    feedback: str = ""


@dataclass(frozen=True)
class ReviewedSlot:
    text: str
    given: str
    accepted: list[str]
    right: bool


@dataclass(frozen=True)
class OwnAnswer(Asked):
    """``fills`` are (what was asked, what was answered)."""

    position: int
    kind: str
    stem: str
    chosen: list[str]
    text: str
    files: list[AnswerFile]
    fills: list[tuple[str, str]]
    mark: Decimal
    max_mark: Decimal
    comments: list[str]


@dataclass(frozen=True)
class ReviewedQuestion(Asked):
    position: int
    kind: str
    stem: str
    feedback: str
    choices: list[ReviewedChoice]
    mark: Decimal
    max_mark: Decimal
    text: str = ""
    accepted: list[str] = field(default_factory=list)
    tolerance: Decimal = Decimal(0)
    slots: list[ReviewedSlot] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)  # of those who marked it
    everybody_got_it: bool = False
    files: list[AnswerFile] = field(default_factory=list)

    @property
    def is_answered(self) -> bool:
        return (
            bool(self.text or self.files)
            or any(choice.chosen for choice in self.choices)
            or any(slot.given for slot in self.slots)
        )

    @property
    def outcome(self) -> str:
        """full, part, none or empty"""
        if not self.is_answered:
            return "empty"
        if self.mark == self.max_mark:
            return "full"
        return "part" if self.mark > 0 else "none"


def written_form(form: str, kind: str, units: Sequence[Sequence[str]] = ()) -> str:
    """A number as it is written here, with a comma and its unit."""
    if kind != QuestionKind.NUMBER:
        return form
    number = format(Decimal(form), "f").replace(".", ",")
    return f"{number} {units[0][0]}" if units else number


def sat_until(attempt: Attempt) -> datetime:
    """When the quiz closes for everybody: with its window, else with the last of the learner's run and the course's open ones.

    Minutes granted to somebody may go beyond. One query at most.
    """
    if attempt.quiz.closes_at:
        return attempt.quiz.closes_at
    run = attempt.enrolment.run
    open_runs = Run.objects.filter(course=run.course_id, state=Run.State.OPEN)
    return max(map(run_ends_at, [run, *open_runs]))


def shown_of(attempt: Attempt, *, now: datetime) -> Shown:
    """What the learner may see, by what the quiz says today: once graded, and never beside an open attempt of theirs at the same
    quiz. Where everything waits for the end, also for the last one who was given more time.
    """
    review = attempt.quiz.review
    if attempt.state != Attempt.State.GRADED or review == Quiz.Review.NEVER:
        return Shown.NOTHING
    still_open = Attempt.objects.open().filter(quiz_id=attempt.quiz_id)
    if review == Quiz.Review.AFTER_CLOSE:
        is_over = now >= sat_until(attempt) and not still_open.exists()
        return Shown.ALL if is_over else Shown.NOTHING
    if still_open.filter(enrolment_id=attempt.enrolment_id).exists():
        return Shown.NOTHING
    return Shown.OWN_ANSWERS if review == Quiz.Review.OWN_ANSWERS else Shown.ALL


def review_of(attempt: Attempt, *, now: datetime) -> list[ReviewedQuestion]:
    """The questions with answers, keys and explanations; [] when they may not be seen."""
    if shown_of(attempt, now=now) is not Shown.ALL:
        return []
    return [reviewed_question(row) for row in _rows_of(attempt)]


def own_answers_of(attempt: Attempt, *, now: datetime) -> list[OwnAnswer]:
    """The questions with what was answered and what it earned; [] when that may not be seen."""
    if shown_of(attempt, now=now) is not Shown.OWN_ANSWERS:
        return []
    return [_own_answer(row) for row in _rows_of(attempt)]


def _rows_of(attempt: Attempt) -> QuerySet[AttemptQuestion]:
    rows = attempt.questions.select_related("version", "correction").prefetch_related("markings", "files")
    return rows.order_by("position")


def _own_answer(row: AttemptQuestion) -> OwnAnswer:
    content, kind, answer = row.version.content, row.version.kind, row.answer or {}
    chosen = set(answer.get("choices", ()))
    return OwnAnswer(
        position=row.position,
        kind=kind,
        stem=content["stem"],
        chosen=[choice["text"] for choice in content["choices"] if choice["id"] in chosen],
        text=answer.get("text", ""),
        files=row.handed_in,
        fills=_own_fills(content, row.choice_order, answer.get("fills") or {}) if kind in SLOTTED else [],
        mark=row.mark or Decimal(0),
        max_mark=row.max_mark,
        comments=_comments(row) if kind in MARKED else [],
    )


def _own_fills(
    content: Mapping[str, Any], order: Sequence[Sequence[Any]], fills: Mapping[str, str]
) -> list[tuple[str, str]]:
    """In the order they were asked in: that of writing would be the answer."""
    asked = {slot["id"]: slot["text"] for slot in content["slots"]}
    texts = {option["id"]: option["text"] for option in content["options"]}
    given = {slot: fills.get(slot, "") for slot, _options in order}
    return [(asked[slot], texts.get(value, value)) for slot, value in given.items()]


def _comments(row) -> list[str]:
    """What markers say to the learner; why a mark was decided is said among them."""
    return [marking.comment for marking in row.markings.all() if marking.comment and not marking.decides]


def reviewed_question(row) -> ReviewedQuestion:
    """``row``: an AttemptQuestion with its version, correction and markings. Only for those who may see keys."""
    content, kind, answer = row.version.content, row.version.kind, row.answer or {}
    rules = row.rules or {}
    chosen, key = set(answer.get("choices", ())), row.key
    said = content.get("choice_feedback", {})
    texts = {choice["id"]: choice["text"] for choice in content["choices"]}
    return ReviewedQuestion(
        position=row.position,
        kind=kind,
        stem=content["stem"],
        feedback=content["feedback"],
        choices=[
            ReviewedChoice(
                text=texts[choice_id],
                chosen=choice_id in chosen,
                right=choice_id in key,
                feedback=said.get(choice_id, "") if choice_id in chosen else "",
            )
            for choice_id in row.choice_order
            if texts
        ],
        mark=row.mark or Decimal(0),
        max_mark=row.max_mark,
        text=answer.get("text", ""),
        accepted=[written_form(form, kind, rules.get("units", ())) for form in key] if kind in TYPED else [],
        tolerance=Decimal(rules.get("tolerance", "0")),
        slots=_reviewed_slots(kind, content, answer.get("fills") or {}) if kind in SLOTTED else [],
        comments=_comments(row) if kind in MARKED else [],
        files=row.handed_in,
        everybody_got_it=bool(row.correction and row.correction.gives_full_mark),
    )


def _reviewed_slots(kind: str, content: Mapping[str, Any], fills: Mapping[str, str]) -> list[ReviewedSlot]:
    """In the order of writing, which of an order is the right one."""
    texts = {option["id"]: option["text"] for option in content["options"]}
    right = right_slots(content["key"], fills, content.get("rules", {}))
    return [
        ReviewedSlot(
            text=slot["text"],
            given=texts.get(fills.get(slot["id"], ""), fills.get(slot["id"], "")),
            accepted=[texts.get(form, form) for form in content["key"][slot["id"]]],
            right=slot["id"] in right,
        )
        for slot in content["slots"]
    ]

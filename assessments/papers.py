"""What of an attempt is shown: the paper while it is being written, the review when that is allowed.

The two are built by different functions into different classes: a paper has no place for a key or an explanation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .models import Attempt, Question, Quiz
from .models.banks import QuestionKind
from .question_content import content_of, frozen_order
from .scoring import MARKED, SLOTTED, TYPED, right_slots
from .tables import lead_and_rest


@dataclass(frozen=True)
class PaperChoice:
    id: str
    text: str
    chosen: bool


@dataclass(frozen=True)
class PaperSlot:
    """A place to be filled; ``options`` are (id, text), none where it is written. ``before`` are the words that lead to a gap."""

    id: str
    text: str
    options: list[tuple[str, str]]
    value: str
    before: str = ""


class Asked:
    """What the templates ask of a question's kind."""

    kind: str

    @property
    def takes_several(self) -> bool:
        return self.kind == QuestionKind.MULTIPLE

    @property
    def is_typed(self) -> bool:
        return self.kind in TYPED

    @property
    def is_slotted(self) -> bool:
        return self.kind in SLOTTED

    @property
    def is_marked_by_hand(self) -> bool:
        return self.kind in MARKED

    @property
    def is_number(self) -> bool:
        return self.kind == QuestionKind.NUMBER


@dataclass(frozen=True)
class PaperQuestion(Asked):
    """A question as the learner meets it: no key, no explanation."""

    position: int
    kind: str
    stem: str
    choices: list[PaperChoice]
    sequence: int = 0
    text: str = ""
    slots: list[PaperSlot] = field(default_factory=list)
    after: str = ""  # the words behind the last gap
    units: list[str] = field(default_factory=list)
    section: str = ""

    @property
    def lead(self) -> str:
        """The words that name the field set; a table cannot stand in its legend."""
        return lead_and_rest(self.stem)[0]

    @property
    def rest(self) -> str:
        return lead_and_rest(self.stem)[1]

    @property
    def is_answered(self) -> bool:
        """A question of several slots is answered when none is open."""
        if self.slots:
            return all(slot.value for slot in self.slots)
        return bool(self.text) or any(choice.chosen for choice in self.choices)

    @property
    def answer(self) -> dict:
        """As ``save_answer`` takes it."""
        if self.is_slotted:
            return {"fills": {slot.id: slot.value for slot in self.slots if slot.value}}
        if self.is_typed or self.is_marked_by_hand:
            return {"text": self.text}
        return {"choices": [choice.id for choice in self.choices if choice.chosen]}


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

    @property
    def is_answered(self) -> bool:
        return (
            bool(self.text)
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


def paper_question(
    position: int,
    kind: str,
    content: Mapping[str, Any],
    order: list,
    *,
    answer: Mapping[str, Any] | None = None,
    sequence: int = 0,
    section: str = "",
) -> PaperQuestion:
    answer = answer or {}
    chosen = set(answer.get("choices", ()))
    texts = {choice["id"]: choice["text"] for choice in content["choices"]}
    slots = _paper_slots(content, order, answer.get("fills") or {}) if kind in SLOTTED else []
    return PaperQuestion(
        position=position,
        kind=kind,
        stem="" if kind == QuestionKind.GAPS else content["stem"],
        choices=[
            PaperChoice(choice_id, texts[choice_id], choice_id in chosen) for choice_id in order if texts
        ],
        sequence=sequence,
        text=answer.get("text", ""),
        slots=slots,
        after=content["words"][-1] if kind == QuestionKind.GAPS else "",
        units=[name for name, _factor in content.get("rules", {}).get("units", ())],
        section=section,
    )


def _paper_slots(content: Mapping[str, Any], order: list, fills: Mapping[str, str]) -> list[PaperSlot]:
    asked = {slot["id"]: slot["text"] for slot in content["slots"]}
    texts = {option["id"]: option["text"] for option in content["options"]}
    before = content.get("words") or [""] * len(order)
    return [
        PaperSlot(
            id=slot,
            text=asked[slot],
            options=[(option, texts[option]) for option in options or ()],
            value=fills.get(slot, ""),
            before=before[number],
        )
        for number, (slot, options) in enumerate(order)
    ]


def preview_of(question: Question) -> PaperQuestion:
    """A question of the bank as the attempt's page shows it, unsaved and unfinished ones included."""
    content = content_of(question.words)
    return paper_question(1, question.kind, content, frozen_order(question.kind, content, shuffle=True))


def paper_of(attempt: Attempt) -> list[PaperQuestion]:
    """The questions in their drawn order with the stored answers; one query."""
    rows = attempt.questions.order_by("position").values_list(
        "position", "version__kind", "version__content", "choice_order", "answer", "sequence", "section"
    )
    return [
        paper_question(position, kind, content, order, answer=answer, sequence=sequence, section=section)
        for position, kind, content, order, answer, sequence, section in rows
    ]


def written_form(form: str, kind: str, units: Sequence[Sequence[str]] = ()) -> str:
    """A number as it is written here, with a comma and its unit."""
    if kind != QuestionKind.NUMBER:
        return form
    number = format(Decimal(form), "f").replace(".", ",")
    return f"{number} {units[0][0]}" if units else number


def may_review(attempt: Attempt) -> bool:
    """Keys are shown once graded where the quiz says so, and never beside an open attempt at the same quiz."""
    if attempt.state != Attempt.State.GRADED or attempt.quiz.review != Quiz.Review.AFTER_SUBMIT:
        return False
    return (
        not Attempt.objects.open().filter(quiz_id=attempt.quiz_id, enrolment_id=attempt.enrolment_id).exists()
    )


def review_of(attempt: Attempt) -> list[ReviewedQuestion]:
    """The questions with answers, keys and explanations; [] when they may not be seen."""
    if not may_review(attempt):
        return []
    rows = (
        attempt.questions.select_related("version", "correction")
        .prefetch_related("markings")
        .order_by("position")
    )
    return [reviewed_question(row) for row in rows]


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

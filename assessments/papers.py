"""What of an attempt is shown: the paper while it is being written, the review when that is allowed.

The two are built by different functions into different classes: a paper has no place for a key or an explanation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from .file_types import ACCEPTED, MOST_FILES
from .models import AnswerFile, Attempt, Question
from .models.banks import QuestionKind
from .question_content import content_of, frozen_order
from .scoring import MARKED, SLOTTED, TYPED
from .tables import lead_and_rest


@dataclass(frozen=True)
class PaperChoice:
    id: str
    text: str
    chosen: bool


@dataclass(frozen=True)
class PaperFile:
    """A file uploaded for a question, handed in or not."""

    id: str
    name: str
    size: int
    url: str

    @classmethod
    def of(cls, file: AnswerFile) -> "PaperFile":
        url = reverse("assessments:answer_file", kwargs={"public_id": file.public_id})
        return cls(str(file.public_id), file.name, file.size, url)


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
    def is_file(self) -> bool:
        return self.kind == QuestionKind.FILE

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
    files: list[PaperFile] = field(default_factory=list)
    file_ids: list[str] = field(default_factory=list)  # of those the answer names

    @property
    def accepted_files(self) -> str:
        return ACCEPTED

    @property
    def most_files(self) -> int:
        return MOST_FILES

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
        return bool(self.text or self.file_ids) or any(choice.chosen for choice in self.choices)

    @property
    def answer(self) -> dict:
        """As ``save_answer`` takes it."""
        if self.is_slotted:
            return {"fills": {slot.id: slot.value for slot in self.slots if slot.value}}
        if self.is_file:
            return {"files": self.file_ids}
        if self.is_typed or self.is_marked_by_hand:
            return {"text": self.text}
        return {"choices": [choice.id for choice in self.choices if choice.chosen]}


def paper_question(
    position: int,
    kind: str,
    content: Mapping[str, Any],
    order: list,
    *,
    answer: Mapping[str, Any] | None = None,
    sequence: int = 0,
    section: str = "",
    files: Sequence[PaperFile] = (),
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
        files=list(files),
        file_ids=answer.get("files", []),
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
    """The questions in their drawn order with the stored answers, where there is no way back the reached one alone; one query."""
    reached = (
        attempt.questions if attempt.furthest is None else attempt.questions.filter(position=attempt.furthest)
    )
    rows = reached.order_by("position").values_list(
        "position", "version__kind", "version__content", "choice_order", "answer", "sequence", "section"
    )
    rows = list(rows)
    files = _files_of(attempt) if any(kind == QuestionKind.FILE for _position, kind, *_rest in rows) else {}
    return [
        paper_question(
            position,
            kind,
            content,
            order,
            answer=answer,
            sequence=sequence,
            section=section,
            files=files.get(position, ()),
        )
        for position, kind, content, order, answer, sequence, section in rows
    ]


def passed_answers(attempt: Attempt) -> list[tuple[int, int, dict[str, Any]]]:
    """(position, sequence, answer) of the answered questions behind the reached one; one query where there is no way back."""
    if attempt.furthest is None:
        return []
    rows = attempt.questions.filter(position__lt=attempt.furthest, sequence__gt=0).order_by("position")
    return list(rows.values_list("position", "sequence", "answer"))


def _files_of(attempt: Attempt) -> dict[int, list[PaperFile]]:
    """What was uploaded, by position; one query."""
    found: dict[int, list[PaperFile]] = {}
    for file in AnswerFile.objects.filter(row__attempt=attempt).select_related("row").order_by("pk"):
        found.setdefault(file.row.position, []).append(PaperFile.of(file))
    return found

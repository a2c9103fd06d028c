"""What of an attempt is shown: the paper while it is being written, the review when that is allowed.

The two are built by different functions into different classes: a paper has no place for a key or an explanation.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from .models import Attempt, Quiz
from .models.banks import QuestionKind


@dataclass(frozen=True)
class PaperChoice:
    id: str
    text: str
    chosen: bool


@dataclass(frozen=True)
class PaperQuestion:
    """A question as the learner meets it: no key, no explanation."""

    position: int
    kind: str
    stem: str
    choices: list[PaperChoice]
    sequence: int
    text: str = ""

    @property
    def takes_several(self) -> bool:
        return self.kind == QuestionKind.MULTIPLE

    @property
    def is_typed(self) -> bool:
        return self.kind in QuestionKind.typed()

    @property
    def is_number(self) -> bool:
        return self.kind == QuestionKind.NUMBER

    @property
    def is_answered(self) -> bool:
        return bool(self.text) or any(choice.chosen for choice in self.choices)

    @property
    def answer(self) -> dict:
        """As ``save_answer`` takes it."""
        if self.is_typed:
            return {"text": self.text}
        return {"choices": [choice.id for choice in self.choices if choice.chosen]}


@dataclass(frozen=True)
class ReviewedChoice:
    text: str
    chosen: bool
    right: bool


@dataclass(frozen=True)
class ReviewedQuestion:
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
    everybody_got_it: bool = False

    @property
    def is_typed(self) -> bool:
        return self.kind in QuestionKind.typed()

    @property
    def is_answered(self) -> bool:
        return bool(self.text) or any(choice.chosen for choice in self.choices)

    @property
    def outcome(self) -> str:
        """full, part, none or empty"""
        if not self.is_answered:
            return "empty"
        if self.mark == self.max_mark:
            return "full"
        return "part" if self.mark else "none"


def _ordered(content: dict, order: list[str]) -> list[tuple[str, str]]:
    texts = {choice["id"]: choice["text"] for choice in content["choices"]}
    return [(choice_id, texts[choice_id]) for choice_id in order]


def paper_of(attempt: Attempt) -> list[PaperQuestion]:
    """The questions in their drawn order with the stored answers; one query."""
    rows = attempt.questions.order_by("position").values(
        "position",
        "choice_order",
        "answer",
        "sequence",
        "version__kind",
        "version__content",
    )
    questions = []
    for row in rows:
        chosen = set((row["answer"] or {}).get("choices", ()))
        content = row["version__content"]
        questions.append(
            PaperQuestion(
                position=row["position"],
                kind=row["version__kind"],
                stem=content["stem"],
                choices=[
                    PaperChoice(id=choice_id, text=text, chosen=choice_id in chosen)
                    for choice_id, text in _ordered(content, row["choice_order"])
                ],
                sequence=row["sequence"],
                text=(row["answer"] or {}).get("text", ""),
            )
        )
    return questions


def written_form(form: str, kind: str) -> str:
    """A number as it is written here, with a comma."""
    return format(Decimal(form), "f").replace(".", ",") if kind == QuestionKind.NUMBER else form


def may_review(attempt: Attempt) -> bool:
    """Keys are shown after submitting where the quiz says so, and never beside an open attempt at the same quiz."""
    if attempt.is_open or attempt.quiz.review != Quiz.Review.AFTER_SUBMIT:
        return False
    return (
        not Attempt.objects.open().filter(quiz_id=attempt.quiz_id, enrolment_id=attempt.enrolment_id).exists()
    )


def review_of(attempt: Attempt) -> list[ReviewedQuestion]:
    """The questions with answers, keys and explanations; [] when they may not be seen."""
    if not may_review(attempt):
        return []
    questions = []
    for row in attempt.questions.select_related("version", "correction").order_by("position"):
        content = row.version.content
        key, chosen = set(row.key), set((row.answer or {}).get("choices", ()))
        is_typed = row.version.kind in QuestionKind.typed()
        questions.append(
            ReviewedQuestion(
                position=row.position,
                kind=row.version.kind,
                stem=content["stem"],
                feedback=content["feedback"],
                choices=[
                    ReviewedChoice(text=text, chosen=choice_id in chosen, right=choice_id in key)
                    for choice_id, text in _ordered(content, row.choice_order)
                ],
                mark=row.mark,
                max_mark=row.max_mark,
                text=(row.answer or {}).get("text", ""),
                accepted=[written_form(form, row.version.kind) for form in row.key] if is_typed else [],
                tolerance=Decimal((row.rules or {}).get("tolerance", "0")),
                everybody_got_it=bool(row.correction and row.correction.gives_full_mark),
            )
        )
    return questions

"""A printed variant as its sheets show it: the paper without a key, the key without the rest.

The two are built by different functions into different classes: a paper has no place for a key.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from string import ascii_uppercase

from .models import KeyCorrection, PrintedPaper, QuestionVersion
from .models.banks import QuestionKind
from .paper_slots import OnPaper, SheetSlot, key_on_paper, on_paper
from .reviews import written_form
from .scoring import MARKED, SLOTTED, TYPED


@dataclass(frozen=True)
class PrintedQuestion:
    """``choices`` are (letter, text); none where the answer is written. ``slots`` are places of their own on the sheet."""

    number: int
    kind: str
    stem: str
    choices: list[tuple[str, str]]
    mark: Decimal = Decimal(1)
    slots: list[SheetSlot] = field(default_factory=list)

    @property
    def is_slotted(self) -> bool:
        return self.kind in SLOTTED

    @property
    def is_marked_by_hand(self) -> bool:
        return self.kind in MARKED

    @property
    def takes_several(self) -> bool:
        return self.kind == QuestionKind.MULTIPLE


@dataclass(frozen=True)
class PrintedKey:
    """``right`` are letters, of a typed question the accepted answers, of an essay its criteria."""

    number: int
    code: str
    right: list[str]
    everybody_gets_it: bool


def _asked(paper: PrintedPaper) -> list[tuple[QuestionVersion, list[str]]]:
    versions = QuestionVersion.objects.select_related("question").in_bulk(
        [question["version"] for question in paper.questions]
    )
    return [(versions[question["version"]], question["choices"]) for question in paper.questions]


def questions_of(paper: PrintedPaper) -> list[PrintedQuestion]:
    """In printed order; one query."""
    questions = []
    marks = [Decimal(question["mark"]) for question in paper.questions]
    for number, (version, order) in enumerate(_asked(paper), start=1):
        if version.kind in SLOTTED:
            shown = on_paper(version.kind, version.content, order)
        else:
            texts = {choice["id"]: choice["text"] for choice in version.content["choices"]}
            lettered = list(zip(ascii_uppercase, [texts[choice] for choice in order], strict=False))
            shown = OnPaper(version.content["stem"], lettered, [])
        questions.append(
            PrintedQuestion(
                number, version.kind, shown.stem, shown.choices, mark=marks[number - 1], slots=shown.slots
            )
        )
    return questions


def keys_of(paper: PrintedPaper) -> list[PrintedKey]:
    """The keys in force, corrected ones included; two queries."""
    corrections = KeyCorrection.objects.newest_of(paper.quiz_id)
    keys = []
    for number, (version, order) in enumerate(_asked(paper), start=1):
        correction = corrections.get(version.pk)
        key = correction.key_of(version.content) if correction else version.content["key"]
        if version.kind in TYPED:
            right = [written_form(form, version.kind) for form in key]
        elif version.kind in SLOTTED:
            right = key_on_paper(version.kind, version.content, order, key)
        elif version.kind in MARKED:
            right = [f"{row['text']} ({row['points']})" for row in version.content.get("rubric", ())]
        else:
            right = [letter for letter, choice in zip(ascii_uppercase, order, strict=False) if choice in key]
        keys.append(
            PrintedKey(
                number=number,
                code=version.question.code,
                right=right,
                everybody_gets_it=bool(correction and correction.gives_full_mark),
            )
        )
    return keys

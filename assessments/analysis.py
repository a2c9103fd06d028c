"""The item analysis of a quiz, in one run or in all: which attempts count, and their rows for ``item_analysis``.

Of each learner the first submitted attempt counts: at a second one the questions, or the explanations of the first, are
known. The newest ``LARGEST`` attempts are taken; more would change no figure worth reading, and a page has to come.
"""

from dataclasses import dataclass

from django.db.models import QuerySet

from courses.models import Run

from .analysis_words import FLAGS, FlagWords
from .choice_keys import choices_of
from .item_analysis import analyse
from .item_figures import Analysis, AnswerRow, ItemFigures, Thirds
from .models import Attempt, AttemptQuestion, KeyCorrection, QuestionVersion, Quiz

LARGEST = 2000


@dataclass(frozen=True)
class AnalysedChoice:
    """A choice in words with its takers; ``text`` "" are those who left the question open."""

    text: str
    right: bool
    taken: Thirds
    shares: list[tuple[str, int, float]]  # (third, learners, ratio of the third), best first


@dataclass(frozen=True)
class AnalysedQuestion:
    """An item with what it asks. A question asked in two versions stands here twice."""

    version: QuestionVersion
    figures: ItemFigures

    @property
    def stem(self) -> str:
        return self.version.content["stem"]

    @property
    def code(self) -> str:
        return self.version.question.code

    @property
    def flags(self) -> list[FlagWords]:
        return [FLAGS[flag] for flag in self.figures.flags]

    @property
    def choices(self) -> list[AnalysedChoice]:
        texts = {choice["id"]: choice["text"] for choice in self.version.content.get("choices") or ()}
        thirds = self.figures.thirds
        return [
            AnalysedChoice(
                text=texts.get(choice.id, ""),
                right=choice.right,
                taken=choice.taken,
                shares=[
                    (third, count, count / of if of else 0.0)
                    for third, count, of in (
                        ("top", choice.taken.top, thirds.top),
                        ("middle", choice.taken.middle, thirds.middle),
                        ("bottom", choice.taken.bottom, thirds.bottom),
                        ("all", choice.taken.all, thirds.all),
                    )
                ],
            )
            for choice in self.figures.choices
        ]


@dataclass(frozen=True)
class QuizAnalysis:
    """``learners`` is how many there are; ``figures`` counts at most ``LARGEST`` of them."""

    learners: int
    figures: Analysis
    questions: list[AnalysedQuestion]


def counted_attempts(quiz: Quiz, *, run: Run | None = None) -> QuerySet[Attempt]:
    """The first scored attempt of each learner, of one run or of all."""
    attempts = Attempt.objects.filter(quiz=quiz)
    if run is not None:
        attempts = attempts.filter(enrolment__run=run)
    return attempts.first_of_each_learner()


def _row(values: tuple) -> AnswerRow:
    attempt, question, version, mark, max_mark, answer, saved_at = values
    chosen = answer.get("choices") if isinstance(answer, dict) else None
    return AnswerRow(
        attempt=attempt,
        question=question,
        version=version,
        mark=mark,
        max_mark=max_mark,
        chosen=tuple(chosen) if isinstance(chosen, list) else (),
        is_answered=bool(answer) and any(answer.values()),
        saved_at=saved_at,
    )


def analysis_of(quiz: Quiz, *, run: Run | None = None) -> QuizAnalysis:
    """Five queries whatever the number of learners and questions."""
    attempts = counted_attempts(quiz, run=run)
    newest = list(attempts.order_by("-submitted_at", "-pk").values_list("pk", flat=True)[:LARGEST])
    learners = len(newest) if len(newest) < LARGEST else attempts.count()
    answers = AttemptQuestion.objects.filter(
        attempt__in=newest, mark__isnull=False, max_mark__gt=0
    ).values_list(
        "attempt_id", "version__question_id", "version_id", "mark", "max_mark", "answer", "saved_at"
    )
    rows = [_row(values) for values in answers.order_by()]
    versions = QuestionVersion.objects.select_related("question").in_bulk({row.version for row in rows})
    corrections = KeyCorrection.objects.newest_of(quiz.pk)
    choices = {
        pk: found
        for pk, version in versions.items()
        if (found := choices_of(version.content, corrections.get(pk))) is not None
    }
    figures = analyse(rows, choices=choices)
    return QuizAnalysis(
        learners=learners,
        figures=figures,
        questions=sorted(
            (AnalysedQuestion(version=versions[item.version], figures=item) for item in figures.items),
            key=lambda question: (question.code, question.version.number),
        ),
    )

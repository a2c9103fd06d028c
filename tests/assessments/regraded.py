"""Quizzes whose keys are corrected, and what an auditor checks of them; for the tests of regrading."""

from decimal import Decimal

from django.utils import timezone

from assessments.models import Attempt, QuestionVersion, Quiz
from assessments.scoring import reaches
from assessments.services.grading import recompute_score
from assessments.services.regrading import Correction, correct_key, regrade
from courses.models import Enrolment
from tests.factories.assessments import make_quiz
from tests.factories.courses import make_enrolment

FULL = Correction(policy="full")


def fixed_quiz(**settings_of) -> Quiz:
    quiz = make_quiz(**{"singles": 4, "multiples": 0, **settings_of})
    Quiz.objects.filter(pk=quiz.pk).update(shuffle=False)
    return Quiz.objects.get(pk=quiz.pk)


def someone_of(run) -> Enrolment:
    return make_enrolment(run=run, state=Enrolment.State.IN_PROGRESS)


def version_at(quiz, position: int) -> QuestionVersion:
    return Attempt.objects.filter(quiz=quiz).first().questions.get(position=position).version


def other_choice(version, number: int = 0) -> str:
    """A wrong choice; ``number`` 0 is the one the factory's wrong answers take."""
    return [
        choice["id"] for choice in version.content["choices"] if choice["id"] not in version.content["key"]
    ][number]


def key(*choices, **fields) -> Correction:
    return Correction(policy="key", key=choices, **fields)


def corrected(quiz, version, correction, actor, reason="Đáp án sai") -> dict[str, int]:
    row, _job = correct_key(
        quiz=quiz, version=version, correction=correction, reason=reason, actor=actor, now=timezone.now()
    )
    return regrade(correction=row, now=timezone.now())


def agrees(attempt: Attempt) -> bool:
    """What an auditor checks: stored score and marks from the stored answers and keys, and the pass from the score."""
    attempt.refresh_from_db()
    marks = sum((row.mark for row in attempt.questions.all()), Decimal(0))
    return recompute_score(attempt) == attempt.score == marks and attempt.passed == reaches(
        score=attempt.score, max_score=attempt.max_score, percent=attempt.pass_percent
    )

"""What an attempt freezes: the questions drawn, their versions, their order and marks. Used at the start and ahead of it."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from assessments.models import Attempt, AttemptQuestion, QuestionVersion, Quiz
from assessments.question_content import frozen_order

from .quizzes import DrawRule, DrawSource


@dataclass
class Freezer:
    """Draws for one quiz, once or for a whole class: what the banks hold is read once, each version once."""

    quiz: Quiz
    source: DrawSource
    versions: dict[int, QuestionVersion] = field(default_factory=dict)

    @classmethod
    def of(cls, quiz: Quiz) -> "Freezer":
        return cls(quiz, DrawSource.of(quiz))

    def draw(self, attempts: Iterable[Attempt]) -> list[AttemptQuestion]:
        """Draw for each attempt and give it what it keeps of the quiz; gives the rows, unsaved.

        One query for versions not met yet. Raises QuizNotReady when the banks have become too small.
        """
        drawn = [(attempt, self.source.draw()) for attempt in attempts]
        wanted = {question.version_id for _attempt, questions in drawn for question in questions}
        if missing := wanted - self.versions.keys():
            self.versions |= QuestionVersion.objects.in_bulk(missing)
        rows = []
        for attempt, questions in drawn:
            attempt.max_score = sum((question.mark for question in questions), Decimal(0))
            attempt.pass_percent = self.quiz.pass_percent
            attempt.penalty_percent = self.quiz.penalty_percent
            rows += [
                AttemptQuestion(
                    attempt=attempt,
                    version_id=question.version_id,
                    position=position,
                    section=question.section,
                    choice_order=self._order_of(question.version_id),
                    max_mark=question.mark,
                )
                for position, question in enumerate(questions, start=1)
            ]
        return rows

    def _order_of(self, version_id: int) -> list:
        version = self.versions[version_id]
        return frozen_order(version.kind, version.content, shuffle=self.quiz.shuffle)

    @property
    def mark(self) -> str:
        return mark_of(self.quiz, self.source.rules)


def mark_of(quiz: Quiz, rules: Iterable[DrawRule]) -> str:
    """A mark of all the quiz's settings that a draw freezes: another mark, another draw."""
    frozen = [quiz.shuffle, quiz.pass_percent, quiz.penalty_percent, [rule.as_data for rule in rules]]
    return hashlib.sha256(json.dumps(frozen, sort_keys=True).encode()).hexdigest()

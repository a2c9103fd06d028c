"""The quiz as a condition of completing a course: where it is, how it stands."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.criteria import CriterionState
from courses.models import Criterion, Enrolment

from .models import Accommodation, Attempt, Quiz
from .results import counted_score
from .templatetags.marks import points


class QuizCriterion:
    kind = "quiz"

    def url(self, criterion: Criterion, enrolment: Enrolment) -> str:
        return reverse("assessments:quiz", kwargs={"quiz_id": criterion.key, "enrolment_id": enrolment.pk})

    def states(self, enrolment: Enrolment, criteria: Sequence[Criterion]) -> dict[int, CriterionState]:
        """Three queries: the quizzes, the attempts, and the attempts granted beside the rules."""
        quizzes = Quiz.objects.in_bulk([int(criterion.key) for criterion in criteria])
        now = timezone.now()
        sat: dict[int, list[Attempt]] = defaultdict(list)
        for attempt in Attempt.objects.filter(enrolment=enrolment, quiz__in=quizzes.values()).order_by(
            "number"
        ):
            sat[attempt.quiz_id].append(attempt)
        granted = {
            row["quiz_id"]: row["attempts"]
            for row in Accommodation.objects.standing()
            .for_enrolment(enrolment)
            .filter(quiz__in=quizzes.values())
            .order_by()
            .values("quiz_id")
            .annotate(attempts=Sum("extra_attempts"))
        }
        return {
            criterion.pk: _state(
                quizzes[int(criterion.key)],
                sat[int(criterion.key)],
                granted.get(int(criterion.key), 0),
                now=now,
            )
            for criterion in criteria
            if int(criterion.key) in quizzes
        }


def _state(quiz: Quiz, attempts: list[Attempt], granted: int, *, now: datetime) -> CriterionState:
    left = max(0, quiz.max_attempts + granted - len(attempts))
    left_text = ngettext("%(count)d attempt left", "%(count)d attempts left", left) % {"count": left}
    if not attempts:
        return CriterionState(label=_("Not started"), detail=left_text)
    if any(attempt.takes_answers(now=now) for attempt in attempts):
        return CriterionState(
            label=_("Open attempt"), detail=_("Continue before the time is up"), tone="warning"
        )
    detail = ""
    score = counted_score(quiz, attempts)
    if score is not None:
        words = {"best": points(score), "out_of": points(max(attempt.max_score for attempt in attempts))}
        detail = (
            _("Best: %(best)s/%(out_of)s")
            if quiz.counted == Quiz.Counted.BEST
            else _("Score: %(best)s/%(out_of)s")
        ) % words
    if any(attempt.passed for attempt in attempts):
        return CriterionState(label=_("Passed"), detail=detail, tone="success")
    if left == 0:
        return CriterionState(label=_("Not passed, no attempts left"), detail=detail, tone="danger")
    return CriterionState(
        label=_("Not passed yet"), detail=" · ".join(filter(None, [detail, left_text])), tone="warning"
    )

"""The quiz as a condition of completing a course: where it is, how it stands."""

from collections.abc import Sequence

from django.db.models import Count, Max, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.criteria import CriterionState
from courses.models import Criterion, Enrolment

from .models import Accommodation, Attempt, Quiz
from .templatetags.marks import points


class QuizCriterion:
    kind = "quiz"

    def url(self, criterion: Criterion, enrolment: Enrolment) -> str:
        return reverse("assessments:quiz", kwargs={"quiz_id": criterion.key, "enrolment_id": enrolment.pk})

    def states(self, enrolment: Enrolment, criteria: Sequence[Criterion]) -> dict[int, CriterionState]:
        """Three queries: the quizzes, the attempts counted, and the attempts granted beside the rules."""
        quizzes = Quiz.objects.in_bulk([int(criterion.key) for criterion in criteria])
        now = timezone.now()
        counted = {
            row["quiz_id"]: row
            for row in Attempt.objects.filter(enrolment=enrolment, quiz__in=quizzes.values())
            .order_by()
            .values("quiz_id")
            .annotate(
                used=Count("pk"),
                best=Max("score"),
                out_of=Max("max_score"),
                passes=Count("pk", filter=Q(passed=True)),
                running=Count("pk", filter=Q(state=Attempt.State.IN_PROGRESS, accepts_until__gte=now)),
            )
        }
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
                counted.get(int(criterion.key)),
                granted.get(int(criterion.key), 0),
            )
            for criterion in criteria
            if int(criterion.key) in quizzes
        }


def _state(quiz: Quiz, row: dict | None, granted: int) -> CriterionState:
    used = row["used"] if row else 0
    left = max(0, quiz.max_attempts + granted - used)
    left_text = ngettext("%(count)d attempt left", "%(count)d attempts left", left) % {"count": left}
    if row is None:
        return CriterionState(label=_("Not started"), detail=left_text)
    if row["running"]:
        return CriterionState(
            label=_("Open attempt"), detail=_("Continue before the time is up"), tone="warning"
        )
    detail = ""
    if row["best"] is not None:
        detail = _("Best: %(best)s/%(out_of)s") % {
            "best": points(row["best"]),
            "out_of": points(row["out_of"]),
        }
    if row["passes"]:
        return CriterionState(label=_("Passed"), detail=detail, tone="success")
    if left == 0:
        return CriterionState(label=_("Not passed, no attempts left"), detail=detail, tone="danger")
    return CriterionState(
        label=_("Not passed yet"), detail=" · ".join(filter(None, [detail, left_text])), tone="warning"
    )

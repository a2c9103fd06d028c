"""The survey as a condition of completing a course: where it is, how it stands."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from courses.criteria import CriterionState
from courses.models import Criterion, Enrolment
from lms.core.templatetags.ui import day

from .models import SurveyParticipation
from .services.surveys import CRITERION_KIND


def _survey_id(criterion: Criterion) -> int:
    return int(criterion.key.partition("-")[0])


class SurveyCriterion:
    kind = CRITERION_KIND

    def url(self, criterion: Criterion, enrolment: Enrolment) -> str:
        return reverse(
            "assessments:survey", kwargs={"survey_id": _survey_id(criterion), "code": enrolment.run.code}
        )

    def states(self, enrolment: Enrolment, criteria: Sequence[Criterion]) -> dict[int, CriterionState]:
        """One query. The answers themselves are not looked at."""
        answered = set(
            SurveyParticipation.objects.filter(
                person=enrolment.learner_id, survey_run__run=enrolment.run_id
            ).values_list("survey_run__survey_id", flat=True)
        )
        until = _("Open until %(day)s") % {"day": day(enrolment.run.closes_on)}
        return {
            criterion.pk: CriterionState(label=_("Answered"), tone="success")
            if _survey_id(criterion) in answered
            else CriterionState(label=_("Not answered yet"), detail=until, tone="warning")
            for criterion in criteria
        }

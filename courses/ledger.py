"""Tiết of completed courses per calendar year: what counts towards the yearly minimum."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from django.utils import timezone

from .models import Enrolment, ExternalTraining

# One week of training, forty periods, is the least an official takes part in every year.
YEARLY_MINIMUM = Decimal(40)


def periods_by_year(
    enrolments: Iterable[Enrolment], external: Iterable[ExternalTraining] = ()
) -> dict[int, Decimal]:
    """Tiết by the year of completion, newest year first; a course taken twice in one year counts once.

    The enrolments should come with ``run__course``. Of external training what is approved counts, in the year it ended.
    """
    courses: dict[int, dict[int, Decimal]] = defaultdict(dict)
    for enrolment in enrolments:
        if enrolment.state == Enrolment.State.COMPLETED:
            year = timezone.localdate(enrolment.completed_at).year
            courses[year][enrolment.run.course_id] = enrolment.run.course.periods
    totals = {year: sum(taken.values(), Decimal(0)) for year, taken in courses.items()}
    for training in external:
        if training.state == ExternalTraining.State.APPROVED:
            year = training.finished_on.year
            totals[year] = totals.get(year, Decimal(0)) + training.periods
    return dict(sorted(totals.items(), reverse=True))

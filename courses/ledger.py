"""Tiết of completed courses per calendar year: what counts towards the yearly minimum."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from django.utils import timezone

from .models import Enrolment

# One week of training, forty periods, is the least an official takes part in every year.
YEARLY_MINIMUM = Decimal(40)


def periods_by_year(enrolments: Iterable[Enrolment]) -> dict[int, Decimal]:
    """Tiết by the year of completion, newest year first; a course taken twice in one year counts once.

    The enrolments should come with ``run__course``.
    """
    courses: dict[int, dict[int, Decimal]] = defaultdict(dict)
    for enrolment in enrolments:
        if enrolment.state == Enrolment.State.COMPLETED:
            year = timezone.localdate(enrolment.completed_at).year
            courses[year][enrolment.run.course_id] = enrolment.run.course.periods
    return {year: sum(courses[year].values(), Decimal(0)) for year in sorted(courses, reverse=True)}

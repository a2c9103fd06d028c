"""Requirements for tests, set by the real service."""

from datetime import date, timedelta
from itertools import count

from django.utils import timezone

from courses.models import Requirement
from courses.services.requirements import set_requirement
from lms.organisations.models import Role
from tests.factories.courses import make_course
from tests.factories.organisations import make_person

_numbers = count(1)


def require(
    *, course=None, actor=None, due_in: int | None = 90, since: date | None = None, **about
) -> Requirement:
    """Everybody has to complete a course within ``due_in`` days from today; held for the last hundred days."""
    number, today = next(_numbers), timezone.localdate()
    if due_in is not None:
        about.setdefault("due_on", today + timedelta(days=due_in))
    return set_requirement(
        course=course or make_course(modules=1, lessons=1),
        **{
            "code": f"YC-{number}",
            "title": f"Yêu cầu {number}",
            "starts_on": since or today - timedelta(days=100),
            "decision_number": f"{number}/QĐ-BLĐTBXH",
            "decision_date": date(2026, 1, 5),
            **about,
        },
        actor=actor or make_person(roles=[Role.SCHOOL_ADMINISTRATOR]),
        now=timezone.now(),
    )

"""Who gets what at the addresses of timetables and attendance."""

from datetime import timedelta

from django.utils import timezone

from courses.models import Session
from tests.courses_management.permission_rows import CHANGES_RUN, READS_RUN, run_of
from tests.factories.courses import make_session
from tests.permissions.table import DONE, Row, people


def session_of(world) -> dict:
    session = make_session(run=world.run)
    return {"code": world.run.code, "pk": session.pk}


def with_code(world) -> Session:
    return make_session(
        run=world.run, check_in_code="H7KM4P", check_in_until=timezone.now() + timedelta(minutes=15)
    )


PLANS = people(404, trainer=403, leader=403, reader=403, administrator=200)
# Who was there is said by who teaches the class and by the training department.
MARKS = people(404, trainer=DONE, leader=403, reader=403, administrator=DONE)

SESSION_ROWS = [
    Row("courses:run_sessions", READS_RUN, kwargs=run_of),
    Row("courses:session_plan", PLANS, kwargs=run_of),
    Row(
        "courses:session_plan",
        {**PLANS, "administrator": 400},
        kwargs=run_of,
        method="post",
        note="nothing filled in",
    ),
    Row("courses:attendance_sheet", READS_RUN, kwargs=run_of),
    Row("courses:session", READS_RUN, kwargs=session_of),
    Row("courses:session_edit", PLANS, kwargs=session_of),
    Row("courses:session_cancel", CHANGES_RUN, kwargs=session_of, method="post", data={"reason": "Mưa bão"}),
    Row(
        "courses:session_mark",
        MARKS,
        kwargs=session_of,
        method="post",
        data=lambda world: {f"state-{world.enrolment.pk}": "present"},
    ),
    Row("courses:check_in_wall", {**MARKS, "trainer": 200, "administrator": 200}, kwargs=session_of),
    Row("courses:check_in_open", MARKS, kwargs=session_of, method="post", data={"minutes": "15"}),
    Row("courses:check_in_close", MARKS, kwargs=session_of, method="post"),
    Row("courses:my_timetable", people(200)),
    Row("courses:my_calendar", people(200)),
    Row("courses:check_in", people(200)),
    Row("courses:check_in_with", people(200), kwargs={"check_in_code": "H7KM4P"}),
    # Only who is on the list of the class is let in by its code.
    Row(
        "courses:check_in",
        people(400, learner=DONE),
        method="post",
        data=lambda world: {"code": with_code(world).check_in_code},
    ),
]

"""The learner's own addresses: everybody has a record of one's own, nobody sees another's."""

from courses.models import Enrolment
from tests.factories.courses import lessons_of, make_enrolment, make_run
from tests.permissions.table import DONE, Row, everyone, people


def own_enrolment(world):
    return {"pk": world.enrolment.pk}


def own_lesson(world):
    return {"pk": world.enrolment.pk, "lesson_id": lessons_of(world.course)[0].pk}


def not_begun(world):
    """A second run the learner has entered and not begun."""
    run = make_run(course=world.course)
    return {"pk": make_enrolment(run=run, learner=world.learner, state=Enrolment.State.ENROLLED).pk}


def lesson_path(world):
    return {"path": lessons_of(world.course)[0].get_url().lstrip("/")}


LEARNER_ROWS = [
    Row("courses:dashboard", people(200)),
    Row("courses:my_course", people(404, learner=200), kwargs=own_enrolment),
    # The learner is in the run already and is led to the course.
    Row("courses:enrol", people(200, learner=DONE), kwargs=lambda world: {"code": world.run.code}),
    Row("courses:enrol", people(DONE), kwargs=lambda world: {"code": world.run.code}, method="post"),
    Row("courses:leave", people(404, learner=DONE), kwargs=not_begun, method="post"),
    Row(
        "courses:leave", people(404, learner=403), kwargs=own_enrolment, method="post", note="after the start"
    ),
    Row("courses:complete_lesson", people(404, learner=DONE), kwargs=own_lesson, method="post"),
    # Never opened, so there is no place in it to keep; for the others there is no such enrolment either.
    Row("courses:save_position", people(404), kwargs=own_lesson, method="post", data={"position": "10"}),
    # Everybody gets the page; who gets the text is tested in test_lesson_page.py.
    Row("lesson_page", everyone(200), kwargs=lesson_path),
]

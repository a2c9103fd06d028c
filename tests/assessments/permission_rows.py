"""Who gets what at this room's addresses."""

import json

from django.utils import timezone

from assessments.models import Attempt
from assessments.services.accommodations import grant_accommodation
from assessments.services.attempts import submit_attempt
from tests.factories.assessments import begin, make_quiz
from tests.permissions.table import DONE, Row, people


def _quiz(world):
    return make_quiz(module=world.course.get_children().first().specific)


def quiz_of_world(world):
    return {"quiz_id": _quiz(world).pk, "enrolment_id": world.enrolment.pk}


def open_attempt(world):
    return {"public_id": begin(_quiz(world), world.enrolment).public_id}


def closed_attempt(world):
    attempt = begin(_quiz(world), world.enrolment)
    submit_attempt(attempt=attempt, actor=world.learner, now=timezone.now())
    return {"public_id": attempt.public_id}


def first_question(world):
    return open_attempt(world) | {"position": 1}


def an_answer(world):
    attempt = Attempt.objects.get()
    choice = attempt.questions.get(position=1).choice_order[0]
    return {"answer": json.dumps({"choices": [choice]}), "sequence": 1, "tab_token": attempt.tab_token}


def run_of_world(world):
    return {"code": world.run.code}


def quiz_of_run(world):
    return {"code": world.run.code, "quiz_id": _quiz(world).pk}


def attempt_of_run(world):
    attempt = begin(_quiz(world), world.enrolment)
    return {"code": world.run.code, "quiz_id": attempt.quiz_id, "public_id": attempt.public_id}


def running_quiz(world):
    """Somebody is writing."""
    kwargs = attempt_of_run(world)
    del kwargs["public_id"]
    return kwargs


def a_grant(world):
    quiz = _quiz(world)
    granted = grant_accommodation(
        quiz=quiz,
        run=world.run,
        enrolment=world.enrolment,
        extra_minutes=10,
        extra_attempts=0,
        reason="Theo hồ sơ",
        actor=world.administrator,
        now=timezone.now(),
    )
    return {"code": world.run.code, "quiz_id": quiz.pk, "pk": granted.pk}


def granting(world):
    return {"who": world.enrolment.pk, "extra_minutes": 10, "extra_attempts": 0, "reason": "Theo hồ sơ"}


# Who reads the class without teaching or running it may not act in it.
SUPERVISORS = people(404, trainer=200, administrator=200, leader=403, reader=403)
SUPERVISING = people(404, trainer=DONE, administrator=DONE, leader=403, reader=403)
OWN_PAGE = people(404, learner=200)
OWN_ACT = people(404, learner=DONE)
# Asked by a script: a redirect to the sign-in page would look like success.
OWN_ANSWER = people(404, anonymous=401, learner=200)

ROWS = [
    Row("assessments:quiz", OWN_PAGE, kwargs=quiz_of_world),
    Row("assessments:start", OWN_ACT, kwargs=quiz_of_world, method="post"),
    Row("assessments:start", people(405), kwargs=quiz_of_world, note="a GET starts nothing"),
    Row("assessments:attempt", OWN_PAGE, kwargs=open_attempt),
    Row("assessments:submit", OWN_ACT, kwargs=open_attempt, method="post"),
    Row("assessments:result", OWN_PAGE, kwargs=closed_attempt),
    Row("assessments:open_tab", OWN_ANSWER, kwargs=open_attempt, method="post"),
    Row("assessments:clock", OWN_ANSWER, kwargs=open_attempt),
    Row("assessments:save_answer", OWN_ANSWER, kwargs=first_question, method="post", data=an_answer),
    Row("assessments:accommodations", SUPERVISORS, kwargs=quiz_of_run),
    Row("assessments:accommodations", SUPERVISING, kwargs=quiz_of_run, method="post", data=granting),
    Row(
        "assessments:accommodation_withdraw",
        SUPERVISING,
        kwargs=a_grant,
        method="post",
        data={"reason": "Nhầm người"},
    ),
    Row("assessments:conduct", SUPERVISORS, kwargs=quiz_of_run),
    Row("assessments:conduct_attempt", SUPERVISORS, kwargs=attempt_of_run),
    Row(
        "assessments:conduct_extend",
        SUPERVISING,
        kwargs=running_quiz,
        method="post",
        data={"minutes": 5, "reason": "Mất điện"},
    ),
    Row("assessments:conduct_send", SUPERVISING, kwargs=running_quiz, method="post", data={"text": "Chào"}),
    Row(
        "assessments:conduct_stop", SUPERVISING, kwargs=running_quiz, method="post", data={"reason": "Sơ tán"}
    ),
    Row("assessments:signals", SUPERVISORS, kwargs=quiz_of_run),
    Row(
        "assessments:signal_note", SUPERVISING, kwargs=attempt_of_run, method="post", data={"text": "Đã xem"}
    ),
    Row(
        "assessments:report_signals",
        OWN_ANSWER,
        kwargs=open_attempt,
        method="post",
        data={"signals": '[{"kind": "hidden", "seconds": 5}]'},
    ),
    Row(
        "assessments:results_index",
        people(200, learner=403, other_learner=403, reader=403, system_administrator=403),
    ),
    Row(
        "assessments:results",
        people(404, trainer=200, coordinator=200, administrator=200, leader=200, learner=403, reader=403),
        kwargs=run_of_world,
    ),
    Row(
        "assessments:results",
        people(404, trainer=200, coordinator=200, administrator=200, leader=200, learner=403, reader=403),
        kwargs=lambda world: (_quiz(world), run_of_world(world))[1],
        note="with a quiz",
    ),
]

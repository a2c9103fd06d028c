"""Who gets what at this room's addresses."""

import json

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from assessments.models import Attempt, MediaFile, QuestionVersion, Quiz
from assessments.services.accommodations import grant_accommodation
from assessments.services.attempts import submit_attempt
from assessments.services.printed_papers import draw_papers
from assessments.services.regrading import Correction, correct_key
from tests.factories.assessments import begin, make_quiz
from tests.factories.kinds import (
    PDF,
    handed_in_essay,
    make_answer_file,
    make_kind_quiz,
    make_picture_quiz,
)
from tests.factories.surveys import make_poll, make_survey, open_for, send
from tests.permissions.table import DONE, Row, everyone, people


def _module(world):
    return world.course.get_children().first().specific


def _quiz(world):
    return make_quiz(module=_module(world))


def quiz_of_world(world):
    return {"quiz_id": _quiz(world).pk, "enrolment_id": world.enrolment.pk}


def open_attempt(world):
    return {"public_id": begin(_quiz(world), world.enrolment).public_id}


def _file_row(world):
    quiz = make_kind_quiz("file", module=_module(world))
    return begin(quiz, world.enrolment).questions.select_related("attempt").get()


def file_question(world):
    return {"public_id": _file_row(world).attempt.public_id, "position": 1}


def a_file(world):
    return {"file": SimpleUploadedFile("bai.pdf", PDF)}


def a_file_kept(world):
    return {"public_id": make_answer_file(_file_row(world)).public_id}


def a_picture(world):
    quiz = make_picture_quiz(module=_module(world))
    begin(quiz, world.enrolment)
    return {"sha256": MediaFile.objects.earliest("pk").sha256}


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


def essay_of_world(world):
    """An essay of the world's class that waits for its mark."""
    return {"code": world.run.code, "pk": handed_in_essay(world.enrolment, module=_module(world)).pk}


def quiz_to_release(world):
    return {"quiz": _quiz(world).pk}


def analysed_question(world):
    """A question somebody has answered; the trainer of the run may read its key."""
    quiz = _quiz(world)
    attempt = begin(quiz, world.enrolment)
    submit_attempt(attempt=attempt, actor=world.learner, now=timezone.now())
    return {"quiz_id": quiz.pk, "version_id": attempt.questions.first().version_id}


def corrected_question(world):
    """The same, its key corrected by the school."""
    asked = analysed_question(world)
    row, _job = correct_key(
        quiz=Quiz.objects.get(pk=asked["quiz_id"]),
        version=QuestionVersion.objects.get(pk=asked["version_id"]),
        correction=Correction(policy="full"),
        reason="Đáp án sai",
        actor=world.administrator,
        now=timezone.now(),
    )
    return {"correction_id": row.pk}


def printed_paper(world):
    [paper] = draw_papers(
        quiz=_quiz(world), run=world.run, count=1, actor=world.administrator, now=timezone.now()
    )
    return run_of_world(world) | {"paper_id": paper.pk}


READS_KEYS = {
    "trainer": 200,
    "administrator": 200,
    "leader": 403,
    "coordinator": 403,
    "learner": 403,
    "reader": 403,
}
# Who sees results and may not correct keys is told so; to others the quiz is not there.
CORRECTS_KEYS = {
    "trainer": 200,
    "administrator": 200,
    "leader": 403,
    "coordinator": 403,
    "learner": 403,
    "reader": 403,
}


def survey_of_world(world):
    return {"survey_id": open_for(world.run).survey_id, "code": world.run.code}


def answered_survey(world):
    opening = open_for(world.run)
    send(opening, world.learner, ["5"] * 4)
    return {"survey_id": opening.survey_id, "code": world.run.code}


def required_survey(world):
    opening = open_for(world.run, is_required=True)
    return {"survey_id": opening.survey_id, "code": world.run.code}


def opening_fields(world):
    return {"survey": make_survey().pk, "opens_on": world.run.opens_on, "closes_on": world.run.closes_on}


def poll_of_world(world):
    return {"code": world.run.code, "pk": make_poll(world.run, is_open=False).pk}


def open_poll_of_world(world):
    return {"join_code": make_poll(world.run).join_code}


NEW_POLL = {"question": "Anh/chị đã sẵn sàng?", "choices": "Rồi\nChưa"}
FIGURES = people(404, trainer=200, administrator=200, leader=200, reader=403)
HOLDING = people(404, trainer=DONE, administrator=DONE, leader=403, reader=403)


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

# Those who see the class but do not mark it are told so.
MARKERS = people(404, trainer=200, administrator=200, leader=403, reader=403)

ROWS = [
    Row("assessments:quiz", OWN_PAGE, kwargs=quiz_of_world),
    Row("assessments:start", OWN_ACT, kwargs=quiz_of_world, method="post"),
    Row("assessments:start", people(405), kwargs=quiz_of_world, note="a GET starts nothing"),
    Row("assessments:attempt", OWN_PAGE, kwargs=open_attempt),
    Row("assessments:submit", OWN_ACT, kwargs=open_attempt, method="post"),
    Row("assessments:move_on", OWN_ACT, kwargs=open_attempt, method="post"),
    Row("assessments:result", OWN_PAGE, kwargs=closed_attempt),
    Row("assessments:open_tab", OWN_ANSWER, kwargs=open_attempt, method="post"),
    Row("assessments:clock", OWN_ANSWER, kwargs=open_attempt),
    Row("assessments:save_answer", OWN_ANSWER, kwargs=first_question, method="post", data=an_answer),
    Row(
        "assessments:media",
        people(404, learner=200, trainer=200, other_trainer=200, administrator=200),
        kwargs=a_picture,
    ),
    Row("assessments:upload_file", OWN_ANSWER, kwargs=file_question, method="post", data=a_file),
    Row(
        "assessments:answer_file",
        people(404, learner=200, trainer=200, administrator=200),
        kwargs=a_file_kept,
    ),
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
    Row("assessments:marking", MARKERS, kwargs=run_of_world),
    Row("assessments:mark_answer", MARKERS, kwargs=essay_of_world),
    Row(
        "assessments:release_marks",
        people(404, trainer=DONE, administrator=DONE, leader=403, reader=403),
        kwargs=run_of_world,
        method="post",
        data=quiz_to_release,
    ),
    Row(
        "assessments:results_export",
        people(404, trainer=200, coordinator=200, administrator=200, leader=200, learner=403, reader=403),
        kwargs=lambda world: (_quiz(world), run_of_world(world))[1],
    ),
    Row(
        "assessments:analysis",
        people(404, trainer=200, administrator=200, leader=200, coordinator=403, learner=403, reader=403),
        kwargs=lambda world: (analysed_question(world), run_of_world(world))[1],
    ),
    Row(
        "assessments:analysis_question",
        people(404, trainer=200, administrator=200, leader=403, coordinator=403, learner=403, reader=403),
        kwargs=lambda world: analysed_question(world) | run_of_world(world),
        note="keys",
    ),
    Row(
        "assessments:quiz_analysis",
        people(403, administrator=200, leader=200),
        kwargs=lambda world: {"quiz_id": analysed_question(world)["quiz_id"]},
    ),
    Row(
        "assessments:quiz_analysis_question",
        people(403, administrator=200),
        kwargs=analysed_question,
        note="keys",
    ),
    Row("assessments:regrade", people(404, **CORRECTS_KEYS), kwargs=analysed_question, note="keys"),
    Row(
        "assessments:regrade",
        people(404, **CORRECTS_KEYS | {"trainer": DONE, "administrator": DONE}),
        kwargs=analysed_question,
        method="post",
        data={"policy": "full", "reason": "Đáp án sai"},
    ),
    Row("assessments:regraded", people(404, **CORRECTS_KEYS), kwargs=corrected_question),
    Row(
        "assessments:printed_papers",
        people(404, **READS_KEYS),
        kwargs=lambda world: (_quiz(world), run_of_world(world))[1],
    ),
    Row(
        "assessments:draw_papers",
        people(404, **READS_KEYS | {"trainer": DONE, "administrator": DONE}),
        kwargs=lambda world: (_quiz(world), run_of_world(world))[1],
        method="post",
        data={"count": 1},
    ),
    Row("assessments:draw_papers", people(405), kwargs=run_of_world, note="a GET draws nothing"),
    Row("assessments:printed_sheets", people(404, **READS_KEYS), kwargs=printed_paper),
    Row("assessments:printed_key", people(404, **READS_KEYS), kwargs=printed_paper, note="keys"),
    Row("assessments:enter_paper", people(404, **READS_KEYS), kwargs=printed_paper),
    Row("assessments:surveys", people(200)),
    Row("assessments:survey", OWN_PAGE, kwargs=survey_of_world),
    Row(
        "assessments:survey",
        OWN_ACT,
        kwargs=survey_of_world,
        method="post",
        data={f"q{n}": 4 for n in range(1, 5)},
    ),
    Row("assessments:survey_thanks", OWN_PAGE, kwargs=answered_survey),
    Row("assessments:run_surveys", FIGURES, kwargs=run_of_world),
    Row("assessments:run_surveys", HOLDING, kwargs=run_of_world, method="post", data=opening_fields),
    Row("assessments:survey_results", FIGURES, kwargs=survey_of_world),
    Row(
        "assessments:survey_workbook",
        people(404, trainer=DONE, administrator=DONE, leader=DONE, reader=403),
        kwargs=survey_of_world,
        note="anonymous and open: back to the page",
    ),
    Row("assessments:remind_survey", HOLDING, kwargs=survey_of_world, method="post"),
    Row("assessments:close_survey", HOLDING, kwargs=survey_of_world, method="post"),
    Row("assessments:unrequire_survey", HOLDING, kwargs=required_survey, method="post"),
    Row("assessments:join_poll", everyone(200)),
    Row("assessments:vote", people(200), kwargs=open_poll_of_world),
    Row("assessments:vote", people(DONE), kwargs=open_poll_of_world, method="post", data={"choice": "1"}),
    Row("assessments:run_polls", FIGURES, kwargs=run_of_world),
    Row("assessments:run_polls", HOLDING, kwargs=run_of_world, method="post", data=NEW_POLL),
    Row("assessments:poll", FIGURES, kwargs=poll_of_world),
    Row("assessments:poll_results", FIGURES, kwargs=poll_of_world),
    Row("assessments:change_poll", HOLDING, kwargs=poll_of_world, method="post", data={"act": "open"}),
]

"""Sitting a quiz through its pages and its small answers."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Attempt, Quiz
from assessments.services import attempts as services
from tests.factories.assessments import begin, make_learner_of, make_quiz, sit
from tests.factories.courses import make_enrolment

pytestmark = pytest.mark.django_db


@pytest.fixture
def quiz() -> Quiz:
    return make_quiz(singles=3, multiples=2)


@pytest.fixture
def enrolment(quiz):
    return make_learner_of(quiz)


def browser_of(person, **options) -> Client:
    client = Client(**options)
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def client(enrolment) -> Client:
    return browser_of(enrolment.learner)


def url(name, quiz=None, enrolment=None, attempt=None, **more) -> str:
    kwargs = (
        {"public_id": attempt.public_id} if attempt else {"quiz_id": quiz.pk, "enrolment_id": enrolment.pk}
    )
    return reverse(f"assessments:{name}", kwargs=kwargs | more)


def start(client, quiz, enrolment) -> Attempt:
    assert client.post(url("start", quiz, enrolment)).status_code == 302
    return Attempt.objects.open().get(quiz=quiz, enrolment=enrolment)


def save(client, attempt, token, *, position=1, choices=None, sequence=1):
    choices = attempt.questions.get(position=position).choice_order[:1] if choices is None else choices
    fields = {"answer": json.dumps({"choices": choices}), "sequence": sequence, "tab_token": token}
    return client.post(url("save_answer", attempt=attempt, position=position), fields)


def take_pen(client, attempt) -> str:
    return client.post(url("open_tab", attempt=attempt)).json()["tab_token"]


def test_a_learner_starts_answers_hands_in_and_reads_the_review(client, quiz, enrolment):
    page = client.get(url("quiz", quiz, enrolment))
    assert quiz.title in page.content.decode()
    attempt = start(client, quiz, enrolment)
    opened = client.post(url("open_tab", attempt=attempt)).json()
    for question in opened["questions"]:
        row = attempt.questions.select_related("version").get(position=question["position"])
        reply = save(
            client, attempt, opened["tab_token"], position=row.position, choices=row.version.content["key"]
        )
        assert (reply.status_code, reply.json()["sequence"]) == (200, 1)
        assert reply.json()["server_now"] >= opened["server_now"]
    assert client.post(url("submit", attempt=attempt)).url == url("result", attempt=attempt)
    text = client.get(url("result", attempt=attempt)).content.decode()
    assert "GIẢI THÍCH" in text
    attempt.refresh_from_db()
    assert (attempt.score, attempt.passed) == (5, True)


def test_the_front_page_says_that_the_course_and_its_certificate_need_the_quiz(client, quiz, enrolment):
    words = "hoàn thành khóa học và cấp chứng chỉ"
    assert words in client.get(url("quiz", quiz, enrolment)).content.decode()
    Quiz.objects.filter(pk=quiz.pk).update(is_active=False)
    assert words not in client.get(url("quiz", quiz, enrolment)).content.decode()


def test_reading_pages_starts_nothing(client, quiz, enrolment):
    client.get(url("quiz", quiz, enrolment))
    assert client.get(url("start", quiz, enrolment)).status_code == 405
    assert not Attempt.objects.exists()


def test_a_refused_start_says_why_and_starts_nothing(client, quiz, enrolment):
    type(enrolment.run).objects.update(state="finished")
    page = client.post(url("start", quiz, enrolment), follow=True)
    assert page.status_code == 200
    assert page.context["refusal"]
    assert not Attempt.objects.exists()


def test_another_learners_attempt_is_not_found(quiz, enrolment):
    attempt = begin(quiz, enrolment)
    stranger = browser_of(make_enrolment(run=enrolment.run).learner)
    for name in ("attempt", "result", "clock"):
        assert stranger.get(url(name, attempt=attempt)).status_code == 404
    for name in ("submit", "open_tab"):
        assert stranger.post(url(name, attempt=attempt)).status_code == 404
    assert save(stranger, attempt, attempt.tab_token).status_code == 404
    assert stranger.get(url("quiz", quiz, enrolment)).status_code == 404
    assert stranger.post(url("start", quiz, enrolment)).status_code == 404


def test_a_quiz_of_another_course_is_not_found(client, enrolment):
    other = make_quiz()
    assert client.get(url("quiz", other, enrolment)).status_code == 404
    assert client.post(url("start", other, enrolment)).status_code == 404


def test_a_post_without_the_csrf_token_changes_nothing(quiz, enrolment):
    forged = browser_of(enrolment.learner, enforce_csrf_checks=True)
    attempt = begin(quiz, enrolment)
    assert forged.post(url("start", quiz, enrolment)).status_code == 403
    assert forged.post(url("submit", attempt=attempt)).status_code == 403
    assert save(forged, attempt, attempt.tab_token).status_code == 403
    attempt.refresh_from_db()
    assert attempt.is_open


def test_nobody_signed_in_gets_401_from_the_small_answers_and_the_sign_in_page_elsewhere(quiz, enrolment):
    attempt = begin(quiz, enrolment)
    anyone = Client()
    assert save(anyone, attempt, attempt.tab_token).status_code == 401
    assert anyone.get(url("attempt", attempt=attempt)).url.startswith(reverse(settings.LOGIN_URL))


# --- Keys ---------------------------------------------------------------------------------------------------
def test_no_answer_of_the_server_holds_a_key_before_handing_in(client, quiz, enrolment):
    attempt = start(client, quiz, enrolment)
    token = take_pen(client, attempt)
    right = attempt.questions.select_related("version").get(position=1)
    responses = [
        client.get(url("quiz", quiz, enrolment)),
        client.get(url("attempt", attempt=attempt)),
        client.post(url("open_tab", attempt=attempt)),
        save(client, attempt, token, choices=right.version.content["key"], sequence=2),
        save(client, attempt, take_pen(client, attempt), choices=right.version.content["key"], sequence=3),
        client.get(url("clock", attempt=attempt)),
        client.get(url("result", attempt=attempt)),
    ]
    for response in responses:
        text = response.content.decode()
        for forbidden in ("GIẢI THÍCH", '"key"', "is_correct", '"correct"', "data-correct"):
            assert forbidden not in text, response.request["PATH_INFO"]
    opened = responses[2].json()
    assert {key for question in opened["questions"] for key in question} == {
        "position", "kind", "choices", "answer", "sequence",
    }  # fmt: skip


def test_a_right_and_a_wrong_answer_are_acknowledged_alike(client, quiz, enrolment):
    attempt = start(client, quiz, enrolment)
    token = take_pen(client, attempt)
    row = attempt.questions.select_related("version").get(position=1)
    key = row.version.content["key"]
    wrong = [choice for choice in row.choice_order if choice not in key][:1]
    one = save(client, attempt, token, choices=key, sequence=1).json()
    two = save(client, attempt, token, choices=wrong, sequence=2).json()
    assert one.keys() == two.keys() == {"saved_at", "server_now", "sequence"}


def test_ids_of_choices_do_not_tell_which_was_written_first():
    quiz = make_quiz(singles=30, multiples=0)
    attempt = begin(quiz, make_learner_of(quiz))
    first = 0
    for row in attempt.questions.select_related("version"):
        ids = sorted(row.choice_order)
        first += ids.index(row.version.content["key"][0]) == 0
    assert 1 <= first <= 25


def test_a_quiz_that_shows_the_score_only_shows_no_answers(client):
    quiz = make_quiz(review=Quiz.Review.NEVER)
    enrolment = make_learner_of(quiz)
    attempt = sit(quiz, enrolment, right=1)
    text = browser_of(enrolment.learner).get(url("result", attempt=attempt)).content.decode()
    assert "GIẢI THÍCH" not in text
    assert "review__choice" not in text


def test_the_review_waits_while_another_attempt_is_open(client, quiz, enrolment):
    attempt = sit(quiz, enrolment, right=1)
    begin(quiz, enrolment)
    assert "GIẢI THÍCH" not in client.get(url("result", attempt=attempt)).content.decode()


# --- Tabs, numbers, deadlines ---------------------------------------------------------------------------------
def test_a_stale_tab_gets_409_and_may_take_the_pen_back(client, quiz, enrolment):
    attempt = start(client, quiz, enrolment)
    first, second = take_pen(client, attempt), take_pen(client, attempt)
    reply = save(client, attempt, first)
    assert (reply.status_code, reply.json()["code"]) == (409, "stale_tab")
    assert save(client, attempt, second).status_code == 200
    assert save(client, attempt, take_pen(client, attempt), sequence=2).status_code == 200


def test_an_older_number_gets_409_with_the_newer_one(client, quiz, enrolment):
    attempt = start(client, quiz, enrolment)
    token = take_pen(client, attempt)
    assert save(client, attempt, token, sequence=7).status_code == 200
    reply = save(client, attempt, token, sequence=6, choices=[])
    assert (reply.status_code, reply.json()["code"], reply.json()["sequence"]) == (409, "superseded", 7)


def test_late_saves_get_410_and_the_next_read_closes_the_attempt(client, quiz, enrolment):
    attempt = start(client, quiz, enrolment)
    token = take_pen(client, attempt)
    past = timezone.now() - timedelta(hours=2)
    Attempt.objects.update(started_at=past, closes_at=past, accepts_until=past)
    reply = save(client, attempt, token)
    assert (reply.status_code, reply.json()["code"]) == (410, "closed")
    assert client.post(url("open_tab", attempt=attempt)).status_code == 410
    assert client.get(url("attempt", attempt=attempt)).url == url("result", attempt=attempt)
    attempt.refresh_from_db()
    assert attempt.submitted_by_clock


def test_a_submitted_attempt_takes_nothing_and_leads_to_its_result(client, quiz, enrolment):
    attempt = start(client, quiz, enrolment)
    token = take_pen(client, attempt)
    for _ in range(2):
        assert client.post(url("submit", attempt=attempt)).status_code == 302
    reply = save(client, attempt, token)
    assert (reply.status_code, reply.json()["result_url"]) == (410, url("result", attempt=attempt))
    assert client.get(url("attempt", attempt=attempt)).status_code == 302
    assert client.get(url("clock", attempt=attempt)).status_code == 410


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"answer": "{"}, 400),
        ({"answer": "[" * 3000}, 400),
        ({"answer": "x" * 64_001}, 413),
        ({"answer": '{"choices": ["x"]}'}, 400),
        ({"sequence": "a"}, 400),
        ({"sequence": "0"}, 400),
        ({"tab_token": "x"}, 400),
        ({}, 200),
    ],
)
def test_a_broken_message_is_refused_and_stores_nothing(client, quiz, enrolment, fields, status):
    attempt = start(client, quiz, enrolment)
    good = {"answer": '{"choices": []}', "sequence": "1", "tab_token": take_pen(client, attempt)}
    reply = client.post(url("save_answer", attempt=attempt, position=1), good | fields)
    assert reply.status_code == status
    assert (attempt.questions.get(position=1).sequence == 1) == (status == 200)


def test_a_position_that_was_not_drawn_is_not_found(client, quiz, enrolment):
    attempt = start(client, quiz, enrolment)
    token = take_pen(client, attempt)
    fields = {"answer": '{"choices": []}', "sequence": "1", "tab_token": token}
    for position in (0, 99, 32_768, 10**30):
        assert client.post(url("save_answer", attempt=attempt, position=position), fields).status_code == 404


# --- Weight -----------------------------------------------------------------------------------------------
def test_saving_an_answer_takes_four_statements(client, quiz, enrolment, django_assert_num_queries):
    attempt = start(client, quiz, enrolment)
    token = take_pen(client, attempt)
    choices = attempt.questions.get(position=1).choice_order[:1]
    with django_assert_num_queries(4):  # session, user, read, update
        assert save(client, attempt, token, choices=choices).status_code == 200


def test_the_paper_takes_the_same_queries_for_five_questions_and_for_forty(django_assert_max_num_queries):
    for singles in (5, 40):
        quiz = make_quiz(singles=singles, multiples=0)
        enrolment = make_learner_of(quiz)
        attempt = begin(quiz, enrolment)
        client = browser_of(enrolment.learner)
        client.get(url("attempt", attempt=attempt))
        with django_assert_max_num_queries(8):
            client.get(url("attempt", attempt=attempt))


def test_the_result_takes_the_same_queries_for_five_questions_and_for_forty(django_assert_max_num_queries):
    for singles in (5, 40):
        quiz = make_quiz(singles=singles, multiples=0)
        enrolment = make_learner_of(quiz)
        attempt = sit(quiz, enrolment, right=3)
        client = browser_of(enrolment.learner)
        client.get(url("result", attempt=attempt))
        with django_assert_max_num_queries(20):
            client.get(url("result", attempt=attempt))


def test_pages_speak_both_languages(client, quiz, enrolment):
    attempt = begin(quiz, enrolment)
    for page in (url("quiz", quiz, enrolment), url("attempt", attempt=attempt)):
        assert client.get(page).status_code == 200
        assert client.get("/en" + page).status_code == 200


def test_the_sweep_is_on_the_clock():
    tasks = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert "assessments.tasks.close_overdue_attempts" in tasks
    assert services.close_overdue_attempts(now=timezone.now()) == 0

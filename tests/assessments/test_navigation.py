"""One question a page: with no way back the server shows the reached question alone and takes no other answer."""

import json
import uuid

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Attempt, Quiz
from assessments.services import attempts as services
from tests.factories.assessments import answer, begin, make_learner_of, make_quiz

from .test_races import together

pytestmark = pytest.mark.django_db


class Sitting:
    """A signed-in browser with an open attempt at three questions."""

    def __init__(self, navigation: str = "forward"):
        self.quiz = make_quiz(singles=3, multiples=0, navigation=navigation)
        enrolment = make_learner_of(self.quiz)
        self.client = Client()
        self.client.force_login(enrolment.learner, backend=settings.AUTHENTICATION_BACKENDS[0])
        self.client.post(
            reverse("assessments:start", kwargs={"quiz_id": self.quiz.pk, "enrolment_id": enrolment.pk})
        )
        self.attempt = Attempt.objects.get(enrolment=enrolment)
        self.open()

    def url(self, name: str, **more) -> str:
        return reverse(f"assessments:{name}", kwargs={"public_id": self.attempt.public_id, **more})

    def open(self) -> list[int]:
        opened = self.client.post(self.url("open_tab")).json()
        self.token = opened["tab_token"]
        return [question["position"] for question in opened["questions"]]

    def page(self) -> str:
        return self.client.get(self.url("attempt")).content.decode()

    def save(self, position: int, sequence: int = 1):
        row = self.attempt.questions.get(position=position)
        fields = {
            "answer": json.dumps({"choices": row.choice_order[:1]}),
            "sequence": sequence,
            "tab_token": self.token,
        }
        return self.client.post(self.url("save_answer", position=position), fields)

    def go_on(self, position: int, token: str = "") -> int:
        fields = {"position": position, "tab_token": token or self.token}
        assert self.client.post(self.url("move_on"), fields).url == self.url("attempt")
        self.attempt.refresh_from_db()
        return self.attempt.furthest


def stem(attempt: Attempt, position: int) -> str:
    return attempt.questions.select_related("version").get(position=position).version.content["stem"]


def test_only_the_reached_question_leaves_the_server():
    sitting = Sitting()
    for reached in (1, 2, 3):
        assert sitting.open() == [reached]
        page = sitting.page()
        shown = [position for position in (1, 2, 3) if stem(sitting.attempt, position) in page]
        assert shown == [reached]
        sitting.go_on(reached)
    assert sitting.attempt.furthest == 3


def test_a_passed_question_takes_no_answer_and_says_so_and_one_ahead_is_not_there():
    sitting = Sitting()
    assert sitting.save(1).status_code == 200
    assert sitting.save(2).status_code == 404
    sitting.go_on(1)
    late = sitting.save(1, sequence=2)
    assert (late.status_code, late.json()["code"]) == (409, "passed")
    assert sitting.save(1, sequence=1).status_code == 200  # its acknowledgement may have been lost
    behind = sitting.client.post(sitting.url("open_tab")).json()
    assert [(one["position"], one["sequence"]) for one in behind["passed"]] == [(1, 1)]
    sitting.token = behind["tab_token"]
    assert sitting.save(2).status_code == 200
    stored = sitting.attempt.questions.order_by("position").values_list("sequence", flat=True)
    assert list(stored) == [1, 1, 0]


def test_going_on_twice_or_from_a_stale_tab_or_from_the_last_one_moves_nothing():
    sitting = Sitting()
    assert sitting.go_on(1) == 2
    assert sitting.go_on(1) == 2
    assert sitting.go_on(2, token=str(uuid.uuid4())) == 2
    assert sitting.go_on(3) == 2
    assert sitting.client.post(sitting.url("move_on"), {"position": "x"}).status_code == 302
    assert sitting.go_on(2) == 3
    assert sitting.go_on(3) == 3


def test_nobody_goes_on_in_an_attempt_that_is_over_or_where_all_is_open():
    sitting = Sitting()
    sitting.client.post(sitting.url("submit"))
    assert sitting.go_on(1) == 1
    free = Sitting("all")
    assert free.go_on(1) is None
    assert free.open() == [1, 2, 3] and free.save(3).status_code == 200 and free.save(1).status_code == 200


def test_the_way_is_frozen_when_the_attempt_begins():
    sitting = Sitting()
    Quiz.objects.update(navigation="all")
    assert sitting.open() == [1]
    free = Sitting("one")
    Quiz.objects.update(navigation="forward")
    assert free.open() == [1, 2, 3] and free.save(3).status_code == 200


def test_the_front_page_says_before_the_start_that_there_is_no_way_back():
    quiz = make_quiz(navigation="forward")
    enrolment = make_learner_of(quiz)
    client = Client()
    client.force_login(enrolment.learner, backend=settings.AUTHENTICATION_BACKENDS[0])
    address = reverse("assessments:quiz", kwargs={"quiz_id": quiz.pk, "enrolment_id": enrolment.pk})
    assert "không quay lại" in client.get(address).content.decode()


def test_the_result_shows_all_questions_again():
    sitting = Sitting()
    sitting.go_on(1)
    result = sitting.client.post(sitting.url("submit"), follow=True).content.decode()
    assert all(stem(sitting.attempt, position) in result for position in (1, 2, 3))


# --- Going on beside a save ---------------------------------------------------------------------------------------
def go_on_between_look_and_write(monkeypatch) -> tuple[Attempt, object]:
    """A save has looked; the learner's other device goes on; then the save writes. Gives what the save came to."""
    quiz = make_quiz(singles=2, multiples=0, navigation="forward")
    attempt = begin(quiz, make_learner_of(quiz))
    fits = services.read_answer

    def look_then_go_on(*args):
        moved = services.move_on(
            attempt=attempt, position=1, tab_token=attempt.tab_token, actor=attempt.enrolment.learner,
            now=timezone.now(),
        )  # fmt: skip
        assert moved or attempt.furthest
        return fits(*args)

    monkeypatch.setattr(services, "read_answer", look_then_go_on)
    try:
        answer(attempt, 1, right=True)
    except services.QuestionPassed as passed:
        return attempt, passed
    return attempt, None


def test_a_save_overtaken_by_going_on_is_refused(monkeypatch):
    attempt, refused = go_on_between_look_and_write(monkeypatch)
    assert refused and attempt.questions.get(position=1).answer is None


def test_control_without_the_look_in_the_write_a_passed_question_would_be_answered(monkeypatch):
    careless = services._STORE.replace("AND (furthest IS NULL OR furthest = %(position)s)", "")
    assert careless != services._STORE
    monkeypatch.setattr(services, "_STORE", careless)
    attempt, refused = go_on_between_look_and_write(monkeypatch)
    assert refused is None and attempt.questions.get(position=1).answer


@pytest.mark.django_db(transaction=True)
def test_eight_clicks_at_one_moment_go_on_by_one_question():
    quiz = make_quiz(singles=3, multiples=0, navigation="forward")
    attempt = begin(quiz, make_learner_of(quiz))
    click = lambda: services.move_on(  # noqa: E731
        attempt=attempt, position=1, tab_token=attempt.tab_token, actor=attempt.enrolment.learner,
        now=timezone.now(),
    )  # fmt: skip
    assert sorted(together(*[click] * 8)) == [False] * 7 + [True]
    attempt.refresh_from_db()
    assert attempt.furthest == 2

"""Entry rules of a quiz: its window, its password, its networks; and which attempt counts."""

import unicodedata
from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.criteria import QuizCriterion
from assessments.models import Attempt, Quiz
from assessments.networks import NetworkUnread, is_within, read_networks
from assessments.permissions import NetworkNotAllowed, OutsideWindow, WrongPassword, is_password_of
from assessments.results import counted_score, figures_of, with_quiz_results
from assessments.services.accommodations import grant_accommodation
from assessments.services.attempts import start_attempt
from courses.models import Criterion, Enrolment
from lms.organisations.models import Role
from tests.factories.assessments import begin, make_learner_of, make_quiz, sit
from tests.factories.organisations import make_person

pytestmark = pytest.mark.django_db
MINUTES = timedelta(minutes=1)


def with_rules(**rules) -> tuple[Quiz, Enrolment]:
    quiz = make_quiz(singles=4, multiples=0, time_limit_minutes=30)
    for name, value in rules.items():
        setattr(quiz, name, value)
    quiz.full_clean()
    quiz.save()
    return quiz, make_learner_of(quiz)


def start(quiz, enrolment, **given) -> Attempt:
    values = {"now": timezone.now(), **given}
    return start_attempt(quiz=quiz, enrolment=enrolment, actor=enrolment.learner, **values)


def learner_of(enrolment, **options) -> Client:
    client = Client(**options)
    client.force_login(enrolment.learner, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def url(name: str, quiz, enrolment) -> str:
    return reverse(f"assessments:{name}", kwargs={"quiz_id": quiz.pk, "enrolment_id": enrolment.pk})


# --- The window -----------------------------------------------------------------------------------------------
def test_a_quiz_is_started_within_its_window_and_ends_with_it():
    now = timezone.now()
    quiz, enrolment = with_rules(opens_at=now, closes_at=now + 60 * MINUTES)
    for moment in (now - MINUTES, now + 60 * MINUTES):
        with pytest.raises(OutsideWindow):
            start(quiz, enrolment, now=moment)
    attempt = start(quiz, enrolment, now=now + 45 * MINUTES)
    assert attempt.closes_at == now + 60 * MINUTES
    # It goes on beyond the window's end only in its grace.
    assert attempt.accepts_until == attempt.closes_at + timedelta(seconds=quiz.grace_seconds)


def test_granted_minutes_move_the_windows_end_for_who_has_them():
    now = timezone.now()
    quiz, enrolment = with_rules(closes_at=now + 30 * MINUTES)
    grant_accommodation(
        quiz=quiz, run=enrolment.run, enrolment=enrolment, extra_minutes=15, extra_attempts=0,
        reason="Theo hồ sơ", actor=make_person(roles=[Role.SCHOOL_ADMINISTRATOR]), now=now,
    )  # fmt: skip
    assert start(quiz, enrolment, now=now + 5 * MINUTES).closes_at == now + 45 * MINUTES


def test_a_window_that_closes_before_it_opens_is_refused():
    now = timezone.now()
    quiz = make_quiz()
    quiz.opens_at, quiz.closes_at = now, now
    with pytest.raises(ValidationError) as refused:
        quiz.full_clean()
    assert "closes_at" in refused.value.error_dict


# --- The password ---------------------------------------------------------------------------------------------
def test_the_password_is_asked_for_at_the_start_alone():
    quiz, enrolment = with_rules(password="Đề số 3")
    for wrong in ("", "đề số 3", "Đề số 33"):
        with pytest.raises(WrongPassword):
            start(quiz, enrolment, password=wrong)
    first = start(quiz, enrolment, password=" Đề số 3 ")
    assert start(quiz, enrolment).pk == first.pk


def test_a_password_typed_in_decomposed_letters_is_the_same():
    quiz, _enrolment = with_rules(password="Đề số 3")
    assert is_password_of(quiz, unicodedata.normalize("NFD", "Đề số 3"))
    assert not is_password_of(quiz, "Đề số 4")


def test_the_page_asks_for_the_password_and_never_tells_it():
    cache.clear()
    quiz, enrolment = with_rules(password="MẬT-KHẨU-PHÒNG-3")
    client = learner_of(enrolment)
    page = client.get(url("quiz", quiz, enrolment)).content.decode()
    assert 'name="password"' in page
    refused = client.post(url("start", quiz, enrolment), {"password": "sai"}, follow=True).content.decode()
    assert str(WrongPassword.message) in refused
    done = client.post(url("start", quiz, enrolment), {"password": "MẬT-KHẨU-PHÒNG-3"}, follow=True)
    assert Attempt.objects.open().count() == 1
    opened = client.post(
        reverse("assessments:open_tab", kwargs={"public_id": Attempt.objects.get().public_id})
    )
    for shown in (page, refused, done.content.decode(), opened.content.decode()):
        assert "MẬT-KHẨU-PHÒNG-3" not in shown


def test_tries_at_the_password_are_limited_for_each_learner_not_for_the_hall():
    cache.clear()
    quiz, enrolment = with_rules(password="đúng")
    client = learner_of(enrolment)
    for number in range(12):
        client.post(url("start", quiz, enrolment), {"password": f"sai {number}"})
    client.post(url("start", quiz, enrolment), {"password": "đúng"})
    assert not Attempt.objects.exists()
    other = make_learner_of(quiz)
    learner_of(other).post(url("start", quiz, other), {"password": "đúng"})
    assert Attempt.objects.get().enrolment == other


def test_supervisors_read_the_password_on_the_live_page():
    quiz, enrolment = with_rules(password="MẬT-KHẨU-PHÒNG-3")
    client = Client()
    client.force_login(
        make_person(roles=[Role.SCHOOL_ADMINISTRATOR]), backend=settings.AUTHENTICATION_BACKENDS[0]
    )
    live = reverse("assessments:conduct", kwargs={"code": enrolment.run.code, "quiz_id": quiz.pk})
    assert "MẬT-KHẨU-PHÒNG-3" in client.get(live).content.decode()


# --- Networks -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("10.12.3.4", True),
        ("203.0.113.7", True),
        ("2001:db8::1", True),
        ("::ffff:10.12.3.4", True),
        ("10.13.0.1", False),
        ("203.0.113.8", False),
        ("", False),
        ("không phải địa chỉ", False),
    ],
)
def test_an_address_is_inside_one_of_the_networks_or_outside(address, inside):
    assert is_within(address, "10.12.0.0/16\n 203.0.113.7 \n\n2001:db8::/32") is inside
    assert is_within(address, " \n")


@pytest.mark.parametrize("text", ["10.12.0.0/33", "mạng lớp", "10.12.0.0/16, 10.13.0.0/16"])
def test_what_is_no_network_is_refused_with_its_line(text):
    with pytest.raises(NetworkUnread) as unread:
        read_networks(f"10.0.0.0/8\n{text}")
    assert unread.value.line == text
    quiz = make_quiz()
    quiz.allowed_networks = text
    with pytest.raises(ValidationError) as refused:
        quiz.full_clean()
    assert text in str(refused.value.error_dict["allowed_networks"])


def test_a_quiz_is_started_from_its_networks_and_goes_on_anywhere():
    quiz, enrolment = with_rules(allowed_networks="10.12.0.0/16")
    outside, inside = (
        learner_of(enrolment, REMOTE_ADDR=address) for address in ("198.51.100.4", "10.12.0.9")
    )
    assert "198.51.100.4" in outside.get(url("quiz", quiz, enrolment)).content.decode()
    outside.post(url("start", quiz, enrolment))
    assert not Attempt.objects.exists()
    inside.post(url("start", quiz, enrolment))
    attempt = Attempt.objects.get()
    assert outside.post(url("start", quiz, enrolment)).url == reverse(
        "assessments:attempt", kwargs={"public_id": attempt.public_id}
    )
    with pytest.raises(NetworkNotAllowed):
        start(quiz, make_learner_of(quiz))


def test_an_address_the_client_wrote_itself_is_not_believed(settings):
    quiz, enrolment = with_rules(allowed_networks="10.12.0.0/16")
    settings.TRUSTED_PROXY_COUNT = 0
    client = learner_of(enrolment, REMOTE_ADDR="198.51.100.4")
    client.post(url("start", quiz, enrolment), headers={"X-Forwarded-For": "10.12.0.9"})
    assert not Attempt.objects.exists()


# --- Which attempt counts -------------------------------------------------------------------------------------
@pytest.mark.parametrize(("rule", "score"), [("best", 3), ("first", 1), ("last", 2), ("mean", 2)])
def test_results_outline_and_learner_show_the_attempt_that_counts(rule, score):
    quiz, enrolment = with_rules(counted=rule)
    now = timezone.now()
    for number, right in enumerate([1, 3, 2]):
        sit(quiz, enrolment, right=right, now=now + number * MINUTES)
    rows = with_quiz_results(Enrolment.objects.filter(run=enrolment.run), quiz)
    assert rows.get().counted_score == counted_score(quiz, Attempt.objects.all()) == score
    figures = figures_of(Enrolment.objects.filter(run=enrolment.run), quiz)
    assert figures.mean_percent == Decimal(score) * 25
    # A pass of any attempt stays a pass.
    assert figures.passed == 1
    criterion = Criterion.objects.get(kind="quiz", key=str(quiz.pk))
    state = QuizCriterion().states(enrolment, [criterion])[criterion.pk]
    assert state.tone == "success"
    assert f"{score}/4" in state.detail


def test_an_open_attempt_does_not_count_yet_and_a_mean_is_not_rounded_up():
    quiz, enrolment = with_rules(counted="mean")
    for right in (1, 2, 2):
        sit(quiz, enrolment, right=right)
    assert counted_score(quiz, Attempt.objects.all()) == Decimal("1.66")
    quiz, enrolment = with_rules(counted="last")
    sit(quiz, enrolment, right=2)
    begin(quiz, enrolment)
    own = Attempt.objects.filter(enrolment=enrolment)
    assert counted_score(quiz, own) == 2
    assert with_quiz_results(Enrolment.objects.filter(run=enrolment.run), quiz).get().counted_score == 2
    assert counted_score(quiz, []) is None

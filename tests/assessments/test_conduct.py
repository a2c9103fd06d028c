"""Supervising an exam: time granted and added, words to the learners, ending it."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Accommodation, Attempt, ExamMessage
from assessments.permissions import NoAttemptsLeft, run_ends_at
from assessments.services import accommodations, conduct
from assessments.services.attempts import (
    AttemptClosed,
    close_overdue_attempts,
    submit_attempt,
)
from assessments.services.grading import recompute_score
from assessments.supervision import IDLE_AFTER
from courses.models import CriterionResult, RunTrainer
from lms.core.errors import NotAllowed
from lms.core.models import AuditEvent
from lms.organisations.models import Role
from tests.factories.assessments import answer, begin, make_learner_of, make_quiz, sit
from tests.factories.courses import make_enrolment
from tests.factories.organisations import make_person

pytestmark = pytest.mark.django_db
MINUTES = timedelta(minutes=1)


def browser_of(person) -> Client:
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def quiz():
    return make_quiz(singles=4, multiples=0, max_attempts=1, time_limit_minutes=30)


@pytest.fixture
def enrolment(quiz):
    return make_learner_of(quiz)


@pytest.fixture
def administrator():
    return make_person(roles=[Role.SCHOOL_ADMINISTRATOR])


@pytest.fixture
def school(administrator) -> Client:
    return browser_of(administrator)


def classmate(enrolment, name: str = "Bùi Thị Dung"):
    return make_enrolment(
        run=enrolment.run, state="in_progress", learner=make_person(name, unit=enrolment.unit)
    )


def page(name: str, quiz, enrolment, **more) -> str:
    return reverse(f"assessments:{name}", kwargs={"code": enrolment.run.code, "quiz_id": quiz.pk} | more)


def grant(quiz, enrolment, actor, *, whole_class=False, minutes=0, attempts=0, reason="Theo hồ sơ", now=None):
    return accommodations.grant_accommodation(
        quiz=quiz,
        run=enrolment.run,
        enrolment=None if whole_class else enrolment,
        extra_minutes=minutes,
        extra_attempts=attempts,
        reason=reason,
        actor=actor,
        now=now or timezone.now(),
    )


def extend(quiz, enrolment, actor, *, minutes=10, now=None, attempt=None, reason="Mất điện"):
    return conduct.extend_attempts(
        quiz=quiz,
        run=enrolment.run,
        minutes=minutes,
        reason=reason,
        actor=actor,
        now=now or timezone.now(),
        attempt=attempt,
    )


def stop(quiz, enrolment, actor, *, now=None, attempt=None, reason="Sơ tán phòng thi"):
    return conduct.stop_attempts(
        quiz=quiz, run=enrolment.run, reason=reason, actor=actor, now=now or timezone.now(), attempt=attempt
    )


# --- Extra time and attempts ----------------------------------------------------------------------------------
def test_granted_minutes_and_attempts_add_up_for_the_learner_and_the_class(quiz, enrolment, administrator):
    other = classmate(enrolment)
    grant(quiz, enrolment, administrator, minutes=15, attempts=1)
    grant(quiz, enrolment, administrator, whole_class=True, minutes=5)
    now = timezone.now()
    assert begin(quiz, enrolment, now=now).closes_at == now + 50 * MINUTES
    assert begin(quiz, other, now=now).closes_at == now + 35 * MINUTES
    submit_attempt(attempt=Attempt.objects.get(enrolment=enrolment), actor=enrolment.learner, now=now)
    assert begin(quiz, enrolment, now=now).number == 2
    submit_attempt(attempt=Attempt.objects.get(enrolment=other), actor=other.learner, now=now)
    with pytest.raises(NoAttemptsLeft):
        begin(quiz, other, now=now)
    assert AuditEvent.objects.filter(action="accommodation.granted", actor=administrator).count() == 2


def test_a_grant_of_another_class_or_quiz_counts_for_nothing(quiz, enrolment, administrator):
    elsewhere = make_learner_of(quiz)
    grant(quiz, elsewhere, administrator, whole_class=True, minutes=60)
    assert begin(quiz, enrolment).closes_at - begin(quiz, enrolment).started_at == 30 * MINUTES


def test_a_grant_reaches_the_attempt_that_is_open_and_its_withdrawal_does_not_shorten_it(
    quiz, enrolment, administrator
):
    attempt = begin(quiz, enrolment)
    ends, takes = attempt.closes_at, attempt.accepts_until
    granted = grant(quiz, enrolment, administrator, minutes=20)
    attempt.refresh_from_db()
    assert (attempt.closes_at, attempt.accepts_until) == (ends + 20 * MINUTES, takes + 20 * MINUTES)
    accommodations.withdraw_accommodation(
        accommodation=granted, reason="Nhầm người", actor=administrator, now=timezone.now()
    )
    attempt.refresh_from_db()
    assert attempt.closes_at == ends + 20 * MINUTES
    assert Accommodation.objects.allowance(quiz=quiz, enrolment=enrolment).minutes == 0
    with pytest.raises(accommodations.AlreadyWithdrawn):
        accommodations.withdraw_accommodation(
            accommodation=granted, reason="Nhầm", actor=administrator, now=timezone.now()
        )


def test_a_grant_needs_a_reason_an_amount_a_learner_of_the_class_and_a_supervisor(
    quiz, enrolment, administrator
):
    with pytest.raises(conduct.ReasonNeeded):
        grant(quiz, enrolment, administrator, minutes=5, reason="  ")
    for minutes, attempts in [(0, 0), (-5, 6), (601, 0), (0, 21)]:
        with pytest.raises(accommodations.GrantsNothing):
            grant(quiz, enrolment, administrator, minutes=minutes, attempts=attempts)
    stranger = make_learner_of(quiz)
    with pytest.raises(accommodations.NotInClass):
        accommodations.grant_accommodation(
            quiz=quiz, run=enrolment.run, enrolment=stranger, extra_minutes=5, extra_attempts=0,
            reason="Nhầm lớp", actor=administrator, now=timezone.now(),
        )  # fmt: skip
    for actor in [
        enrolment.learner,
        make_person(roles=[Role.TRAINER]),
        make_person(roles=[Role.SCHOOL_LEADER]),
    ]:
        with pytest.raises(NotAllowed):
            grant(quiz, enrolment, actor, minutes=5)
    with pytest.raises(NotAllowed):
        grant(make_quiz(), enrolment, administrator, minutes=5)
    assert not Accommodation.objects.exists()


def test_the_school_looks_for_a_learner_grants_and_withdraws_on_the_page(school, quiz, enrolment):
    other = classmate(enrolment, "Đặng Thị Ánh")
    address = page("accommodations", quiz, enrolment)
    text = school.get(address, {"q": "dang thi anh"}).content.decode()
    assert "Đặng Thị Ánh" in text
    assert enrolment.learner.get_full_name() not in text
    fields = {"who": other.pk, "extra_minutes": 15, "extra_attempts": 1, "reason": "Thị lực kém"}
    assert school.post(address, fields | {"reason": ""}).status_code == 422
    assert school.post(address, fields | {"extra_minutes": 0, "extra_attempts": 0}).status_code == 422
    assert school.post(address, fields).status_code == 302
    granted = Accommodation.objects.get()
    assert (granted.enrolment, granted.extra_minutes, granted.extra_attempts) == (other, 15, 1)
    assert "Thị lực kém" in school.get(address).content.decode()
    learner = browser_of(other.learner)
    own = learner.get(reverse("assessments:quiz", kwargs={"quiz_id": quiz.pk, "enrolment_id": other.pk}))
    assert own.context["time_limit"] == 45
    assert own.context["attempts_left"] == 2
    assert "Thị lực kém" not in own.content.decode()
    withdrawing = page("accommodation_withdraw", quiz, enrolment, pk=granted.pk)
    school.post(withdrawing, {"reason": ""})
    assert Accommodation.objects.standing().exists()
    school.post(withdrawing, {"reason": "Nhầm người"})
    assert not Accommodation.objects.standing().exists()
    assert "Nhầm người" in school.get(address).content.decode()


def test_the_reason_of_a_grant_stays_out_of_the_trail(quiz, enrolment, administrator):
    grant(quiz, enrolment, administrator, minutes=5, reason="Giấy khám bệnh")
    event = AuditEvent.objects.get(action="accommodation.granted")
    assert "Giấy khám bệnh" not in f"{event.data}{event.object_label}"


# --- Adding time ----------------------------------------------------------------------------------------------
def test_minutes_are_added_to_all_who_write_or_to_one_and_recorded_once(quiz, enrolment, administrator):
    other = classmate(enrolment)
    now = timezone.now()
    first, second = begin(quiz, enrolment, now=now), begin(quiz, other, now=now)
    assert extend(quiz, enrolment, administrator, now=now) == 2
    assert extend(quiz, enrolment, administrator, now=now, attempt=second, minutes=5) == 1
    for attempt, minutes in [(first, 40), (second, 45)]:
        attempt.refresh_from_db()
        assert attempt.closes_at == now + minutes * MINUTES
        assert attempt.accepts_until - attempt.closes_at == timedelta(seconds=quiz.grace_seconds)
    events = list(AuditEvent.objects.filter(action="attempt.extended").order_by("pk"))
    assert [(event.data["minutes"], event.data["attempts"]) for event in events] == [(10, 2), (5, 1)]
    assert events[0].data["reason"] == "Mất điện"


def test_a_closed_attempt_is_never_given_time(quiz, enrolment, administrator):
    attempt = sit(quiz, enrolment, right=1)
    before = Attempt.objects.filter(pk=attempt.pk).values().get()
    with pytest.raises(conduct.NobodyWriting):
        extend(quiz, enrolment, administrator)
    grant(quiz, enrolment, administrator, minutes=5)
    assert Attempt.objects.filter(pk=attempt.pk).values().get() == before


def test_an_attempt_past_its_grace_is_not_given_time_though_no_sweep_has_come(quiz, enrolment, administrator):
    attempt = begin(quiz, enrolment)
    late = attempt.accepts_until + timedelta(seconds=1)
    with pytest.raises(conduct.NobodyWriting):
        extend(quiz, enrolment, administrator, now=late)
    attempt.refresh_from_db()
    assert attempt.accepts_until < late


def test_nobody_gets_time_beyond_the_last_day_of_the_class(quiz, enrolment, administrator):
    end = run_ends_at(enrolment.run)
    attempt = begin(quiz, enrolment, now=end - 40 * MINUTES)
    assert extend(quiz, enrolment, administrator, now=end - 30 * MINUTES, minutes=30) == 1
    attempt.refresh_from_db()
    assert attempt.closes_at == end
    assert attempt.accepts_until == end + timedelta(seconds=quiz.grace_seconds)
    with pytest.raises(conduct.NobodyWriting):
        extend(quiz, enrolment, administrator, now=end - 5 * MINUTES)


def test_time_is_added_for_a_reason_in_whole_minutes_by_those_who_supervise(quiz, enrolment, administrator):
    begin(quiz, enrolment)
    with pytest.raises(conduct.ReasonNeeded):
        extend(quiz, enrolment, administrator, reason="")
    for minutes in (0, -10, 601):
        with pytest.raises(conduct.BadAmount):
            extend(quiz, enrolment, administrator, minutes=minutes)
    trainer = make_person(roles=[Role.TRAINER])
    with pytest.raises(NotAllowed):
        extend(quiz, enrolment, trainer)
    RunTrainer.objects.create(run=enrolment.run, person=trainer)
    assert extend(quiz, enrolment, trainer) == 1


# --- Messages -------------------------------------------------------------------------------------------------
def clock_of(attempt) -> dict:
    address = reverse("assessments:clock", kwargs={"public_id": attempt.public_id})
    return browser_of(attempt.enrolment.learner).get(address).json()


def test_messages_reach_those_they_are_for_through_the_clock(school, quiz, enrolment):
    other = classmate(enrolment)
    first, second = begin(quiz, enrolment), begin(quiz, other)
    address = page("conduct_send", quiz, enrolment)
    school.post(address, {"text": "Còn mười lăm phút."})
    school.post(address, {"text": "Mời anh xem lại câu 2.", "attempt": first.public_id})
    school.post(address, {"text": " "})
    assert [message["text"] for message in clock_of(first)["messages"]] == [
        "Còn mười lăm phút.",
        "Mời anh xem lại câu 2.",
    ]
    assert [message["text"] for message in clock_of(second)["messages"]] == ["Còn mười lăm phút."]
    late = begin(quiz, classmate(enrolment, "Người Đến Muộn"))
    assert clock_of(late)["messages"] == []
    assert ExamMessage.objects.count() == 2
    assert AuditEvent.objects.filter(action="exam_message.sent").count() == 2


def test_nobody_is_written_to_when_nobody_writes(school, quiz, enrolment):
    response = school.post(page("conduct_send", quiz, enrolment), {"text": "Xin chào"}, follow=True)
    assert not ExamMessage.objects.exists()
    assert str(conduct.NobodyWriting.message) in response.content.decode()


# --- Ending ---------------------------------------------------------------------------------------------------
def test_ending_hands_in_and_scores_what_was_saved_and_says_who_did_it(quiz, enrolment, administrator):
    other = classmate(enrolment)
    first, second = begin(quiz, enrolment), begin(quiz, other)
    for position in (1, 2, 3):
        answer(first, position, right=True)
    assert stop(quiz, enrolment, administrator) == 2
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.score, first.passed, second.score) == (3, True, 0)
    assert (first.stopped_by, first.submitted_by_clock, first.stop_reason) == (
        administrator,
        False,
        "Sơ tán phòng thi",
    )
    assert recompute_score(first) == first.score
    assert CriterionResult.objects.filter(enrolment=enrolment).exists()
    events = AuditEvent.objects.filter(action="attempt.stopped", actor=administrator)
    assert events.count() == 2
    assert events.first().data["reason"] == "Sơ tán phòng thi"
    assert not AuditEvent.objects.filter(action="attempt.submitted").exists()
    with pytest.raises(AttemptClosed):
        answer(first, 4, right=True)
    with pytest.raises(conduct.NobodyWriting):
        stop(quiz, enrolment, administrator)


def test_one_is_ended_and_the_other_goes_on(school, quiz, enrolment):
    other = classmate(enrolment)
    first, second = begin(quiz, enrolment), begin(quiz, other)
    address = page("conduct_stop", quiz, enrolment)
    school.post(address, {"attempt": first.public_id, "reason": ""})
    assert Attempt.objects.open().count() == 2
    school.post(address, {"attempt": first.public_id, "reason": "Trao đổi bài"})
    assert list(Attempt.objects.open()) == [second]
    result = reverse("assessments:result", kwargs={"public_id": first.public_id})
    assert "Trao đổi bài" in browser_of(enrolment.learner).get(result).content.decode()
    elsewhere = begin(quiz, make_learner_of(quiz))
    assert school.post(address, {"attempt": elsewhere.public_id, "reason": "Nhầm"}).status_code == 404
    assert school.post(address, {"attempt": "x", "reason": "Nhầm"}).status_code == 404
    elsewhere.refresh_from_db()
    assert elsewhere.is_open


def test_what_the_learner_handed_in_or_the_clock_closed_is_not_called_ended(quiz, enrolment, administrator):
    attempt = begin(quiz, enrolment)
    late = attempt.accepts_until + timedelta(minutes=1)
    with pytest.raises(conduct.NobodyWriting):
        stop(quiz, enrolment, administrator, now=late)
    closed = submit_attempt(attempt=attempt, actor=administrator, now=late, stop_reason="Muộn")
    assert (closed.stopped_by, closed.submitted_by_clock) == (None, True)
    assert closed.submitted_at == attempt.accepts_until


def test_only_supervisors_end_an_attempt(quiz, enrolment):
    attempt = begin(quiz, enrolment)
    for actor in [enrolment.learner, make_person(roles=[Role.TRAINER])]:
        with pytest.raises(NotAllowed):
            stop(quiz, enrolment, actor)
        with pytest.raises(NotAllowed):
            submit_attempt(attempt=attempt, actor=actor, now=timezone.now(), stop_reason="x")


def test_the_sweep_leaves_open_what_was_given_time_after_it_looked(
    quiz, enrolment, administrator, monkeypatch
):
    attempt = begin(quiz, enrolment)
    late = attempt.accepts_until + timedelta(seconds=1)
    overdue = list(Attempt.objects.past_deadline(now=late))
    assert overdue == [attempt]
    extend(quiz, enrolment, administrator, now=attempt.closes_at)
    assert submit_attempt(attempt=overdue[0], actor=None, now=late).is_open
    assert close_overdue_attempts(now=late) == 0


# --- The live page --------------------------------------------------------------------------------------------
def test_the_live_page_tells_who_waits_writes_idles_and_is_done(school, quiz, enrolment):
    now = timezone.now()
    idle = classmate(enrolment, "Người Ngồi Im")
    done = classmate(enrolment, "Người Nộp Bài")
    waiting = classmate(enrolment, "Người Chưa Vào")
    writing = begin(quiz, enrolment)
    answer(writing, 1, right=True)
    begin(quiz, idle, now=now - IDLE_AFTER - MINUTES)
    sit(quiz, done, right=4)
    response = school.get(page("conduct", quiz, enrolment))
    assert response.context["figures"] == {"waiting": 1, "writing": 2, "idle": 1, "done": 1}
    rows = {row.pk: row for row in response.context["page_obj"]}
    assert (rows[enrolment.pk].progress.answered, rows[enrolment.pk].progress.questions) == (1, 4)

    def shown(state: str) -> set[int]:
        found = school.get(page("conduct", quiz, enrolment), {"state": state}).context["page_obj"]
        return {row.pk for row in found}

    assert shown("waiting") == {waiting.pk}
    assert shown("writing") == {enrolment.pk, idle.pk}
    assert shown("idle") == {idle.pk}
    assert shown("done") == {done.pk}
    assert len(shown("x")) == 4
    found = school.get(page("conduct", quiz, enrolment), {"q": "ngoi im"}).context["page_obj"]
    assert [row.pk for row in found] == [idle.pk]


def test_the_live_page_takes_the_same_queries_for_two_learners_and_for_twenty(
    school, quiz, enrolment, django_assert_max_num_queries
):
    begin(quiz, enrolment)
    for count in (1, 18):
        for number in range(count):
            begin(quiz, classmate(enrolment, f"Học Viên {number}"))
        school.get(page("conduct", quiz, enrolment))
        with django_assert_max_num_queries(22):
            school.get(page("conduct", quiz, enrolment))
        with django_assert_max_num_queries(22):
            school.get(page("accommodations", quiz, enrolment))


def test_the_page_of_one_attempt_adds_time_to_it_alone(school, quiz, enrolment):
    other = classmate(enrolment)
    first, second = begin(quiz, enrolment), begin(quiz, other)
    address = page("conduct_attempt", quiz, enrolment, public_id=first.public_id)
    assert str(first.public_id) in school.get(address).content.decode()
    fields = {"attempt": first.public_id, "minutes": 10, "reason": "Máy hỏng"}
    assert school.post(page("conduct_extend", quiz, enrolment), fields).url == address
    school.post(page("conduct_extend", quiz, enrolment), fields | {"minutes": "x"})
    ends = {row.pk: row.closes_at for row in Attempt.objects.all()}
    assert ends == {first.pk: first.closes_at + 10 * MINUTES, second.pk: second.closes_at}
    stop(quiz, enrolment, make_person(roles=[Role.SCHOOL_ADMINISTRATOR]), attempt=first)
    assert "conduct_extend" not in school.get(address).content.decode()

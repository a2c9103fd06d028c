"""Papers drawn ahead: nobody's attempt until Start is pressed, and then one write."""

import io
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import Attempt, AttemptQuestion, Question, Quiz
from assessments.services import attempts as services
from assessments.services.attempts import start_attempt
from assessments.services.preparing import prepare_attempts, prepare_scheduled
from assessments.tasks import prepare_scheduled_quizzes_task
from courses.models import Enrolment, RunTrainer
from lms.core.models import AuditEvent
from lms.organisations.models import Role
from tests.factories.assessments import (
    begin,
    make_learner_of,
    make_question,
    make_quiz,
)
from tests.factories.courses import make_enrolment, make_run
from tests.factories.organisations import make_person, make_unit

from .test_races import together

NOW = timezone.now()
pytestmark = pytest.mark.django_db


def scheduled(quiz: Quiz, *, opens_at=NOW + timedelta(minutes=40), **fields) -> Quiz:
    Quiz.objects.filter(pk=quiz.pk).update(opens_at=opens_at, **fields)
    return Quiz.objects.select_related("module").get(pk=quiz.pk)


@pytest.fixture
def quiz():
    return make_quiz(singles=4, multiples=2)


@pytest.fixture
def enrolment(quiz):
    return make_learner_of(quiz)


def start(quiz, enrolment, now=NOW) -> Attempt:
    quiz = Quiz.objects.select_related("module").get(pk=quiz.pk)
    return start_attempt(quiz=quiz, enrolment=enrolment, actor=enrolment.learner, now=now)


def drawn(attempt: Attempt) -> list[tuple]:
    return list(
        AttemptQuestion.objects.filter(attempt=attempt)
        .order_by("position")
        .values_list("version", "choice_order", "max_mark")
    )


# --- Who gets one ---------------------------------------------------------------------------------------------
def test_the_clock_prepares_what_opens_within_the_hour_and_nothing_twice(quiz, enrolment):
    scheduled(quiz)
    scheduled(make_quiz(), opens_at=NOW + timedelta(hours=3))
    assert prepare_scheduled(now=NOW) == 1 and prepare_scheduled(now=NOW) == 0
    assert prepare_scheduled_quizzes_task() == 0
    prepared = Attempt.prepared.get()
    assert (prepared.enrolment_id, prepared.number, prepared.started_at) == (enrolment.pk, 0, None)
    assert len(drawn(prepared)) == 6


def test_only_who_may_sit_it_then_gets_a_paper(quiz, enrolment):
    run = enrolment.run
    withdrawn = make_enrolment(run=run, state=Enrolment.State.WITHDRAWN)
    writing = make_enrolment(run=run, state=Enrolment.State.IN_PROGRESS)
    begin(quiz, writing)
    used_up = make_enrolment(run=run, state=Enrolment.State.IN_PROGRESS)
    Quiz.objects.filter(pk=quiz.pk).update(max_attempts=1)
    services.submit_attempt(attempt=begin(quiz, used_up), actor=used_up.learner, now=timezone.now())
    later = make_enrolment(
        run=make_run(course=run.course, opens_on=timezone.localdate() + timedelta(days=9)),
        state=Enrolment.State.ENROLLED,
    )
    elsewhere = make_learner_of(make_quiz())
    assert prepare_scheduled(now=NOW) == 0  # no start is fixed
    scheduled(quiz)
    prepare_scheduled(now=NOW)
    got = set(Attempt.prepared.values_list("enrolment", flat=True))
    assert got == {enrolment.pk}
    assert not got & {one.pk for one in (withdrawn, writing, used_up, later, elsewhere)}


def test_a_class_costs_a_few_queries_whatever_its_size(quiz, enrolment):
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            prepare_attempts(quiz=Quiz.objects.get(pk=quiz.pk), now=NOW)
        return len(captured)

    one = cost()
    for _ in range(30):
        make_enrolment(run=enrolment.run, state=Enrolment.State.IN_PROGRESS)
    # SQLite takes a limited number of values in a statement, so the rows go in by several.
    assert cost() <= one + 3
    assert Attempt.prepared.count() == 31


def test_learners_get_different_papers_of_the_same_questions(quiz, enrolment):
    for _ in range(7):
        make_enrolment(run=enrolment.run, state=Enrolment.State.IN_PROGRESS)
    prepare_attempts(quiz=quiz, now=NOW)
    papers = [drawn(attempt) for attempt in Attempt.prepared.all()]
    assert len({str(paper) for paper in papers}) > 1
    assert {frozenset(version for version, _order, _mark in paper) for paper in papers} == {
        frozenset(version for version, _order, _mark in papers[0])
    }


# --- Start ----------------------------------------------------------------------------------------------------
def writes(captured) -> list[str]:
    return [q["sql"] for q in captured if q["sql"].split(" ", 1)[0] in ("INSERT", "UPDATE", "DELETE")]


def test_start_takes_the_prepared_paper_by_one_write_and_its_event(quiz, enrolment):
    prepare_attempts(quiz=quiz, now=NOW)
    before = drawn(Attempt.prepared.get())
    with CaptureQueriesContext(connection) as captured:
        attempt = start(quiz, enrolment)
    update, event = writes(captured)
    assert update.startswith("UPDATE") and "audit" in event
    attempt.refresh_from_db()
    assert (attempt.state, attempt.number, attempt.started_at) == ("in_progress", 1, NOW)
    assert attempt.closes_at == NOW + timedelta(minutes=quiz.time_limit_minutes)
    assert drawn(attempt) == before and attempt.max_score == 6
    assert not Attempt.prepared.exists()
    assert AuditEvent.objects.get(action="attempt.started").data["prepared"] is True


def test_the_rules_of_the_start_hold_for_who_has_a_paper_prepared(quiz, enrolment):
    quiz = scheduled(quiz)
    prepare_scheduled(now=NOW)
    with pytest.raises(services.DomainError):
        start(quiz, enrolment)
    attempt = start(quiz, enrolment, now=NOW + timedelta(minutes=41))
    assert attempt.closes_at == NOW + timedelta(minutes=41 + quiz.time_limit_minutes)


def retire_one(quiz: Quiz) -> None:
    Question.objects.filter(pk=drawn_question().pk).update(status=Question.Status.RETIRED)


def drawn_question() -> Question:
    return Question.objects.get(pk=Attempt.prepared.get().questions.first().version.question_id)


def write_anew(quiz: Quiz) -> None:
    asked = drawn_question()
    make_question(asked.category, code=asked.code, stem="Câu hỏi đã sửa?")


@pytest.mark.parametrize(
    "change",
    [
        retire_one,
        write_anew,
        lambda quiz: quiz.draws.update(mark=2),
        lambda quiz: Quiz.objects.update(penalty_percent=50),
        lambda quiz: Quiz.objects.update(pass_percent=90),
    ],
    ids=["retired question", "new version", "other marks", "penalty", "pass mark"],
)
def test_a_paper_drawn_before_a_change_is_drawn_anew(change):
    quiz = make_quiz(singles=6, multiples=0)
    quiz.draws.update(count=5)
    enrolment = make_learner_of(quiz)
    prepare_attempts(quiz=Quiz.objects.get(pk=quiz.pk), now=NOW)
    stale = Attempt.prepared.get()
    change(quiz)
    attempt = start(quiz, enrolment)
    assert attempt.pk != stale.pk and not Attempt.prepared.exists()
    versions = AttemptQuestion.objects.filter(attempt=attempt).select_related("version__question")
    assert all(row.version.question.current_version_id == row.version_id for row in versions)
    assert attempt.questions.count() == 5 and attempt.max_score in (5, 10)


def test_the_next_look_draws_anew_what_went_stale(quiz, enrolment):
    scheduled(quiz)
    prepare_scheduled(now=NOW)
    stale = Attempt.prepared.get()
    write_anew(quiz)
    assert prepare_scheduled(now=NOW) == 1
    assert Attempt.prepared.get().pk != stale.pk


@pytest.mark.parametrize(
    "over",
    [
        lambda quiz: scheduled(quiz, closes_at=NOW + timedelta(hours=1)),
        lambda quiz: scheduled(quiz, is_active=False),
        lambda quiz: Enrolment.objects.update(state=Enrolment.State.WITHDRAWN),
    ],
    ids=["window closed", "quiz not in use", "learner withdrawn"],
)
def test_papers_nobody_came_for_are_cleared_away(quiz, enrolment, over):
    scheduled(quiz)
    prepare_scheduled(now=NOW)
    over(quiz)
    prepare_scheduled(now=NOW + timedelta(hours=2))
    assert not Attempt.prepared.exists() and not AttemptQuestion.objects.exists()


# --- Two at one moment ------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_eight_starts_and_a_clearing_at_one_moment_make_one_attempt():
    quiz = make_quiz(max_attempts=1)
    enrolment = make_learner_of(quiz)
    prepare_attempts(quiz=quiz, now=NOW)
    results = together(*[lambda: start(quiz, enrolment)] * 8, lambda: prepare_scheduled(now=NOW))
    assert [result for result in results if isinstance(result, Exception)] == []
    attempt = Attempt.objects.get()
    assert {result.pk for result in results[:8]} == {attempt.pk}
    assert attempt.questions.count() == 5 and not Attempt.prepared.exists()
    assert AuditEvent.objects.filter(action="attempt.started").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_class_prepared_by_two_at_one_moment_gets_one_paper_each():
    quiz = make_quiz()
    run = make_learner_of(quiz).run
    for _ in range(5):
        make_enrolment(run=run, state=Enrolment.State.IN_PROGRESS)
    results = together(*[lambda: prepare_attempts(quiz=Quiz.objects.get(pk=quiz.pk), now=NOW)] * 3)
    assert sum(results) == 6 and Attempt.prepared.count() == 6
    assert AttemptQuestion.objects.count() == 6 * 5


def begin_twice(quiz, enrolment, monkeypatch, *, look_again: bool) -> list[Attempt | None]:
    """Two starts that have both found the same prepared paper; each then writes."""
    found = Attempt.prepared.get()
    begun = {"state": "in_progress", "started_at": NOW, "closes_at": NOW, "accepts_until": NOW}
    rows = Attempt.prepared if look_again else Attempt._base_manager

    class Looked:
        def filter(self, **conditions):
            if "quiz" in conditions:
                return Attempt._base_manager.filter(pk=found.pk)
            return rows.filter(**conditions)

    with monkeypatch.context() as patch:
        patch.setattr(Attempt, "prepared", Looked())
        patch.setattr(services, "is_fresh", lambda attempt: True)
        return [services._begin_prepared(quiz, enrolment, begun | {"number": number}) for number in (1, 2)]


def test_a_paper_that_was_begun_is_not_begun_again(quiz, enrolment, monkeypatch):
    prepare_attempts(quiz=quiz, now=NOW)
    first, second = begin_twice(quiz, enrolment, monkeypatch, look_again=True)
    assert first and second is None
    assert Attempt.objects.get().number == 1


def test_control_without_looking_again_the_second_start_would_overwrite_the_first(
    quiz, enrolment, monkeypatch
):
    prepare_attempts(quiz=quiz, now=NOW)
    first, second = begin_twice(quiz, enrolment, monkeypatch, look_again=False)
    assert first and second
    assert Attempt.objects.get().number == 2


@pytest.mark.parametrize("fields", [{"number": 1}, {"started_at": NOW}, {"accepts_until": NOW}])
def test_the_database_keeps_numbers_and_times_from_what_nobody_began(quiz, enrolment, fields):
    prepare_attempts(quiz=quiz, now=NOW)
    with pytest.raises(IntegrityError):
        Attempt.prepared.update(**fields)


# --- It is nobody's attempt -------------------------------------------------------------------------------------
def browser_of(person) -> Client:
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def trainer(enrolment):
    person = make_person(unit=make_unit(), roles=[Role.TRAINER])
    RunTrainer.objects.create(run=enrolment.run, person=person)
    return person


def pages_of(quiz, enrolment, trainer) -> dict[str, str]:
    """Every page that counts or lists attempts, as the learner and a trainer of the class see it."""
    run = enrolment.run
    school, learner = browser_of(trainer), browser_of(enrolment.learner)
    of_quiz = {"code": run.code, "quiz_id": quiz.pk}
    addresses = {
        "quiz": (
            learner,
            reverse("assessments:quiz", kwargs={"quiz_id": quiz.pk, "enrolment_id": enrolment.pk}),
        ),
        "results": (school, reverse("assessments:results", kwargs={"code": run.code})),
        "analysis": (school, reverse("assessments:analysis", kwargs={"code": run.code}) + f"?quiz={quiz.pk}"),
        "signals": (school, reverse("assessments:signals", kwargs=of_quiz)),
        "marking": (school, reverse("assessments:marking", kwargs={"code": run.code})),
        "my course": (learner, reverse("courses:my_course", kwargs={"pk": enrolment.pk})),
    }
    pages = {}
    for name, (client, address) in addresses.items():
        response = client.get(address)
        assert response.status_code == 200, name
        pages[name] = re.sub(r"csrf[^>]*>|nonce-[^\"' ]+|\d\d:\d\d(:\d\d)?", "", response.content.decode())
    return pages


def test_no_page_tells_of_a_prepared_paper(quiz, enrolment, trainer):
    before = pages_of(quiz, enrolment, trainer)
    prepare_attempts(quiz=quiz, now=NOW)
    after = pages_of(quiz, enrolment, trainer)
    assert {name for name in before if before[name] != after[name]} == set()
    start(quiz, enrolment)
    begun = pages_of(quiz, enrolment, trainer)
    assert (
        before["quiz"] != begun["quiz"] and before["results"] != begun["results"]
    )  # the comparison can fail


def test_supervisors_see_how_many_papers_are_drawn_ahead(quiz, enrolment, trainer):
    page = reverse("assessments:conduct", kwargs={"code": enrolment.run.code, "quiz_id": quiz.pk})
    words = "1 đề đã rút sẵn"
    assert words not in browser_of(trainer).get(page).content.decode()
    prepare_attempts(quiz=quiz, now=NOW)
    shown = browser_of(trainer).get(page).content.decode()
    assert words in shown and "Chưa bắt đầu" in shown


def test_a_quiz_with_nothing_but_prepared_papers_can_be_deleted(quiz, enrolment):
    prepare_attempts(quiz=quiz, now=NOW)
    administrator = make_person(is_superuser=True, is_staff=True)
    address = reverse("wagtailsnippets_assessments_quiz:delete", args=[quiz.pk])
    assert browser_of(administrator).post(address).status_code == 302
    assert not Quiz.objects.filter(pk=quiz.pk).exists() and not AttemptQuestion.objects.exists()


# --- The command ------------------------------------------------------------------------------------------------
def said(*arguments) -> str:
    out = io.StringIO()
    call_command("prepare_attempts", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_prepares_one_class_and_says_how_many(quiz, enrolment):
    other = make_run(course=enrolment.run.course)
    make_enrolment(run=other, state=Enrolment.State.IN_PROGRESS)
    assert said("--quiz", str(quiz.pk), "--run", other.code).startswith("1 ")
    assert Attempt.prepared.get().enrolment.run_id == other.pk
    assert said("--quiz", str(quiz.pk)).startswith("1 ")
    for wrong in (["--quiz", "0"], ["--quiz", str(quiz.pk), "--run", "KHONG-CO"]):
        with pytest.raises(CommandError):
            said(*wrong)


def test_the_command_says_when_the_bank_is_too_small(quiz, enrolment):
    Question.objects.update(status=Question.Status.RETIRED)
    with pytest.raises(CommandError):
        said("--quiz", str(quiz.pk))

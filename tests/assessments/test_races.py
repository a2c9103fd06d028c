"""Two clicks, two tabs, a save beside a submit: one effect, and nothing acknowledged that the score did not see."""

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from django.db import connection
from django.utils import timezone

from assessments.models import Attempt
from assessments.services import attempts as services
from assessments.services import grading
from courses.models import CriterionResult
from lms.core.errors import DomainError
from lms.core.models import AuditEvent
from tests.factories.assessments import answer, begin, make_learner_of, make_quiz

ONE_OPEN = "one_open_attempt_per_learner_and_quiz"


def together(*actions: Callable[[], object]) -> list[object]:
    """Run all at one moment on threads; gives each one's result or exception."""
    barrier = threading.Barrier(len(actions))
    results: list[object] = [None] * len(actions)

    def run(index: int, action: Callable[[], object]) -> None:
        try:
            barrier.wait(10)
            results[index] = action()
        except Exception as error:  # noqa: BLE001  handed to the test
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@pytest.mark.django_db(transaction=True)
def test_eight_starts_at_one_moment_make_one_attempt():
    quiz = make_quiz(max_attempts=1)
    enrolment = make_learner_of(quiz)
    learner, now = enrolment.learner, timezone.now()
    start = lambda: services.start_attempt(quiz=quiz, enrolment=enrolment, actor=learner, now=now)  # noqa: E731
    results = together(*[start] * 8)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert {result.pk for result in results} == {Attempt.objects.get().pk}
    assert AuditEvent.objects.filter(action="attempt.started").count() == 1


def start_past_the_check(quiz, enrolment, monkeypatch) -> Attempt:
    """A start that looked for an open attempt a moment too early."""
    look, looks = services._open_attempt, []

    def look_too_early(*args, **kwargs):
        looks.append(1)
        return None if len(looks) == 1 else look(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(services, "_open_attempt", look_too_early)
        return services.start_attempt(
            quiz=quiz, enrolment=enrolment, actor=enrolment.learner, now=timezone.now()
        )


@pytest.mark.django_db
def test_the_database_keeps_a_second_open_attempt_out(monkeypatch):
    quiz = make_quiz()
    enrolment = make_learner_of(quiz)
    first = begin(quiz, enrolment)
    assert start_past_the_check(quiz, enrolment, monkeypatch).pk == first.pk
    assert Attempt.objects.count() == 1


@pytest.mark.django_db
def test_control_without_the_constraint_there_would_be_two_open_attempts(monkeypatch):
    quiz = make_quiz()
    enrolment = make_learner_of(quiz)
    begin(quiz, enrolment)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {ONE_OPEN}")
    start_past_the_check(quiz, enrolment, monkeypatch)
    assert Attempt.objects.open().count() == 2


@pytest.mark.django_db(transaction=True)
def test_submitting_on_four_threads_scores_and_records_once():
    quiz = make_quiz(singles=2, multiples=0)
    enrolment = make_learner_of(quiz)
    attempt = begin(quiz, enrolment)
    for position in (1, 2):
        answer(attempt, position, right=True)
    submit = lambda: services.submit_attempt(  # noqa: E731
        attempt=attempt, actor=enrolment.learner, now=timezone.now()
    )
    results = together(*[submit] * 4)
    assert {result.score for result in results} == {2}
    assert AuditEvent.objects.filter(action="attempt.submitted").count() == 1
    assert CriterionResult.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_saves_at_one_moment_the_highest_number_stays():
    quiz = make_quiz(singles=1, multiples=0)
    attempt = begin(quiz, make_learner_of(quiz))
    order = attempt.questions.get().choice_order
    learner = attempt.enrolment.learner

    def save(sequence: int) -> Callable[[], object]:
        return lambda: services.save_answer(
            attempt_id=attempt.public_id, position=1, answer={"choices": [order[sequence % 3]]},
            sequence=sequence, tab_token=attempt.tab_token, actor=learner, now=timezone.now(),
        )  # fmt: skip

    results = together(*[save(sequence) for sequence in range(1, 9)])
    assert all(isinstance(result, int | services.StaleAnswer) for result in results), results
    row = attempt.questions.get()
    assert (row.sequence, row.answer) == (8, {"choices": [order[8 % 3]]})


def submit_between_look_and_write(monkeypatch) -> Attempt:
    """A save stops between its look and its write; a submit begins and ends there."""
    quiz = make_quiz(singles=1, multiples=0)
    attempt = begin(quiz, make_learner_of(quiz))
    looked, submitted = threading.Event(), threading.Event()
    fits = services.read_answer

    def look_then_wait(*args):
        chosen = fits(*args)
        looked.set()
        submitted.wait(10)
        return chosen

    monkeypatch.setattr(services, "read_answer", look_then_wait)

    def submit() -> None:
        looked.wait(10)
        services.submit_attempt(attempt=attempt, actor=attempt.enrolment.learner, now=timezone.now())
        submitted.set()

    return save_and(submit, attempt)


def save_between_reading_and_scoring(monkeypatch) -> Attempt:
    """A submit stops after it has read the answers; a save begins there, and may end if nothing holds it."""
    quiz = make_quiz(singles=1, multiples=0)
    attempt = begin(quiz, make_learner_of(quiz))
    read, saved = threading.Event(), threading.Event()
    marks_of = grading.marks_of

    def read_then_wait(*args):
        marked = marks_of(*args)
        read.set()
        saved.wait(1)  # held by the submit, the save cannot end before it does
        return marked

    with monkeypatch.context() as patch:
        patch.setattr(grading, "marks_of", read_then_wait)
        submit = lambda: services.submit_attempt(  # noqa: E731
            attempt=attempt, actor=attempt.enrolment.learner, now=timezone.now()
        )
        return save_and(submit, attempt, after=read, then=saved)


def save_and(
    submit: Callable[[], object],
    attempt: Attempt,
    *,
    after: threading.Event | None = None,
    then: threading.Event | None = None,
) -> Attempt:
    """Submit, and save a right answer on another thread; gives the attempt as it stands then."""

    def save() -> None:
        if after:
            after.wait(10)
        with suppress(DomainError):
            answer(attempt, 1, right=True)
        if then:
            then.set()

    assert not [result for result in together(save, submit) if isinstance(result, Exception)]
    attempt.refresh_from_db()
    return attempt


@pytest.mark.django_db(transaction=True)
def test_a_save_overtaken_by_a_submit_is_refused(monkeypatch):
    attempt = submit_between_look_and_write(monkeypatch)
    assert attempt.questions.get().answer is None
    assert grading.recompute_score(attempt) == attempt.score == 0


@pytest.mark.django_db(transaction=True)
def test_control_without_the_look_in_the_write_an_acknowledged_answer_would_miss_the_score(monkeypatch):
    careless = services._STORE.replace("AND state = %(open)s", "")
    monkeypatch.setattr(services, "_STORE", careless)
    attempt = submit_between_look_and_write(monkeypatch)
    assert grading.recompute_score(attempt) != attempt.score


@pytest.mark.django_db(transaction=True)
def test_a_save_waits_for_a_submit_that_has_read_the_answers_and_is_refused(monkeypatch):
    attempt = save_between_reading_and_scoring(monkeypatch)
    assert attempt.questions.get().answer is None
    assert grading.recompute_score(attempt) == attempt.score == 0


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_an_acknowledged_answer_would_miss_the_score(monkeypatch):
    monkeypatch.setattr(services, "_STORE", services._STORE.replace("{lock}", ""))
    attempt = save_between_reading_and_scoring(monkeypatch)
    assert grading.recompute_score(attempt) != attempt.score

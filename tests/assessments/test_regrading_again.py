"""Regrading twice, half-way, beside a submit, in any order: each score recomputes, each attempt changes once."""

import threading

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from assessments.models import Attempt, Quiz
from assessments.services import attempts as sitting
from assessments.services import regrading
from assessments.services.attempts import submit_attempt
from assessments.services.regrading import Correction, KeyUnfit, correct_key, regrade
from lms.core.models import AuditEvent
from lms.organisations.models import Role
from tests.factories.assessments import begin, make_learner_of, sit
from tests.factories.organisations import make_person

from .regraded import FULL, agrees, corrected, fixed_quiz, key, other_choice, someone_of, version_at
from .test_races import together


@pytest.fixture
def quiz(db) -> Quiz:
    """Four questions in the order of the bank; half of the marks pass."""
    return fixed_quiz()


@pytest.fixture
def run(quiz):
    return make_learner_of(quiz).run


@pytest.fixture
def administrator(db):
    return make_person(roles=[Role.SCHOOL_ADMINISTRATOR])


# --- Again, half-way, and beside a submit ---------------------------------------------------------------------------------
def test_a_second_regrade_changes_nothing_and_one_that_was_stopped_goes_on(quiz, run, administrator):
    attempts = [sit(quiz, someone_of(run), right=0) for _ in range(5)]
    version = version_at(quiz, 1)
    row, _job = correct_key(
        quiz=quiz, version=version, correction=FULL, reason="Sai", actor=administrator, now=timezone.now()
    )
    for attempt in attempts[:2]:
        regrading.regrade_attempt(attempt_id=attempt.pk, correction=row, now=timezone.now())
    assert all(agrees(attempt) for attempt in attempts)  # half-way too
    assert regrade(correction=row, now=timezone.now())["changed"] == 3
    assert regrade(correction=row, now=timezone.now())["done_before"] == 5
    assert all(agrees(attempt) for attempt in attempts)
    assert AuditEvent.objects.filter(action="attempt.regraded").count() == 5


def test_the_job_of_an_older_correction_does_not_bring_it_back(quiz, run, administrator):
    attempt = sit(quiz, someone_of(run), right=0)
    version = version_at(quiz, 1)
    older, _job = correct_key(
        quiz=quiz, version=version, correction=FULL, reason="Bỏ câu", actor=administrator, now=timezone.now()
    )
    corrected(quiz, version, key(other_choice(version, 1)), administrator)
    regrade(correction=older, now=timezone.now())
    assert agrees(attempt)
    assert attempt.score == 0


def submit_and_regrade_at_once(monkeypatch, *, wait_for_the_lock: bool) -> Attempt:
    """A submit stops after it has looked for corrections; the whole regrade is asked for there."""
    quiz = fixed_quiz()
    enrolment = make_learner_of(quiz)
    attempt = begin(quiz, enrolment)
    administrator = make_person(roles=[Role.SCHOOL_ADMINISTRATOR])
    version = version_at(quiz, 1)
    looked, asked = threading.Event(), threading.Event()
    follow = sitting.follow_corrections

    def follow_then_wait(locked):
        follow(locked)
        looked.set()
        asked.wait(2)

    monkeypatch.setattr(sitting, "follow_corrections", follow_then_wait)

    def submit():
        return submit_attempt(attempt=attempt, actor=enrolment.learner, now=timezone.now())

    def correct():
        looked.wait(10)
        try:
            row, _job = correct_key(
                quiz=quiz,
                version=version,
                correction=FULL,
                reason="Sai",
                actor=administrator,
                now=timezone.now(),
            )
            open_ones = Attempt.objects.filter(pk=attempt.pk, state=Attempt.State.IN_PROGRESS).exists()
            if wait_for_the_lock or not open_ones:
                regrade(correction=row, now=timezone.now())
        finally:
            asked.set()

    results = together(submit, correct)
    assert [result for result in results if isinstance(result, Exception)] == []
    return attempt


@pytest.mark.django_db(transaction=True)
def test_an_attempt_being_handed_in_during_the_correction_is_marked_by_it_in_the_end(monkeypatch):
    attempt = submit_and_regrade_at_once(monkeypatch, wait_for_the_lock=True)
    assert agrees(attempt)
    assert (attempt.score, attempt.questions.get(position=1).mark) == (1, 1)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_control_a_regrade_that_passes_open_attempts_over_leaves_that_one_behind(monkeypatch):
    """On SQLite a submit that writes keeps every other writer out, so there is nothing to pass over."""
    attempt = submit_and_regrade_at_once(monkeypatch, wait_for_the_lock=False)
    attempt.refresh_from_db()
    assert attempt.score == 0


@pytest.mark.django_db(transaction=True)
def test_two_regrades_at_one_moment_change_each_attempt_once(administrator):
    quiz = fixed_quiz()
    run = make_learner_of(quiz).run
    attempts = [sit(quiz, someone_of(run), right=0) for _ in range(4)]
    row, _job = correct_key(
        quiz=quiz,
        version=version_at(quiz, 1),
        correction=FULL,
        reason="Sai",
        actor=administrator,
        now=timezone.now(),
    )
    results = together(*[lambda: regrade(correction=row, now=timezone.now())] * 3)
    assert sum(result["changed"] for result in results) == 4
    assert AuditEvent.objects.filter(action="attempt.regraded").count() == 4
    assert all(agrees(attempt) for attempt in attempts)


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("correct"), st.integers(1, 3), st.sets(st.integers(0, 2), max_size=3), st.booleans()
        ),
        st.tuples(st.just("full"), st.integers(1, 3), st.just(None), st.booleans()),
        st.tuples(st.just("apply"), st.integers(0, 9), st.just(None), st.just(False)),
        st.tuples(st.just("sit"), st.integers(0, 3), st.just(None), st.just(False)),
    ),
    max_size=9,
)


class AnySequenceOfCorrections(TestCase):
    @hypothesis_settings(max_examples=15)
    @given(STEPS)
    def test_every_score_recomputes_after_every_step(self, steps):
        quiz = fixed_quiz(singles=3)
        run = make_learner_of(quiz).run
        actor = make_person(roles=[Role.SCHOOL_ADMINISTRATOR])
        sit(quiz, someone_of(run), right=2)
        rows, may_have_failed = [], False
        for kind, number, picked, may_fail in steps:
            passed_before = set(Attempt.objects.filter(passed=True).values_list("pk", flat=True))
            if kind == "sit":
                sit(quiz, someone_of(run), right=number)
            elif kind == "apply" and rows:
                regrade(correction=rows[number % len(rows)], now=timezone.now())
            elif kind in ("correct", "full"):
                version = version_at(quiz, number)
                ids = [choice["id"] for choice in version.content["choices"]]
                asked = Correction(
                    policy="full" if kind == "full" else "key",
                    key=tuple(ids[index] for index in picked or ()),
                    may_fail=may_fail,
                )
                try:
                    row, _job = correct_key(
                        quiz=quiz,
                        version=version,
                        correction=asked,
                        reason="Sai",
                        actor=actor,
                        now=timezone.now(),
                    )
                except KeyUnfit:
                    continue
                rows.append(row)
                may_have_failed = may_have_failed or may_fail
            assert all(agrees(attempt) for attempt in Attempt.objects.filter(quiz=quiz))
            if not may_have_failed:
                assert passed_before <= set(Attempt.objects.filter(passed=True).values_list("pk", flat=True))

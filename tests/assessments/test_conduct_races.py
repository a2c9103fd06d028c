"""Time added, an attempt ended and an attempt handed in at one moment: what is closed never opens again."""

import threading

import pytest
from django.utils import timezone

from assessments.models import Attempt
from assessments.models.attempts import AttemptQuerySet
from assessments.services import conduct
from assessments.services.attempts import submit_attempt
from assessments.services.grading import recompute_score
from lms.core.models import AuditEvent
from lms.organisations.models import Role
from tests.factories.assessments import answer, begin, make_learner_of, make_quiz
from tests.factories.organisations import make_person

from .test_races import together


def extend_while_it_is_handed_in() -> tuple[Attempt, Attempt, list[object]]:
    """A supervisor's extension stops after it has found who writes; the learner hands in there.

    Gives the attempt as it was handed in, as it stands after the extension, and the outcomes.
    """
    attempt = begin(quiz := make_quiz(singles=1, multiples=0), make_learner_of(quiz))
    learner = attempt.enrolment.learner
    looked, closed = threading.Event(), threading.Event()
    handed_in: list[Attempt] = []
    run = attempt.enrolment.run

    class Halting(AttemptQuerySet):
        def values_list(self, *fields, **options):
            found = list(super().values_list(*fields, **options))
            looked.set()
            closed.wait(10)
            return found

    def hand_in() -> None:
        looked.wait(10)
        submit_attempt(attempt=attempt, actor=learner, now=timezone.now())
        handed_in.append(Attempt.objects.get(pk=attempt.pk))
        closed.set()

    def lengthen() -> int:
        return conduct.lengthen(
            Halting(Attempt).filter(pk=attempt.pk), minutes=10, quiz=quiz, run=run, now=timezone.now()
        )

    results = together(lengthen, hand_in)
    return handed_in[0], Attempt.objects.get(pk=attempt.pk), results


@pytest.mark.django_db(transaction=True)
def test_an_attempt_handed_in_between_the_look_and_the_update_keeps_its_end():
    before, after, results = extend_while_it_is_handed_in()
    assert results == [0, None]
    assert not after.is_open
    assert (after.closes_at, after.accepts_until) == (before.closes_at, before.accepts_until)


@pytest.mark.django_db(transaction=True)
def test_control_an_update_that_does_not_look_again_would_move_the_end_of_a_closed_attempt(monkeypatch):
    monkeypatch.setattr(AttemptQuerySet, "taking_answers", lambda self, *, now: self)
    before, after, results = extend_while_it_is_handed_in()
    assert results == [1, None]
    assert after.closes_at > before.closes_at


@pytest.mark.django_db(transaction=True)
def test_handing_in_ending_and_adding_time_at_one_moment_close_and_score_once():
    quiz = make_quiz(singles=2, multiples=0)
    attempt = begin(quiz, make_learner_of(quiz))
    answer(attempt, 1, right=True)
    learner, run = attempt.enrolment.learner, attempt.enrolment.run
    supervisor = make_person(roles=[Role.SCHOOL_ADMINISTRATOR])
    now = timezone.now()
    results = together(
        lambda: submit_attempt(attempt=attempt, actor=learner, now=now),
        lambda: conduct.stop_attempts(quiz=quiz, run=run, reason="Sơ tán", actor=supervisor, now=now),
        lambda: conduct.extend_attempts(
            quiz=quiz, run=run, minutes=10, reason="Mất điện", actor=supervisor, now=now
        ),
    )
    allowed = (Attempt, int, conduct.NobodyWriting)
    assert all(isinstance(result, allowed) for result in results), results
    attempt.refresh_from_db()
    assert not attempt.is_open
    assert attempt.score == recompute_score(attempt) == 1
    closings = AuditEvent.objects.filter(action__in=["attempt.submitted", "attempt.stopped"])
    assert [event.action for event in closings] == [
        "attempt.stopped" if attempt.stopped_by else "attempt.submitted"
    ]

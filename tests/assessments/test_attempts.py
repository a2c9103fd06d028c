"""Sitting a quiz: what starts, what is frozen, what is taken, what it scores."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from assessments.models import Attempt
from assessments.permissions import NoAttemptsLeft, NotStudying, RunNotOpen, WaitBeforeNextAttempt
from assessments.services import attempts as services
from assessments.services.banks import put_question
from assessments.services.grading import recompute_score
from assessments.services.quizzes import QuizNotReady
from courses.models import CriterionResult, Enrolment, Run
from lms.core.errors import NotAllowed
from lms.core.models import AuditEvent
from tests.factories.assessments import answer, begin, make_learner_of, make_quiz, sit

pytestmark = pytest.mark.django_db


def events(action: str) -> int:
    return AuditEvent.objects.filter(action=action).count()


def save(attempt, position=1, **changes):
    row = attempt.questions.get(position=position)
    values = {
        "attempt_id": attempt.public_id,
        "position": position,
        "answer": {"choices": row.choice_order[:1]},
        "sequence": 1,
        "tab_token": attempt.tab_token,
        "actor": attempt.enrolment.learner,
        "now": timezone.now(),
        **changes,
    }
    return services.save_answer(**values)


def stored(attempt, position=1):
    return attempt.questions.get(position=position).answer


# --- Start -------------------------------------------------------------------------------------------------
def test_an_attempt_freezes_versions_order_marks_and_deadline():
    quiz = make_quiz(time_limit_minutes=20)
    enrolment = make_learner_of(quiz)
    now = timezone.now()
    attempt = services.start_attempt(quiz=quiz, enrolment=enrolment, actor=enrolment.learner, now=now)
    rows = list(attempt.questions.select_related("version__question"))
    assert [row.position for row in rows] == [1, 2, 3, 4, 5]
    assert len({row.version_id for row in rows}) == 5
    assert attempt.max_score == 5
    assert attempt.closes_at == now + timedelta(minutes=20)
    assert attempt.accepts_until == attempt.closes_at + timedelta(seconds=quiz.grace_seconds)

    row = rows[0]
    before = row.version.content
    question = row.version.question
    put_question(
        category=question.category, code=question.code, kind="single", stem="Lời mới",
        choices=[("A", True), ("B", False)], actor=None, now=now,
    )  # fmt: skip
    row.refresh_from_db()
    assert row.version.content == before
    assert sorted(row.choice_order) == sorted(choice["id"] for choice in before["choices"])


def test_starting_twice_gives_the_same_open_attempt_and_one_event():
    quiz = make_quiz()
    enrolment = make_learner_of(quiz)
    first, second = begin(quiz, enrolment), begin(quiz, enrolment)
    assert first.pk == second.pk
    assert events("attempt.started") == 1


def test_only_the_learner_starts_saves_opens_and_submits():
    quiz = make_quiz()
    enrolment, other = make_learner_of(quiz), make_learner_of(quiz)
    now = timezone.now()
    with pytest.raises(NotAllowed):
        services.start_attempt(quiz=quiz, enrolment=enrolment, actor=other.learner, now=now)
    attempt = begin(quiz, enrolment)
    with pytest.raises(NotAllowed):
        services.open_tab(attempt=attempt, actor=other.learner, now=now)
    with pytest.raises(NotAllowed):
        services.submit_attempt(attempt=attempt, actor=other.learner, now=now)
    with pytest.raises(attempt.questions.model.DoesNotExist):
        save(attempt, actor=other.learner)


@pytest.mark.parametrize("state", ["nominated", "completed", "withdrawn", "failed", "expired"])
def test_who_does_not_study_does_not_start(state):
    quiz = make_quiz()
    enrolment = make_learner_of(quiz)
    Enrolment.objects.filter(pk=enrolment.pk).update(state=state, completed_at=timezone.now())
    enrolment.refresh_from_db()
    with pytest.raises(NotStudying):
        begin(quiz, enrolment)


def test_another_courses_quiz_is_not_started():
    with pytest.raises(NotStudying):
        begin(make_quiz(), make_learner_of(make_quiz()))


def test_a_quiz_starts_on_the_runs_days_only():
    quiz = make_quiz()
    enrolment = make_learner_of(quiz)
    now = timezone.now()
    for moment in (now - timedelta(days=40), now + timedelta(days=40)):
        with pytest.raises(RunNotOpen):
            begin(quiz, enrolment, now=moment)
    Run.objects.update(state=Run.State.FINISHED)
    enrolment.run.refresh_from_db()
    with pytest.raises(RunNotOpen):
        begin(quiz, enrolment)


def test_no_attempt_reaches_beyond_the_runs_last_day():
    quiz = make_quiz(time_limit_minutes=60)
    enrolment = make_learner_of(quiz)
    last_minute = timezone.make_aware(
        timezone.datetime.combine(enrolment.run.closes_on, timezone.datetime.max.time())
    ) - timedelta(minutes=10)
    attempt = begin(quiz, enrolment, now=last_minute)
    assert attempt.closes_at - attempt.started_at < timedelta(minutes=11)


def test_attempts_are_counted_and_end():
    quiz = make_quiz(max_attempts=2)
    enrolment = make_learner_of(quiz)
    assert [sit(quiz, enrolment, right=0).number for _ in range(2)] == [1, 2]
    with pytest.raises(NoAttemptsLeft):
        begin(quiz, enrolment)


def test_the_pause_between_attempts_is_kept():
    quiz = make_quiz(wait_minutes=30)
    enrolment = make_learner_of(quiz)
    now = timezone.now()
    sit(quiz, enrolment, right=0, now=now)
    with pytest.raises(WaitBeforeNextAttempt) as refusal:
        begin(quiz, enrolment, now=now + timedelta(minutes=29))
    assert "/" in str(refusal.value)
    assert begin(quiz, enrolment, now=now + timedelta(minutes=30)).number == 2


def test_a_bank_that_has_shrunk_refuses_the_start_and_leaves_nothing_behind():
    quiz = make_quiz()
    enrolment = make_learner_of(quiz)
    question = quiz.draws.get().category.questions.first()
    question.status = "retired"
    question.save()
    with pytest.raises(QuizNotReady):
        begin(quiz, enrolment)
    assert not Attempt.objects.exists()
    assert events("attempt.started") == 0


# --- Answers -----------------------------------------------------------------------------------------------
def test_the_newest_answer_wins_and_an_older_number_never_overwrites():
    quiz = make_quiz(singles=1, multiples=0)
    attempt = begin(quiz, make_learner_of(quiz))
    order = attempt.questions.get().choice_order
    assert save(attempt, answer={"choices": [order[0]]}, sequence=3) == 3
    with pytest.raises(services.StaleAnswer) as refusal:
        save(attempt, answer={"choices": [order[1]]}, sequence=2)
    assert refusal.value.sequence == 3
    with pytest.raises(services.StaleAnswer):
        save(attempt, answer={"choices": [order[1]]}, sequence=3)
    assert stored(attempt) == {"choices": [order[0]]}


def test_the_same_save_again_is_acknowledged_again():
    quiz = make_quiz()
    attempt = begin(quiz, make_learner_of(quiz))
    assert save(attempt, sequence=5) == save(attempt, sequence=5) == 5


def test_an_answer_may_be_taken_back():
    quiz = make_quiz()
    attempt = begin(quiz, make_learner_of(quiz))
    save(attempt, sequence=1)
    save(attempt, answer={"choices": []}, sequence=2)
    assert stored(attempt) == {"choices": []}


def test_a_tab_that_lost_the_pen_saves_nothing():
    quiz = make_quiz()
    attempt = begin(quiz, make_learner_of(quiz))
    services.open_tab(attempt=attempt, actor=attempt.enrolment.learner, now=timezone.now())
    with pytest.raises(services.StaleTab):
        save(attempt)
    assert stored(attempt) is None


def test_answers_are_taken_through_the_grace_and_not_after():
    quiz = make_quiz(time_limit_minutes=10)
    attempt = begin(quiz, make_learner_of(quiz))
    save(attempt, sequence=1, now=attempt.closes_at + timedelta(seconds=quiz.grace_seconds))
    late = attempt.accepts_until + timedelta(milliseconds=1)
    with pytest.raises(services.AttemptClosed):
        save(attempt, sequence=2, now=late)
    with pytest.raises(services.AttemptClosed):
        services.open_tab(attempt=attempt, actor=attempt.enrolment.learner, now=late)


def test_no_answer_is_taken_after_submitting():
    quiz = make_quiz()
    enrolment = make_learner_of(quiz)
    attempt = begin(quiz, enrolment)
    services.submit_attempt(attempt=attempt, actor=enrolment.learner, now=timezone.now())
    with pytest.raises(services.AttemptClosed):
        save(attempt, sequence=9)


@pytest.mark.parametrize(
    "bad",
    [None, [], "a", {"choices": "a"}, {"choices": ["khong-co"]}, {"choices": [1]}, {"choices": None}, {}],
)
def test_an_answer_that_does_not_fit_is_refused(bad):
    quiz = make_quiz()
    attempt = begin(quiz, make_learner_of(quiz))
    with pytest.raises(services.BadAnswer):
        save(attempt, answer=bad)
    assert stored(attempt) is None


def test_two_choices_do_not_fit_a_question_with_one_right_answer():
    quiz = make_quiz(singles=1, multiples=0)
    attempt = begin(quiz, make_learner_of(quiz))
    with pytest.raises(services.BadAnswer):
        save(attempt, answer={"choices": attempt.questions.get().choice_order[:2]})


@pytest.mark.parametrize("sequence", [0, -1, True, 2**31, 1.5])
def test_a_number_out_of_bounds_is_refused(sequence):
    quiz = make_quiz()
    attempt = begin(quiz, make_learner_of(quiz))
    with pytest.raises(services.BadAnswer):
        save(attempt, sequence=sequence)


def test_saving_writes_no_audit_event(django_assert_num_queries):
    quiz = make_quiz()
    attempt = begin(quiz, make_learner_of(quiz))
    order = attempt.questions.get(position=1).choice_order
    learner, before = attempt.enrolment.learner, AuditEvent.objects.count()
    values = {
        "attempt_id": attempt.public_id,
        "position": 1,
        "tab_token": attempt.tab_token,
        "actor": learner,
    }
    with django_assert_num_queries(2):
        services.save_answer(answer={"choices": order[:1]}, sequence=1, now=timezone.now(), **values)
    assert AuditEvent.objects.count() == before


# --- Submit ------------------------------------------------------------------------------------------------
def test_submitting_scores_once_and_again_gives_the_same():
    quiz = make_quiz(singles=4, multiples=0)
    enrolment = make_learner_of(quiz)
    attempt = sit(quiz, enrolment, right=3)
    assert (attempt.score, attempt.max_score, attempt.passed, attempt.percent) == (
        3,
        4,
        True,
        Decimal("75.0"),
    )
    later = timezone.now() + timedelta(minutes=5)
    again = services.submit_attempt(attempt=attempt, actor=enrolment.learner, now=later)
    assert (again.score, again.submitted_at) == (attempt.score, attempt.submitted_at)
    assert events("attempt.submitted") == 1


def test_the_score_can_be_recomputed_from_the_stored_answers():
    quiz = make_quiz(singles=3, multiples=3)
    for right in range(7):
        attempt = sit(quiz, make_learner_of(quiz), right=right)
        attempt.refresh_from_db()
        assert recompute_score(attempt) == attempt.score
        assert sum(row.mark for row in attempt.questions.all()) == attempt.score


def test_a_pass_meets_the_quizs_criterion_once():
    quiz = make_quiz(singles=4, multiples=0, max_attempts=5)
    enrolment = make_learner_of(quiz)
    sit(quiz, enrolment, right=1)
    assert not CriterionResult.objects.exists()
    attempt = sit(quiz, enrolment, right=3)
    sit(quiz, enrolment, right=4)
    result = CriterionResult.objects.get()
    assert result.enrolment_id == enrolment.pk
    assert result.criterion.key == str(quiz.pk)
    assert result.evidence == f"#{attempt.number} · 75.0 %"


def test_failing_every_attempt_leaves_the_enrolment_in_progress():
    quiz = make_quiz(max_attempts=1)
    enrolment = make_learner_of(quiz)
    assert sit(quiz, enrolment, right=0).passed is False
    enrolment.refresh_from_db()
    assert enrolment.state == Enrolment.State.IN_PROGRESS


# --- The clock ---------------------------------------------------------------------------------------------
def test_the_sweep_closes_what_ran_over_with_the_answers_it_has():
    quiz = make_quiz(singles=2, multiples=0, time_limit_minutes=10)
    enrolment = make_learner_of(quiz)
    attempt = begin(quiz, enrolment)
    answer(attempt, 1, right=True)
    assert services.close_overdue_attempts(now=attempt.accepts_until) == 0
    next_day = attempt.accepts_until + timedelta(days=1)
    assert services.close_overdue_attempts(now=next_day) == 1
    assert services.close_overdue_attempts(now=next_day) == 0
    attempt.refresh_from_db()
    assert (attempt.score, attempt.submitted_by_clock) == (1, True)
    assert attempt.submitted_at == attempt.accepts_until
    event = AuditEvent.objects.get(action="attempt.submitted")
    assert (event.actor, event.at) == (None, next_day)


def test_one_attempt_that_cannot_be_closed_does_not_keep_the_others_open(monkeypatch):
    quiz = make_quiz(time_limit_minutes=10)
    first, second = (begin(quiz, make_learner_of(quiz)) for _ in range(2))
    original = services.submit_attempt

    def broken(*, attempt, **rest):
        if attempt.pk == first.pk:
            raise services.AttemptClosed
        return original(attempt=attempt, **rest)

    monkeypatch.setattr(services, "submit_attempt", broken)
    assert services.close_overdue_attempts(now=second.accepts_until + timedelta(seconds=1)) == 1


def test_starting_again_closes_the_attempt_that_ran_over_first():
    quiz = make_quiz(time_limit_minutes=10, max_attempts=2)
    enrolment = make_learner_of(quiz)
    first = begin(quiz, enrolment)
    second = begin(quiz, enrolment, now=first.accepts_until + timedelta(minutes=1))
    first.refresh_from_db()
    assert (first.state, second.number) == (Attempt.State.GRADED, 2)

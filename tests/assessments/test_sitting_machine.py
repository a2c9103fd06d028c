"""Random interleavings of one learner's sittings: two tabs, the clock, the sweep, hand-ins, late and repeated answers, a
supervisor who adds time and ends attempts.

After every step: what was acknowledged is what is stored, nothing is written after the end, at most one attempt is open, a
closed one never opens again and its end never moves, a score is what the stored answers earn and never changes, and no key
has left the server.
"""

import json
from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from assessments.models import Attempt, Quiz
from assessments.permissions import run_ends_at
from assessments.services import conduct
from assessments.services.attempts import close_overdue_attempts
from assessments.services.grading import recompute_score
from assessments.services.preparing import prepare_attempts
from assessments.services.quizzes import put_quiz
from lms.organisations.models import Role
from tests.factories.assessments import SINGLE, make_category, make_learner_of, make_question
from tests.factories.courses import make_course
from tests.factories.organisations import make_person

SECRET = "MẬT-MÃ-ĐÚNG"
POSITIONS = [1, 2, 3]
TABS = [0, 1]
# Of a question with choices the number of one, of a written one what is typed.
ANSWERS = st.sampled_from(["first", "second", "nothing"])


def build_quiz() -> Quiz:
    category = make_category()
    for _ in range(2):
        make_question(category, choices=SINGLE)
    make_question(category, kind="short", choices=[(SECRET, True)])
    module = make_course(modules=1, lessons=1).get_children().get().specific
    return put_quiz(
        module=module, title="Bài", draws=[(category, "", 3)], max_attempts=4, actor=None, now=timezone.now()
    )


class Sittings(RuleBasedStateMachine):
    quiz: Quiz

    def __init__(self) -> None:
        super().__init__()
        self.kept_open = transaction.atomic()
        self.kept_open.__enter__()
        self.now: datetime = timezone.now()
        self.clock = patch("django.utils.timezone.now", lambda: self.now)
        self.clock.start()
        self.enrolment = make_learner_of(self.quiz)
        self.supervisor = make_person(roles=[Role.SCHOOL_ADMINISTRATOR])
        self.client = Client()
        self.client.force_login(self.enrolment.learner, backend=django_settings.AUTHENTICATION_BACKENDS[0])
        self.pens: dict[int, str] = {}  # tab → the token it holds
        self.newest_pen = ""
        self.acknowledged: dict[tuple[int, int], tuple[int, dict]] = {}
        self.scores: dict[int, tuple] = {}
        self.closed: set[int] = set()

    def teardown(self) -> None:
        self.clock.stop()
        transaction.set_rollback(True)
        self.kept_open.__exit__(None, None, None)

    # --- what the learner and the world do ----------------------------------------------------------------

    def current(self) -> Attempt | None:
        return Attempt.objects.filter(enrolment=self.enrolment).order_by("-number").first()

    def post(self, name: str, data: dict | None = None, **kwargs):
        response = self.client.post(reverse(f"assessments:{name}", kwargs=kwargs), data or {})
        assert SECRET not in response.content.decode()
        return response

    @rule()
    def start(self) -> None:
        before = Attempt.objects.filter(enrolment=self.enrolment).count()
        open_before = self.still_open()
        self.post("start", quiz_id=self.quiz.pk, enrolment_id=self.enrolment.pk)
        after = Attempt.objects.filter(enrolment=self.enrolment).count()
        assert after == before if open_before or before == self.quiz.max_attempts else before + 1
        if after > before:
            self.newest_pen = ""

    @rule()
    def papers_are_drawn_ahead(self) -> None:
        before = self.current()
        prepare_attempts(quiz=self.quiz, run=self.enrolment.run, now=self.now)
        assert self.current() == before
        assert Attempt.prepared.filter(enrolment=self.enrolment).count() <= 1

    def still_open(self) -> bool:
        attempt = self.current()
        return bool(attempt and attempt.is_open and self.now <= attempt.accepts_until)

    @precondition(lambda self: self.current())
    @rule(tab=st.sampled_from(TABS))
    def take_the_pen(self, tab: int) -> None:
        response = self.post("open_tab", public_id=self.current().public_id)
        if response.status_code == 200:
            self.pens[tab] = self.newest_pen = response.json()["tab_token"]
        assert response.status_code in (200, 410)

    @precondition(lambda self: self.current() and self.pens)
    @rule(
        tab=st.sampled_from(TABS),
        position=st.sampled_from(POSITIONS),
        answer=ANSWERS,
        step=st.integers(min_value=-2, max_value=3),
    )
    def save(self, tab: int, position: int, answer: str, step: int) -> None:
        if tab not in self.pens:
            return
        attempt = self.current()
        row = attempt.questions.get(position=position)
        known, standing = self.acknowledged.get((attempt.pk, position), (0, None))
        sequence, given = max(1, known + step), self.given(row, answer)
        could_write = self.still_open() and self.pens[tab] == self.newest_pen
        response = self.post(
            "save_answer",
            {"answer": json.dumps(given), "sequence": sequence, "tab_token": self.pens[tab]},
            public_id=attempt.public_id,
            position=position,
        )
        taken = could_write and (sequence > known or (sequence == known and given == standing))
        assert (response.status_code == 200) == taken, response.content
        if taken:
            self.acknowledged[attempt.pk, position] = (sequence, given)

    @staticmethod
    def given(row, answer: str) -> dict:
        if not row.choice_order:
            return {"text": {"first": SECRET, "second": "khác", "nothing": ""}[answer]}
        number = {"first": 0, "second": 1}.get(answer)
        return {"choices": [] if number is None else [row.choice_order[number]]}

    @rule(seconds=st.sampled_from([1, 14, 60, 600, 1799, 1815, 3600]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.current())
    @rule(times=st.integers(min_value=1, max_value=2))
    def hand_in(self, times: int) -> None:
        attempt = self.current()
        for _ in range(times):
            self.post("submit", public_id=attempt.public_id)
        attempt.refresh_from_db()
        assert not attempt.is_open

    @rule(minutes=st.sampled_from([1, 10, 60]), alone=st.booleans())
    def the_supervisor_adds_time(self, minutes: int, alone: bool) -> None:
        attempt, could = self.current(), self.still_open()
        before = Attempt.objects.filter(enrolment=self.enrolment).in_bulk()
        try:
            conduct.extend_attempts(
                quiz=self.quiz,
                run=self.enrolment.run,
                attempt=attempt if alone else None,
                minutes=minutes,
                reason="Mất điện",
                actor=self.supervisor,
                now=self.now,
            )
        except conduct.NobodyWriting:
            assert not could or attempt.closes_at == run_ends_at(self.enrolment.run)
        else:
            assert could
        for pk, after in Attempt.objects.filter(enrolment=self.enrolment).in_bulk().items():
            given = after.closes_at - before[pk].closes_at
            if not could or pk != attempt.pk:
                assert given == timedelta(0)
            elif after.closes_at < run_ends_at(self.enrolment.run):
                assert given == timedelta(minutes=minutes)

    @precondition(lambda self: self.current())
    @rule()
    def the_supervisor_ends_it(self) -> None:
        attempt, could = self.current(), self.still_open()
        try:
            conduct.stop_attempts(
                quiz=self.quiz,
                run=self.enrolment.run,
                reason="Sơ tán",
                actor=self.supervisor,
                now=self.now,
            )
        except conduct.NobodyWriting:
            assert not could
        attempt.refresh_from_db()
        assert (attempt.stopped_by == self.supervisor) >= could

    @rule()
    def the_sweep_comes(self) -> None:
        close_overdue_attempts(now=self.now)
        assert not Attempt.objects.past_deadline(now=self.now).exists()

    @precondition(lambda self: self.current())
    @rule()
    def look_at_the_page(self) -> None:
        attempt = self.current()
        page = self.client.get(reverse("assessments:attempt", kwargs={"public_id": attempt.public_id}))
        if page.status_code == 200:
            own = self.acknowledged.get((attempt.pk, attempt.questions.get(choice_order=[]).position))
            shown = page.content.decode()
            assert SECRET not in shown or own[1] == {"text": SECRET}
            assert "GIẢI THÍCH" not in shown

    # --- what always holds --------------------------------------------------------------------------------

    @invariant()
    def at_most_one_attempt_is_open(self) -> None:
        assert Attempt.objects.open().filter(enrolment=self.enrolment).count() <= 1

    @invariant()
    def what_was_closed_stays_closed(self) -> None:
        open_now = set(Attempt.objects.open().filter(enrolment=self.enrolment).values_list("pk", flat=True))
        assert not self.closed & open_now
        self.closed = (
            set(Attempt.objects.filter(enrolment=self.enrolment).values_list("pk", flat=True)) - open_now
        )

    @invariant()
    def what_was_acknowledged_is_what_is_stored(self) -> None:
        for attempt in Attempt.objects.filter(enrolment=self.enrolment):
            for row in attempt.questions.all():
                sequence, answer = self.acknowledged.get((attempt.pk, row.position), (0, None))
                assert (row.sequence, row.answer) == (sequence, answer)
                assert row.saved_at is None or row.saved_at <= attempt.accepts_until

    @invariant()
    def a_score_is_what_the_answers_earn_and_never_changes(self) -> None:
        for attempt in Attempt.objects.filter(enrolment=self.enrolment, state=Attempt.State.GRADED):
            assert attempt.score == recompute_score(attempt)
            assert attempt.submitted_at <= attempt.accepts_until
            result = (
                attempt.score,
                attempt.submitted_at,
                attempt.passed,
                attempt.closes_at,
                attempt.stopped_by_id,
            )
            assert self.scores.setdefault(attempt.pk, result) == result


@pytest.mark.django_db
def test_no_interleaving_loses_an_answer_changes_a_score_or_tells_a_key():
    machine = type("SittingsOfOneQuiz", (Sittings,), {"quiz": build_quiz()})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=25, stateful_step_count=30, deadline=None)
    )


@pytest.mark.django_db
def test_the_machine_notices_an_answer_that_is_lost(monkeypatch):
    """The control: a save that is acknowledged and not stored."""
    from assessments.services import attempts

    monkeypatch.setattr(attempts, "_store", lambda *_args, **_kwargs: True)
    machine = type("SittingsThatForget", (Sittings,), {"quiz": build_quiz()})()
    try:
        machine.start()
        machine.take_the_pen(0)
        machine.save(0, 1, "first", 1)
        with pytest.raises(AssertionError):
            machine.what_was_acknowledged_is_what_is_stored()
    finally:
        machine.teardown()

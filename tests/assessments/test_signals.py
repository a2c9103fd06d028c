"""Signals for review: kept beside the answers, in small numbers, read by supervisors, decided by people."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from assessments.models import Accommodation, Attempt, AttemptSignal, ExamMessage, SignalNote
from assessments.services import conduct
from assessments.services import signals as services
from assessments.services.accommodations import grant_accommodation
from assessments.services.attempts import submit_attempt
from assessments.signal_review import alike, is_fast, sat_by
from assessments.similarity import COMMON_COUNT, FEWEST_SHARED, LEAST_SHARE, similar_pairs
from lms.core.errors import NotAllowed
from lms.core.models import AuditEvent
from lms.organisations.models import Role
from lms.users.holdings import redact_further
from tests.factories.assessments import answer, begin, make_learner_of, make_quiz
from tests.factories.courses import make_enrolment
from tests.factories.organisations import make_person


def browser_of(person, **options) -> Client:
    client = Client(**options)
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def attempt(db) -> Attempt:
    quiz = make_quiz(singles=6, multiples=0)
    return begin(quiz, make_learner_of(quiz))


@pytest.fixture
def school(db) -> Client:
    return browser_of(make_person(roles=[Role.SCHOOL_ADMINISTRATOR]))


def report(attempt, signals, *, client=None):
    address = reverse("assessments:report_signals", kwargs={"public_id": attempt.public_id})
    client = client or browser_of(attempt.enrolment.learner)
    return client.post(address, {"signals": signals if isinstance(signals, str) else json.dumps(signals)})


def page(name: str, attempt, **more) -> str:
    run, quiz = attempt.enrolment.run, attempt.quiz
    return reverse(f"assessments:{name}", kwargs={"code": run.code, "quiz_id": quiz.pk} | more)


HIDDEN = {"kind": "hidden", "seconds": 40}
PASTE = {"kind": "paste", "position": 2, "characters": 300}


# --- Reporting ------------------------------------------------------------------------------------------------
def test_the_open_page_reports_in_batches_and_supervisors_read_them_in_words(attempt, school):
    assert report(attempt, [HIDDEN, HIDDEN, PASTE]).json() == {"kept": 3}
    text = school.get(page("signals", attempt)).content.decode()
    assert attempt.enrolment.learner.get_full_name() in text
    assert "80" in text
    live = school.get(page("conduct", attempt))
    assert live.context["page_obj"][0].progress.signals == 3
    one = school.get(page("conduct_attempt", attempt, public_id=attempt.public_id))
    assert one.context["signal_count"] == 3


@pytest.mark.parametrize(
    "signals",
    [
        "",
        "{",
        "[" * 3000,
        {"kind": "hidden", "seconds": 1},
        [{"kind": "address", "from": "a", "to": "b"}],
        [{"kind": "hidden"}],
        [{"kind": "hidden", "seconds": "5"}],
        [{"kind": "hidden", "seconds": -1}],
        [{"kind": "hidden", "seconds": True}],
        [{"kind": ["hidden"], "seconds": 1}],
        [{"kind": "paste", "position": 1, "characters": 10**9}],
        [HIDDEN] * 21,
        [None],
        "x" * 5000,
    ],
)
def test_what_is_no_report_is_refused_and_nothing_is_kept(attempt, signals):
    assert report(attempt, signals).status_code == 400
    assert not AttemptSignal.objects.exists()


def test_an_attempt_keeps_so_many_signals_and_a_closed_one_none(attempt):
    for _ in range(12):
        assert report(attempt, [HIDDEN] * 20).status_code == 200
    assert attempt.signals.count() == services.MOST_PER_ATTEMPT
    submit_attempt(attempt=attempt, actor=attempt.enrolment.learner, now=timezone.now())
    AttemptSignal.objects.all().delete()
    assert report(attempt, [HIDDEN]).json() == {"kept": 0}


def test_nobody_reports_for_another(attempt):
    other = make_learner_of(attempt.quiz)
    assert report(attempt, [HIDDEN], client=browser_of(other.learner)).status_code == 404
    assert report(attempt, [HIDDEN], client=Client()).status_code == 401
    with pytest.raises(NotAllowed):
        services.report_signals(attempt=attempt, signals=[HIDDEN], actor=other.learner, now=timezone.now())
    assert not AttemptSignal.objects.exists()


def test_opening_the_attempt_from_another_address_is_a_signal(attempt):
    address = reverse("assessments:open_tab", kwargs={"public_id": attempt.public_id})
    for place in ("10.0.0.1", "10.0.0.1", "198.51.100.7"):
        browser_of(attempt.enrolment.learner, REMOTE_ADDR=place).post(address)
    signal = AttemptSignal.objects.get()
    assert (signal.kind, signal.detail) == ("address", {"from": "10.0.0.1", "to": "198.51.100.7"})


def test_learners_and_readers_do_not_see_the_page_of_signals(attempt):
    assert browser_of(attempt.enrolment.learner).get(page("signals", attempt)).status_code == 404
    leader = browser_of(make_person(roles=[Role.SCHOOL_LEADER]))
    assert leader.get(page("signals", attempt)).status_code == 403


# --- Looking and deciding -------------------------------------------------------------------------------------
def test_what_was_decided_is_noted_and_recorded_and_changes_no_result(attempt, school):
    report(attempt, [HIDDEN])
    before = Attempt.objects.filter(pk=attempt.pk).values().get()
    address = page("signal_note", attempt, public_id=attempt.public_id)
    school.post(address, {"text": " "})
    assert not SignalNote.objects.exists()
    school.post(address, {"text": "Đã hỏi: nghe điện thoại cơ quan."})
    assert "nghe điện thoại cơ quan" in school.get(page("signals", attempt)).content.decode()
    assert AuditEvent.objects.filter(action="attempt.signals_noted").count() == 1
    assert Attempt.objects.filter(pk=attempt.pk).values().get() == before
    with pytest.raises(NotAllowed):
        services.note_decision(
            attempt=attempt, quiz=make_quiz(), run=attempt.enrolment.run, text="x",
            actor=make_person(roles=[Role.SCHOOL_ADMINISTRATOR]), now=timezone.now(),
        )  # fmt: skip


def test_answers_faster_than_anybody_reads_are_shown_without_a_report(attempt, school):
    for position in range(1, 7):
        answer(attempt, position, right=True, now=attempt.started_at + timedelta(seconds=position))
    slow = begin(attempt.quiz, make_enrolment(run=attempt.enrolment.run, state="in_progress"))
    for position in range(1, 7):
        answer(slow, position, right=True, now=slow.started_at + timedelta(seconds=20 * position))
    fast = {row.pk: is_fast(row) for row in sat_by(attempt.enrolment.run, attempt.quiz)}
    assert fast == {attempt.pk: True, slow.pk: False}
    shown = school.get(page("signals", attempt)).context["page_obj"]
    assert [row.pk for row in shown] == [attempt.pk]


def test_the_page_of_signals_takes_the_same_queries_for_two_attempts_and_for_twenty(
    attempt, school, django_assert_max_num_queries
):
    for count in (1, 18):
        for _ in range(count):
            other = begin(attempt.quiz, make_enrolment(run=attempt.enrolment.run, state="in_progress"))
            report(other, [HIDDEN, PASTE])
        school.get(page("signals", attempt))
        with django_assert_max_num_queries(20):
            school.get(page("signals", attempt), {"pairs": "1"})


def test_an_erasure_empties_what_was_written_of_the_learner_and_leaves_the_result(attempt):
    administrator = make_person(roles=[Role.SCHOOL_ADMINISTRATOR])
    run, quiz, now = attempt.enrolment.run, attempt.quiz, timezone.now()
    act = {"quiz": quiz, "run": run, "actor": administrator, "now": now}
    grant_accommodation(
        enrolment=attempt.enrolment, extra_minutes=5, extra_attempts=0, reason="BÍ-MẬT-1", **act
    )
    conduct.send_message(text="BÍ-MẬT-2", attempt=attempt, **act)
    services.note_decision(text="BÍ-MẬT-3", attempt=attempt, **act)
    for place in ("10.9.8.7", "10.9.8.6"):
        attempt.refresh_from_db()
        services.note_address(attempt=attempt, address=place, actor=attempt.enrolment.learner, now=now)
    conduct.stop_attempts(reason="BÍ-MẬT-4", attempt=attempt, **act)

    def written() -> str:
        models = (Accommodation, Attempt, AttemptSignal, ExamMessage, SignalNote)
        return str([list(model.objects.values()) for model in models])

    assert all(words in written() for words in ["BÍ-MẬT-1", "BÍ-MẬT-4", "10.9.8.7"])
    score = Attempt.objects.get().score
    redact_further(attempt.enrolment.learner)
    assert not any(words in written() for words in ["BÍ-MẬT", "10.9.8."])
    assert Attempt.objects.get().score == score


# --- Equal mistakes -------------------------------------------------------------------------------------------
def mistakes(*numbers: int) -> set[tuple[int, str]]:
    return {(number, "sai") for number in numbers}


def test_two_who_share_many_mistakes_are_a_pair_and_a_third_is_not():
    wrong = {"Anh": mistakes(1, 2, 3, 4), "Bình": mistakes(1, 2, 3, 9), "Cúc": mistakes(1, 20, 30, 40)}
    (pair,) = similar_pairs(wrong)
    assert ({pair.one, pair.other}, pair.shared, pair.share) == ({"Anh", "Bình"}, 3, 0.75)


def test_the_same_question_wrong_in_another_way_is_no_equal_mistake():
    wrong = {"Anh": {(n, "a") for n in range(5)}, "Bình": {(n, "b") for n in range(5)}}
    assert similar_pairs(wrong) == []


def test_mistakes_that_many_made_pair_nobody():
    assert similar_pairs({number: mistakes(1, 2, 3, 4) for number in range(COMMON_COUNT + 1)}) == []
    assert len(similar_pairs({number: mistakes(1, 2, 3, 4) for number in range(3)})) == 3


LEARNERS = st.dictionaries(
    st.integers(0, 12), st.sets(st.tuples(st.integers(0, 6), st.sampled_from("ab"))), max_size=10
)


@given(LEARNERS)
def test_every_pair_shares_what_it_says_and_no_pair_comes_twice(wrong):
    pairs = similar_pairs(wrong)
    for pair in pairs:
        assert pair.one != pair.other
        assert FEWEST_SHARED <= pair.shared <= len(wrong[pair.one] & wrong[pair.other])
        assert LEAST_SHARE <= pair.share <= 1
    assert len({frozenset((pair.one, pair.other)) for pair in pairs}) == len(pairs)


def test_equal_mistakes_of_a_class_are_found_whatever_the_order_of_choices(attempt, school):
    others = [
        begin(attempt.quiz, make_enrolment(run=attempt.enrolment.run, state="in_progress")) for _ in range(2)
    ]
    alone = others.pop()
    for row in attempt.questions.all():
        key = row.version.content["key"]
        wrong = [choice["id"] for choice in row.version.content["choices"] if choice["id"] not in key]
        for sat, given_choices in [(attempt, wrong[:1]), (others[0], wrong[:1]), (alone, wrong[1:])]:
            place = sat.questions.get(version=row.version)
            place.answer, place.sequence, place.saved_at = {"choices": given_choices}, 1, timezone.now()
            place.save()
    for sat in [attempt, alone, *others]:
        submit_attempt(attempt=sat, actor=sat.enrolment.learner, now=timezone.now())
    ((one, other, pair),) = alike(attempt.enrolment.run, attempt.quiz)
    assert {one, other} == {attempt.enrolment, others[0].enrolment}
    assert pair.shared == 6
    assert school.get(page("signals", attempt)).context["pairs"] == []
    assert len(school.get(page("signals", attempt), {"pairs": "1"}).context["pairs"]) == 1

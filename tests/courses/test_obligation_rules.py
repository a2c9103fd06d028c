"""Days and states of obligations, in sentences."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.obligation_rules import DONE, DUE_SOON, EXEMPT, JOINED_LATE, ON_TRACK, OVERDUE, STATES, Term

STAFF_SINCE = date(2015, 1, 1)


def by_a_day(**about) -> Term:
    return Term(
        **{
            "starts_on": date(2026, 3, 1),
            "due_on": date(2026, 9, 30),
            "within_days": None,
            "newcomer_days": 90,
            **about,
        }
    )


def state(term: Term, day: date, *, joined_on: date = STAFF_SINCE, done: bool = False, exempt: bool = False):
    return term.period_of(day).state_on(day, joined_on=joined_on, done=done, exempt=exempt)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 3, 1), ON_TRACK),
        (date(2026, 8, 30), ON_TRACK),
        (date(2026, 8, 31), DUE_SOON),
        (date(2026, 9, 30), DUE_SOON),
        (date(2026, 10, 1), OVERDUE),
    ],
)
def test_it_is_due_soon_for_thirty_days_and_overdue_from_the_day_after(day, expected):
    assert state(by_a_day(), day) == expected


def test_who_is_done_is_done_even_late_and_even_exempt():
    assert state(by_a_day(), date(2027, 1, 1), done=True, exempt=True) == DONE


def test_who_is_exempt_is_never_overdue():
    assert state(by_a_day(), date(2027, 1, 1), exempt=True) == EXEMPT


def test_who_joins_shortly_before_the_day_has_a_term_of_ones_own():
    term, joined = by_a_day(), date(2026, 9, 1)
    assert term.period_of(joined).due_for(joined) == date(2026, 11, 30)
    assert state(term, date(2026, 10, 15), joined_on=joined) == JOINED_LATE
    assert state(term, date(2026, 11, 30), joined_on=joined) == JOINED_LATE
    assert state(term, date(2026, 12, 1), joined_on=joined) == OVERDUE


def test_who_joins_early_enough_shares_the_common_day():
    assert state(by_a_day(), date(2026, 10, 1), joined_on=date(2026, 7, 2)) == OVERDUE


def test_a_term_in_days_runs_from_the_start_for_the_staff_and_from_the_posting_for_newcomers():
    term = by_a_day(due_on=None, within_days=60)
    assert term.period_of(date(2026, 4, 1)).due_for(STAFF_SINCE) == date(2026, 4, 30)
    assert state(term, date(2026, 5, 1)) == OVERDUE
    assert state(term, date(2026, 5, 1), joined_on=date(2026, 4, 20)) == ON_TRACK
    assert state(term, date(2026, 5, 20), joined_on=date(2026, 4, 20)) == DUE_SOON
    assert state(term, date(2026, 6, 20), joined_on=date(2026, 4, 20)) == OVERDUE


def test_a_yearly_one_begins_anew_with_the_year():
    term = by_a_day(yearly=True)
    assert state(term, date(2026, 12, 31)) == OVERDUE
    assert state(term, date(2027, 1, 1)) == ON_TRACK
    following = term.period_of(date(2027, 1, 1))
    assert (following.begins_on, following.due_on) == (date(2027, 1, 1), date(2027, 9, 30))
    assert not following.counts(date(2026, 12, 31))
    assert following.counts(date(2027, 1, 1))


def test_the_29th_of_february_is_the_28th_in_other_years():
    term = by_a_day(starts_on=date(2028, 1, 1), due_on=date(2028, 2, 29), yearly=True)
    assert term.period_of(date(2029, 1, 5)).due_on == date(2029, 2, 28)


def test_it_holds_from_its_first_day_up_to_the_day_it_ends():
    term = by_a_day(ends_on=date(2026, 12, 1))
    assert not term.holds_on(date(2026, 2, 28))
    assert term.holds_on(date(2026, 3, 1))
    assert term.holds_on(date(2026, 11, 30))
    assert not term.holds_on(date(2026, 12, 1))


DAYS = st.dates(date(2023, 1, 1), date(2029, 12, 31))


@given(DAYS, DAYS, st.booleans(), st.booleans(), st.integers(1, 400))
def test_the_deadline_of_nobody_lies_before_the_common_one_or_before_the_day_they_came(
    day, joined, yearly, by_day, days
):
    starts = date(2024, 1, 15)
    term = Term(
        starts_on=starts,
        due_on=starts + timedelta(days=days) if by_day else None,
        within_days=None if by_day else days,
        newcomer_days=90,
        yearly=yearly,
    )
    if not term.holds_on(day):
        return
    period = term.period_of(day)
    due = period.due_for(joined)
    assert due >= (period.due_on or period.begins_on)
    if period.joins_late(joined):
        assert due > period.due_on
    assert period.state_on(day, joined_on=joined, done=False, exempt=False) in STATES

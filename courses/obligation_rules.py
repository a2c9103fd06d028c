"""When an obligation is due and in which state it is on a day. No Django here.

An obligation is one official under one requirement on one day. It is in exactly one state, the first of these that fits:

1. **done**: the course is completed, or equal training recognised (for a yearly one: within the calendar year);
2. **exempt**: an exemption holds on the day;
3. **overdue**: the own deadline has passed;
4. **joined late**: the official came when less than the newcomers' term was left to the common day, and has a deadline of
   one's own, which has not passed;
5. **due soon**: 30 days or less are left;
6. **on track**.

``joined_on`` is the first day of the unbroken time in the audience. Who leaves the audience is not counted from that day on.
"""

from dataclasses import dataclass
from datetime import date, timedelta

DONE, ON_TRACK, DUE_SOON, OVERDUE = "done", "on_track", "due_soon", "overdue"
EXEMPT, JOINED_LATE = "exempt", "joined_late"
STATES = [DONE, ON_TRACK, DUE_SOON, OVERDUE, EXEMPT, JOINED_LATE]
SOON = 30  # days


@dataclass(frozen=True)
class Term:
    """The dates of a requirement. Exactly one of ``due_on`` and ``within_days`` is given.

    ``ends_on`` is the first day it no longer holds. Of a yearly requirement ``due_on`` gives day and month, and each
    calendar year from that of ``starts_on`` on is an obligation of its own; the first year is due on ``due_on`` itself or
    the same day of ``starts_on``'s year, whichever lies after the start.
    """

    starts_on: date
    due_on: date | None
    within_days: int | None
    newcomer_days: int
    ends_on: date | None = None
    yearly: bool = False

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)

    def period_of(self, day: date) -> "Period":
        """The obligation's period that the day lies in."""
        if not self.yearly:
            return Period(
                self, begins_on=self.starts_on, due_on=self.due_on, counts_from=None, counts_to=None
            )
        first, last = date(day.year, 1, 1), date(day.year, 12, 31)
        begins_on = max(first, self.starts_on)
        due_on = None if self.due_on is None else max(begins_on, in_year(self.due_on, day.year))
        return Period(self, begins_on=begins_on, due_on=due_on, counts_from=first, counts_to=last)


def in_year(day: date, year: int) -> date:
    """The same day and month of another year; 29 February is the 28th where there is none."""
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


@dataclass(frozen=True)
class Period:
    """One round of a requirement. Completions count from ``counts_from`` to ``counts_to``, both included; None: any day."""

    term: Term
    begins_on: date
    due_on: date | None
    counts_from: date | None
    counts_to: date | None

    @property
    def late_after(self) -> date | None:
        """Who joined after this day joined late; None where everybody has a term of one's own."""
        if self.due_on is None:
            return None
        return max(self.begins_on, self.due_on - timedelta(days=self.term.newcomer_days))

    def joins_late(self, joined_on: date) -> bool:
        return self.late_after is not None and joined_on > self.late_after

    def due_for(self, joined_on: date) -> date:
        """The day by which an official who came into the audience on ``joined_on`` must have completed the course."""
        if self.due_on is None:
            return max(joined_on, self.begins_on) + timedelta(days=self.term.within_days)
        if self.joins_late(joined_on):
            return joined_on + timedelta(days=self.term.newcomer_days)
        return self.due_on

    def counts(self, done_on: date) -> bool:
        return (self.counts_from is None or self.counts_from <= done_on) and (
            self.counts_to is None or done_on <= self.counts_to
        )

    def state_on(self, day: date, *, joined_on: date, done: bool, exempt: bool) -> str:
        """One of STATES. ``done``: completed by the end of the day, within the period."""
        if done:
            return DONE
        if exempt:
            return EXEMPT
        due = self.due_for(joined_on)
        if due < day:
            return OVERDUE
        if self.joins_late(joined_on):
            return JOINED_LATE
        return DUE_SOON if due - day <= timedelta(days=SOON) else ON_TRACK

    def thresholds_on(self, day: date) -> "Thresholds":
        """``state_on`` as comparisons of ``joined_on`` with days, for a condition in SQL."""
        if self.due_on is None:
            within = timedelta(days=self.term.within_days)
            return Thresholds(
                late_after=None,
                # Those who stood in the audience when it began have the term from its beginning.
                overdue_common=self.begins_on + within < day,
                soon_common=self.begins_on + within - day <= timedelta(days=SOON),
                common_until=self.begins_on,
                overdue_if_joined_before=day - within,
                soon_if_joined_until=day - within + timedelta(days=SOON),
            )
        return Thresholds(
            late_after=self.late_after,
            overdue_common=self.due_on < day,
            soon_common=self.due_on - day <= timedelta(days=SOON),
            common_until=self.late_after,
            overdue_if_joined_before=day - timedelta(days=self.term.newcomer_days),
            soon_if_joined_until=None,
        )


@dataclass(frozen=True)
class Thresholds:
    """Who joined until ``common_until`` shares one deadline; the others have one that counts from the day they joined."""

    late_after: date | None
    overdue_common: bool
    soon_common: bool
    common_until: date
    overdue_if_joined_before: date
    soon_if_joined_until: date | None

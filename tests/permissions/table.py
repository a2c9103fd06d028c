"""The table of rights: every address, and what each person gets there.

A room lists its addresses in ``tests/<room>/permission_rows.py`` as ``ROWS``; ``test_rights.py`` fails for an address
without a row and checks every cell. People of the world (``world.py``):

- ``anonymous``
- ``learner`` sits in unit A1 (below A) and is enrolled in ``world.run``; ``other_learner`` sits in B
- ``trainer`` teaches ``world.run``; ``other_trainer`` teaches nothing here
- ``coordinator`` coordinates A; ``other_coordinator`` coordinates B
- ``administrator``, ``leader`` (school), ``reader`` (ministry), ``system_administrator``
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

PEOPLE = [
    "anonymous",
    "learner",
    "other_learner",
    "trainer",
    "other_trainer",
    "coordinator",
    "other_coordinator",
    "administrator",
    "leader",
    "reader",
    "system_administrator",
]
SIGNED_IN = PEOPLE[1:]

SIGN_IN = "sign-in"  # a redirect to the sign-in page
DONE = 302  # a redirect elsewhere: a POST that was carried out


@dataclass(frozen=True)
class Row:
    """One address with one method. ``expect`` maps a person to a status (or SIGN_IN); every person must be named.

    ``kwargs`` and ``data`` are given, or computed from the world by a function that may create what it needs.
    """

    name: str
    expect: dict[str, int | str]
    kwargs: dict[str, Any] | Callable[[Any], dict[str, Any]] = field(default_factory=dict)
    method: str = "get"
    data: dict[str, Any] | Callable[[Any], dict[str, Any]] = field(default_factory=dict)
    query: str = ""
    note: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.name} {self.note}".strip()


def everyone(status: int | str) -> dict[str, int | str]:
    return dict.fromkeys(PEOPLE, status)


def people(
    default: int | str, *, anonymous: int | str = SIGN_IN, **exceptions: int | str
) -> dict[str, int | str]:
    """``default`` for all who are signed in but those named: ``people(403, administrator=200, leader=200)``."""
    unknown = set(exceptions) - set(SIGNED_IN)
    if unknown:
        raise ValueError(f"no such people: {sorted(unknown)}")
    return {**dict.fromkeys(SIGNED_IN, default), **exceptions, "anonymous": anonymous}


CLOCK, QUEUE = "the clock", "the queue"
# Every Celery task and what starts it. No person does: what people ask for is a job, whose service asks for the right
# (``lms.core.jobs``), and its row is all the task is given.
TASKS = {
    "assessments.tasks.close_overdue_attempts": CLOCK,
    "assessments.tasks.forget_unused_files": CLOCK,
    "assessments.tasks.prepare_scheduled_quizzes": CLOCK,
    "assessments.tasks.send_survey_reminders": QUEUE,
    "lms.core.tasks.run_job": QUEUE,
    "lms.core.tasks.seal_audit_events": CLOCK,
    "lms.core.tasks.sweep_jobs": CLOCK,
    "lms.organisations.tasks.follow_postings": CLOCK,
    "lms.organisations.tasks.forget_staff_lists": CLOCK,
    "lms.organisations.tasks.sync_role_groups": CLOCK,
}

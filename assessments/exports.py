"""Results of a run's quiz as a workbook: the learners, their attempts, and the marks per question."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from courses.models import Enrolment, Run
from lms.core.spreadsheets import Sheet, write_workbook
from lms.core.templatetags.ui import day

from .models import Attempt, AttemptQuestion, Quiz


def results_workbook(
    enrolments: Iterable[Enrolment], *, run: Run, quiz: Quiz, with_questions: bool, now: datetime
) -> bytes:
    """``enrolments`` come from ``with_quiz_results``, filtered and in order; three queries, or four with the questions.

    Scores are numbers, times are times; a text that a spreadsheet would run stays a text (``lms.core.spreadsheets``).
    """
    rows = list(enrolments)
    attempts: dict[int, list[Attempt]] = defaultdict(list)
    for attempt in Attempt.objects.filter(quiz=quiz, enrolment__run=run).order_by("number"):
        attempts[attempt.enrolment_id].append(attempt)
    titles = [
        f"{quiz.display_title} – {run.display_title}",
        _("As at %(day)s") % {"day": day(timezone.localtime(now))},
    ]
    sheets = [_learners(rows, titles), _attempts(rows, attempts, titles)]
    if with_questions:
        counted = {row.pk: best for row in rows if (best := counted_attempt(attempts[row.pk])) is not None}
        sheets.append(_questions(rows, counted, titles))
    return write_workbook(sheets)


def counted_attempt(attempts: Iterable[Attempt]) -> Attempt | None:
    """The best of a learner's scored attempts, of equal ones the first."""
    scored = [attempt for attempt in attempts if attempt.score is not None]
    return max(scored, key=lambda attempt: (attempt.score, -attempt.number), default=None)


def _person(number: int, enrolment: Enrolment) -> list[Any]:
    person = enrolment.learner
    return [number, person.get_full_name(), person.staff_code, enrolment.unit.display_name]


def _person_headings() -> list[str]:
    return [_("No."), _("Full name"), _("Staff code"), _("Unit")]


def _yes_or_no(value: bool | None) -> str:
    return {True: _("yes"), False: _("no"), None: ""}[value]


def _learners(rows: list[Enrolment], titles: list[str]) -> Sheet:
    return Sheet(
        name=_("Results"),
        title_lines=titles,
        headings=[
            *_person_headings(),
            _("Position"),
            _("Score"),
            _("Maximum"),
            _("Per cent"),
            _("Number of attempts"),
            _("Last handed in"),
            _("Passed"),
        ],
        rows=[
            [
                *_person(number, row),
                row.position,
                row.counted_score,
                row.out_of,
                None if row.counted_score is None else float(row.counted_score / row.out_of),
                row.attempts_used,
                row.last_at,
                _yes_or_no(bool(row.passes) if row.attempts_used else None),
            ]
            for number, row in enumerate(rows, start=1)
        ],
        widths=[6, 28, 14, 40, 24, 10, 10, 10, 10, 17, 10],
        percent_columns=[7],
    )


def _attempts(rows: list[Enrolment], attempts: dict[int, list[Attempt]], titles: list[str]) -> Sheet:
    lines = [(row, attempt) for row in rows for attempt in attempts[row.pk]]
    return Sheet(
        name=_("Attempts"),
        title_lines=titles,
        headings=[
            *_person_headings(),
            _("Attempt"),
            _("State"),
            _("Begun at"),
            _("Handed in"),
            _("Minutes"),
            _("Closed by the clock"),
            _("Score"),
            _("Maximum"),
            _("Per cent"),
            _("Passed"),
        ],
        rows=[
            [
                *_person(number, row),
                attempt.number,
                attempt.get_state_display(),
                attempt.started_at,
                attempt.submitted_at,
                _minutes(attempt),
                _yes_or_no(attempt.submitted_by_clock if attempt.submitted_at else None),
                attempt.score,
                attempt.max_score,
                None if attempt.score is None else float(attempt.score / attempt.max_score),
                _yes_or_no(attempt.passed),
            ]
            for number, (row, attempt) in enumerate(lines, start=1)
        ],
        widths=[6, 28, 14, 40, 8, 14, 17, 17, 10, 12, 10, 10, 10, 10],
        percent_columns=[12],
    )


def _minutes(attempt: Attempt) -> float | None:
    if attempt.submitted_at is None:
        return None
    return round((attempt.submitted_at - attempt.started_at).total_seconds() / 60, 1)


def _questions(rows: list[Enrolment], counted: dict[int, Attempt], titles: list[str]) -> Sheet:
    """A column per question; empty where a learner was not asked it, which is not the same as no mark."""
    marks: dict[int, dict[tuple[str, int], Any]] = defaultdict(dict)
    found = AttemptQuestion.objects.filter(attempt__in=list(counted.values())).values_list(
        "attempt_id", "version__question__code", "version__number", "mark"
    )
    for attempt_id, code, version, mark in found:
        marks[attempt_id][code, version] = mark
    columns = sorted({column for asked in marks.values() for column in asked})
    several = {code for code, _version in columns if sum(1 for other, _v in columns if other == code) > 1}
    return Sheet(
        name=_("Marks per question"),
        title_lines=[
            *titles,
            _("Of the attempt that counts, the best one. Empty: the question was not asked."),
        ],
        headings=[
            *_person_headings(),
            _("Attempt"),
            _("Score"),
            *(f"{code} v{version}" if code in several else code for code, version in columns),
        ],
        rows=[
            [
                *_person(number, row),
                counted[row.pk].number,
                counted[row.pk].score,
                *(marks[counted[row.pk].pk].get(column) for column in columns),
            ]
            for number, row in enumerate((row for row in rows if row.pk in counted), start=1)
        ],
        widths=[6, 28, 14, 40, 8, 10, *[12] * len(columns)],
    )

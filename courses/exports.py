"""Lists of this room as workbooks. Whatever a cell holds, a spreadsheet will not run it: see ``lms.core.spreadsheets``."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from lms.core.spreadsheets import Sheet, write_workbook
from lms.core.templatetags.ui import day, state_badge

from .models import Enrolment, Run


def state_words(enrolment: Enrolment) -> str:
    return str(state_badge("overdue" if enrolment.is_overdue else enrolment.state)["label"])


def _progress(enrolment: Enrolment) -> list[Any]:
    return [
        state_words(enrolment),
        enrolment.percent / 100,
        enrolment.due_on,
        enrolment.completed_at.date() if enrolment.completed_at else None,
    ]


def _person(number: int, person, unit_name: str, position: str) -> list[Any]:
    return [number, person.get_full_name(), person.staff_code, person.email, unit_name, position]


def _person_headings() -> list[str]:
    return [_("No."), _("Full name"), _("Staff code"), _("Official e-mail"), _("Unit"), _("Position")]


def learners_workbook(enrolments: Iterable[Enrolment], *, run: Run) -> bytes:
    """One row per learner of the run, with the unit and position of the day of enrolment."""
    rows = [
        [*_person(n, row.learner, row.unit.display_name, row.position), *_progress(row), row.end_reason]
        for n, row in enumerate(enrolments, start=1)
    ]
    headings = [
        *_person_headings(),
        _("State"),
        _("Progress"),
        _("To be completed by"),
        _("Completed on"),
        _("Reason"),
    ]
    sheet = Sheet(
        name=_("Learners"),
        title_lines=[run.display_title, _made_on()],
        headings=headings,
        rows=rows,
        widths=[6, 28, 14, 34, 40, 24, 16, 10, 16, 16, 30],
        percent_columns=[7],
    )
    return write_workbook([sheet])


def staff_workbook(people: Sequence, *, unit_name: str) -> bytes:
    """One row per person and class; a person in no class has one row. ``people`` as ``courses.staff`` gives them."""
    rows: list[list[Any]] = []
    for n, person in enumerate(people, start=1):
        posting = person.posting
        head = _person(
            n, person, posting.unit.display_name if posting else "", posting.position if posting else ""
        )
        for enrolment in person.shown_enrolments or [None]:
            rows.append(
                [*head, enrolment.run.display_title, *_progress(enrolment)]
                if enrolment
                else [*head, *[None] * 5]
            )
    headings = [
        *_person_headings(),
        _("Class"),
        _("State"),
        _("Progress"),
        _("To be completed by"),
        _("Completed on"),
    ]
    sheet = Sheet(
        name=_("Staff"),
        title_lines=[unit_name, _made_on()],
        headings=headings,
        rows=rows,
        widths=[6, 28, 14, 34, 40, 24, 40, 16, 10, 16, 16],
        percent_columns=[8],
    )
    return write_workbook([sheet])


def _made_on() -> str:
    return _("As at %(day)s") % {"day": day(timezone.localdate())}

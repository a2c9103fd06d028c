"""The completion report and the lists behind it as files. The figures are those of the page, from the same rows."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from courses.models import Enrolment
from lms.core.spreadsheets import Sheet, write_csv, write_workbook

from .figures import LABELS
from .queries import FIGURES, CompletionReport, UnitRow


def headings() -> list[str]:
    names = [str(LABELS[figure]).capitalize() for figure in FIGURES]
    return [_("Code"), _("Unit"), _("Level"), *names, _("Counted in the rate"), _("Completion rate")]


def values_of(row: UnitRow) -> list[Any]:
    figures = [getattr(row, figure) for figure in FIGURES]
    return [row.unit.code, row.unit.display_name, row.depth + 1, *figures, row.denominator, row.rate]


def report_title_lines(report: CompletionReport, subject: str) -> list[str]:
    day = date_format(report.as_at, "SHORT_DATE_FORMAT")
    return [_("Training completion by unit"), subject, _("As at the end of %(day)s") % {"day": day}]


def completion_workbook(report: CompletionReport, rows: Sequence[UnitRow], *, subject: str) -> bytes:
    """The report as xlsx: what it speaks of, the day, headings, a row per unit, and the total last."""
    lines = [values_of(row) for row in rows]
    if report.total is not None and (not rows or rows[-1] is not report.total):
        lines = [line for line, row in zip(lines, rows, strict=True) if row is not report.total]
        lines.append(values_of(report.total))
    names = headings()
    return write_workbook(
        [
            Sheet(
                name=_("Completion"),
                title_lines=report_title_lines(report, subject),
                headings=names,
                rows=lines,
                widths=[14, 52, 7, *[11] * (len(names) - 3)],
                percent_columns=[len(names) - 1],
                total_row=report.total is not None,
            )
        ]
    )


def completion_csv(rows: Iterable[UnitRow]) -> bytes:
    return write_csv(headings=headings(), rows=(values_of(row) for row in rows))


def names_headings() -> list[str]:
    return [
        _("Staff code"),
        _("Full name"),
        _("Unit"),
        _("Position"),
        _("Class"),
        _("State"),
        _("Enrolled at"),
        _("To be completed by"),
        _("Completed at"),
        _("Progress"),
    ]


def values_of_enrolment(enrolment: Enrolment) -> list[Any]:
    return [
        enrolment.learner.staff_code,
        enrolment.learner.get_full_name(),
        enrolment.unit.display_name,
        enrolment.position,
        enrolment.run.display_title,
        enrolment.get_state_display(),
        enrolment.enrolled_at,
        enrolment.due_on,
        enrolment.completed_at,
        enrolment.percent / 100,
    ]


def names_workbook(enrolments: Iterable[Enrolment], *, title_lines: Sequence[str]) -> bytes:
    """A list of participations as xlsx."""
    names = names_headings()
    return write_workbook(
        [
            Sheet(
                name=_("List"),
                title_lines=title_lines,
                headings=names,
                rows=(values_of_enrolment(enrolment) for enrolment in enrolments),
                widths=[14, 28, 40, 24, 40, 14, 17, 14, 17, 9],
                percent_columns=[len(names) - 1],
            )
        ]
    )

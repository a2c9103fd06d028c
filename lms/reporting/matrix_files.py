"""The obligation matrix and the lists behind it as files. The figures are those of the page, from the same rows."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from courses.obligation_rules import DONE, DUE_SOON, EXEMPT, JOINED_LATE, ON_TRACK, OVERDUE, STATES
from lms.core.spreadsheets import Sheet, write_csv, write_workbook

from .matrix import TOTAL, Cell, Matrix, MatrixRow

LABELS = {
    DONE: pgettext_lazy("obligation", "done"),
    ON_TRACK: gettext_lazy("on track"),
    DUE_SOON: gettext_lazy("due soon"),
    OVERDUE: gettext_lazy("overdue"),
    EXEMPT: gettext_lazy("exempt"),
    JOINED_LATE: gettext_lazy("joined late"),
    TOTAL: gettext_lazy("obligations"),
}


def headings() -> list[str]:
    """A row for each unit and requirement: a sheet that can be filtered and counted further."""
    return [
        _("Code"),
        _("Unit"),
        _("Level"),
        _("Requirement code"),
        _("Requirement"),
        *(capfirst(str(LABELS[state])) for state in STATES),
        capfirst(str(LABELS[TOTAL])),
        _("Have to"),
        _("Completion rate"),
    ]


def values_of(row: MatrixRow, code: str, title: str, cell: Cell) -> list[Any]:
    return [
        row.unit.code,
        row.unit.display_name,
        row.depth + 1,
        code,
        title,
        *(getattr(cell, state) for state in STATES),
        cell.total,
        cell.denominator,
        cell.rate,
    ]


def lines_of(matrix: Matrix, rows: Iterable[MatrixRow]) -> list[list[Any]]:
    lines = []
    for row in rows:
        for requirement, cell in zip(matrix.requirements, row.cells, strict=True):
            lines.append(values_of(row, requirement.code, requirement.display_title, cell))
        if len(matrix.requirements) != 1:
            lines.append(values_of(row, "", _("All requirements"), row.whole))
    return lines


def matrix_workbook(matrix: Matrix, rows: Sequence[MatrixRow], *, subject: str) -> bytes:
    names = headings()
    day = date_format(matrix.as_at, "SHORT_DATE_FORMAT")
    return write_workbook(
        [
            Sheet(
                name=_("Obligations"),
                title_lines=[
                    _("Obligations by unit"),
                    subject,
                    _("As at the end of %(day)s") % {"day": day},
                ],
                headings=names,
                rows=lines_of(matrix, rows),
                widths=[14, 48, 7, 16, 44, *[11] * (len(names) - 5)],
                percent_columns=[len(names) - 1],
            )
        ]
    )


def matrix_csv(matrix: Matrix, rows: Iterable[MatrixRow]) -> bytes:
    return write_csv(headings=headings(), rows=lines_of(matrix, rows))


def names_workbook(rows: Iterable[dict], *, title_lines: Sequence[str]) -> bytes:
    """A list of obligations, as ``shown`` of the view gives them, as xlsx."""
    return write_workbook(
        [
            Sheet(
                name=_("List"),
                title_lines=title_lines,
                headings=[
                    _("Staff code"),
                    _("Full name"),
                    _("Unit"),
                    _("Position"),
                    _("Requirement code"),
                    _("Requirement"),
                    _("State"),
                    _("To be completed by"),
                ],
                rows=(
                    [
                        row["posting"].person.staff_code,
                        row["posting"].person.get_full_name(),
                        row["posting"].unit.display_name,
                        row["posting"].position,
                        row["code"],
                        row["requirement"].display_title,
                        str(LABELS[row["state"]]),
                        row["due_on"],
                    ]
                    for row in rows
                ),
                widths=[14, 28, 40, 24, 16, 44, 14, 14],
            )
        ]
    )

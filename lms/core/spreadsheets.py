"""Workbooks and csv for people: real types, frozen headings, no cell that a spreadsheet would run as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"

# A text beginning with one of these is run as a formula by Excel or LibreOffice (OWASP, "CSV injection").
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_CONTROL_CHARACTERS = {code: None for code in range(32) if chr(code) not in "\t\n\r"}


def safe_cell(value: Any) -> Any:
    """A value as it may stand in a cell: formulas made text, control characters dropped, times local without zone."""
    if isinstance(value, datetime):
        return timezone.make_naive(value) if timezone.is_aware(value) else value
    if value is None or isinstance(value, (bool, int, float, Decimal, date)):
        return value
    text = str(value).translate(_CONTROL_CHARACTERS)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


@dataclass(frozen=True)
class Sheet:
    """One sheet: lines above the table, headings, rows, and the widths of its columns in characters.

    ``percent_columns`` are positions (from 0) whose values are ratios shown as per cent; ``total_row`` makes the last
    row stand out.
    """

    name: str
    headings: Sequence[Any]
    rows: Iterable[Sequence[Any]]
    title_lines: Sequence[Any] = ()
    widths: Sequence[int] = ()
    percent_columns: Sequence[int] = field(default_factory=tuple)
    total_row: bool = False


def write_workbook(sheets: Sequence[Sheet]) -> bytes:
    """The sheets as an xlsx file."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for sheet in sheets:
        _write_sheet(workbook.create_sheet(sheet.name[:31]), sheet)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def _write_sheet(target, sheet: Sheet) -> None:
    for line in sheet.title_lines:
        target.append([safe_cell(line)])
    for cell in target[1] if sheet.title_lines else ():
        cell.font = Font(bold=True, size=14)
    if sheet.title_lines:
        target.append([])
    target.append([safe_cell(heading) for heading in sheet.headings])
    heading_row = target.max_row
    for cell in target[heading_row]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="EFE6D8")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    for row in sheet.rows:
        target.append([safe_cell(value) for value in row])
    for row in target.iter_rows(min_row=heading_row + 1):
        for cell in row:
            if isinstance(cell.value, datetime):
                cell.number_format = "dd/mm/yyyy hh:mm"
            elif isinstance(cell.value, date):
                cell.number_format = "dd/mm/yyyy"
            elif cell.column - 1 in sheet.percent_columns:
                cell.number_format = "0.0%"
            elif isinstance(cell.value, int):
                cell.number_format = "#,##0"
    if sheet.total_row:
        for cell in target[target.max_row]:
            cell.font = Font(bold=True)
    for index, width in enumerate(sheet.widths, start=1):
        target.column_dimensions[get_column_letter(index)].width = width
    target.freeze_panes = target.cell(row=heading_row + 1, column=1)
    target.page_setup.orientation = "landscape"
    target.page_setup.fitToWidth = 1
    target.page_setup.fitToHeight = 0
    target.sheet_properties.pageSetUpPr.fitToPage = True
    target.print_title_rows = f"{heading_row}:{heading_row}"


def write_csv(*, headings: Sequence[Any], rows: Iterable[Sequence[Any]]) -> bytes:
    """The table as csv with a byte-order mark, which Excel needs to read Vietnamese."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([safe_cell(heading) for heading in headings])
    for row in rows:
        writer.writerow([safe_cell(value) for value in row])
    return target.getvalue().encode("utf-8-sig")

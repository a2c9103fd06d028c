"""The rows that were refused, as a file."""

from collections.abc import Iterable
from pathlib import Path

from django.utils.translation import gettext as _

from lms.core.spreadsheets import Sheet, write_csv, write_workbook

from .matching import Refusal


def error_file(refused: Iterable[Refusal], *, suffix: str = ".csv") -> bytes:
    """One line per fault: row number, column, value, reason. As xlsx by its suffix, else csv."""
    headings = [_("Row"), _("Column"), _("Value"), _("Reason")]
    rows = [[refusal.row, refusal.column, refusal.value, refusal.reason] for refusal in refused]
    if suffix.lower() == ".xlsx":
        return write_workbook([Sheet(_("Refused rows"), headings, rows, widths=[8, 20, 32, 80])])
    return write_csv(headings=headings, rows=rows)


def write_error_file(refused: Iterable[Refusal], path: Path) -> None:
    path.write_bytes(error_file(refused, suffix=path.suffix))

"""The rows of a staff list, from xlsx or csv, whatever it was saved as. Raises UnreadableFile."""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from lms.core.vietnamese import fold
from lms.organisations.unit_files import UnreadableFile

from .cells import written
from .columns import COLUMNS, Places, recognise, recognise_tcvn3
from .tcvn3 import from_tcvn3

MOST_BYTES = 60 * 1024 * 1024
# A workbook of 200,000 staff rows unpacks to about 100 MB.
MOST_UNPACKED = 600 * 1024 * 1024
MOST_ROWS = 250_000
# Title rows above the header.
HEADER_WITHIN = 40
CLOSING_WORDS = ("tong", "cong:", "danh sach", "nguoi lap", "thu truong", "ghi chu")
ENCODINGS = ["utf-8", "utf-16", "cp1258", "tcvn3"]

Row = tuple[int, Sequence[Any]]  # its number as the spreadsheet shows it, its cells


@dataclass
class Table:
    """A staff list whose header has been found, or looked for in vain (``places`` None)."""

    places: Places | None
    header: list[str]
    header_number: int
    encoding: str
    height: int  # rows of the sheet, all kinds
    _rows: Iterator[Row] = field(repr=False)
    _convert: bool = False

    def rows_below(self) -> Iterator[Row]:
        """Every row below the header, blank ones too; once."""
        for number, cells in self._rows:
            if number > MOST_ROWS:
                raise UnreadableFile(_("More than %(most)d rows. Divide the file.") % {"most": MOST_ROWS})
            if self._convert:
                cells = [from_tcvn3(cell) if isinstance(cell, str) else cell for cell in cells]
            yield number, cells

    def people(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Number and cells by column heading (as ``COLUMNS`` names them) of each row that says anything; once."""
        width = max(self.places.values()) + 1
        for number, cells in self.rows_below():
            cells = [*cells, *[""] * (width - len(cells))]
            values = {column: cells[place] for column, place in self.places.items()}
            filled = {column for column, value in values.items() if written(value)}
            if not filled or filled == {"name"} and is_closing_line(written(values["name"])):
                continue
            yield number, {COLUMNS[column].column_name: value for column, value in values.items()}

    def heading_of(self, column: str) -> str:
        """The column as this file calls it."""
        place = (self.places or {}).get(column)
        return self.header[place] if place is not None else COLUMNS[column].column_name


def open_table(path: Path, *, encoding: str = "", chosen: Mapping[str, str] | None = None) -> Table:
    """Find the header and stand before the first row below it."""
    if path.stat().st_size > MOST_BYTES:
        raise UnreadableFile(_("The file is larger than %(most)d MB.") % {"most": MOST_BYTES // 2**20})
    if zipfile.is_zipfile(path):
        return _workbook_table(path, chosen=chosen)
    if path.suffix.lower() == ".xlsx":
        raise UnreadableFile(_("The workbook is damaged, or locked with a password."))
    return _csv_table(path, encoding=encoding, chosen=chosen)


def is_closing_line(text: str) -> bool:
    """Whether the text is a total or a signature below the list, not a name."""
    return fold(text).startswith(CLOSING_WORDS)


# --- Workbooks ----------------------------------------------------------------------------------------------


def _workbook_table(path: Path, *, chosen: Mapping[str, str] | None) -> Table:
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
            raise UnreadableFile(
                _("The workbook unpacks to more than %(most)d MB. Divide it.")
                % {"most": MOST_UNPACKED // 2**20}
            )
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        first: Table | None = None
        for name in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name)
            rows = enumerate(sheet.iter_rows(), start=1)
            table = _with_header(rows, encoding="xlsx", height=sheet.total_height, chosen=chosen)
            if table.places is not None:
                return table
            first = first or table
    except CalamineError as error:
        raise UnreadableFile(
            _("This is not a workbook that can be read: %(why)s") % {"why": error}
        ) from error
    if first is None:
        raise UnreadableFile(_("The workbook has no sheet."))
    return first


# --- csv ----------------------------------------------------------------------------------------------------


def _csv_table(path: Path, *, encoding: str, chosen: Mapping[str, str] | None) -> Table:
    content = path.read_bytes()
    if b"\0" in content[:4000] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFile(_("Neither xlsx nor csv. Save the list as one of them."))
    first: Table | None = None
    for name in [encoding] if encoding else _encodings_of(content):
        try:
            text = _decoded(content, name)
        except UnicodeDecodeError as error:
            if encoding:
                raise UnreadableFile(
                    _("The file is not %(encoding)s (byte %(place)d).")
                    % {"encoding": encoding, "place": error.start}
                ) from error
            continue
        rows = enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)), start=1)
        table = _with_header(rows, encoding=name, height=text.count("\n") + 1, chosen=chosen)
        if table.places is not None:
            return table
        first = first or table
    if first is None:
        raise UnreadableFile(
            _("The text is in none of the encodings known: %(known)s.") % {"known": ", ".join(ENCODINGS)}
        )
    return first


def _encodings_of(content: bytes) -> list[str]:
    """Which to try, in this order: the marks at its beginning tell, else what decodes and gives a known header."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ["utf-16"]
    if content.startswith(b"\xef\xbb\xbf"):
        return ["utf-8"]
    return ["utf-8", "cp1258", "tcvn3"]


def _decoded(content: bytes, encoding: str) -> str:
    if encoding == "tcvn3":
        return from_tcvn3(content.decode("latin-1"))
    return content.decode("utf-8-sig" if encoding == "utf-8" else encoding)


def _delimiter(text: str) -> str:
    """The sign that stands most often in the first lines."""
    head = "\n".join(text.splitlines()[:HEADER_WITHIN])
    return max([",", ";", "\t"], key=head.count)


# --- The header ---------------------------------------------------------------------------------------------


def _with_header(
    rows: Iterator[Row], *, encoding: str, height: int, chosen: Mapping[str, str] | None
) -> Table:
    head: list[Row] = []
    for number, cells in islice(rows, HEADER_WITHIN):
        head.append((number, cells))
        for convert, look in ((False, recognise), (True, recognise_tcvn3)):
            places = look(cells, chosen=chosen)
            if places is not None:
                header = [
                    written(from_tcvn3(cell) if convert and isinstance(cell, str) else cell) for cell in cells
                ]
                return Table(places, header, number, encoding, height, rows, convert)
    # The fullest of the first rows is likely to be it: shown where headings are mapped by hand.
    number, cells = max(head, key=lambda row: sum(bool(written(cell)) for cell in row[1]), default=(0, []))
    return Table(None, [written(cell) for cell in cells], number, encoding, height, rows)

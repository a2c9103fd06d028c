"""A tree of units as a file: what the export writes the import reads."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook

from lms.core.spreadsheets import Sheet, write_csv, write_workbook
from lms.core.vietnamese import fold, nfc

from .models import UnitKind
from .structure import Structure

COLUMNS = ["code", "name", "name_en", "parent_code", "kind"]
# Folded header → column; the first row that names code and name is the header.
HEADERS = {
    "code": "code", "ma": "code", "ma don vi": "code",
    "name": "name", "name vi": "name", "ten": "name", "ten don vi": "name", "don vi": "name",
    "name en": "name_en", "ten tieng anh": "name_en",
    "parent code": "parent_code", "parent": "parent_code", "ma don vi cap tren": "parent_code",
    "don vi cap tren": "parent_code", "truc thuoc": "parent_code",
    "kind": "kind", "loai": "kind", "loai don vi": "kind",
}  # fmt: skip


class UnreadableFile(Exception):
    """The file cannot be read as a tree of units; the message says what is missing."""


@dataclass(frozen=True)
class UnitRow:
    number: int  # the row in the file, from 1
    code: str
    name: str
    name_en: str
    parent_code: str
    kind: str


@dataclass(frozen=True)
class Refusal:
    row: int
    column: str
    value: str
    reason: str


@dataclass
class Reading:
    rows: list[UnitRow] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


def rows_of_structure(structure: Structure) -> Iterator[list[Any]]:
    for unit in structure.units.values():
        parent = structure.units.get(unit.parent_id)
        yield [unit.code, unit.name, unit.name_en, parent.code if parent else "", unit.kind]


def tree_csv(structure: Structure) -> bytes:
    return write_csv(headings=COLUMNS, rows=rows_of_structure(structure))


def tree_workbook(structure: Structure) -> bytes:
    return write_workbook(
        [
            Sheet(
                name=_("Units"),
                headings=COLUMNS,
                rows=rows_of_structure(structure),
                widths=[16, 60, 50, 16, 12],
            )
        ]
    )


def read_units(path: Path) -> Reading:
    """Rows of a csv (UTF-8) or xlsx file; what is wrong in a row refuses that row alone. Raises UnreadableFile."""
    cells = _xlsx_cells(path) if path.suffix.lower() == ".xlsx" else _csv_cells(path)
    reading, columns, seen = Reading(), None, set()
    for number, row in enumerate(cells, start=1):
        texts = [_text(cell) for cell in row]
        if not any(texts):
            continue
        if columns is None:
            found = {
                HEADERS.get(" ".join(fold(text).replace("_", " ").split())): place
                for place, text in enumerate(texts)
            }
            if {"code", "name"} <= found.keys():
                columns = {name: place for name, place in found.items() if name}
            continue
        values = {
            name: texts[columns[name]] if name in columns and columns[name] < len(texts) else ""
            for name in COLUMNS
        }
        fault = _fault_of(values, seen)
        if fault is not None:
            reading.refused.append(Refusal(number, fault[0], values[fault[0]], fault[1]))
            continue
        seen.add(values["code"].casefold())
        reading.rows.append(UnitRow(number, **(values | {"kind": _kind_of(values["kind"])})))
    if columns is None:
        raise UnreadableFile(
            _("No header row names the columns: %(columns)s.") % {"columns": ", ".join(COLUMNS)}
        )
    return reading


def _fault_of(values: dict[str, str], seen: set[str]) -> tuple[str, str] | None:
    if not values["code"]:
        return "code", _("The code is missing.")
    if len(values["code"]) > 32:
        return "code", _("The code is longer than 32 characters.")
    if values["code"].casefold() in seen:
        return "code", _("The code stands in an earlier row already.")
    if not values["name"]:
        return "name", _("The name is missing.")
    if len(values["name"]) > 255:
        return "name", _("The name is longer than 255 characters.")
    if _kind_of(values["kind"]) is None:
        return "kind", _("No such kind; known are: %(kinds)s.") % {"kinds": ", ".join(UnitKind.values)}
    return None


def _kind_of(text: str) -> str | None:
    """The kind by its code or its word in the reader's language, marks or no marks; a department where nothing is said."""
    if not text:
        return UnitKind.DEPARTMENT.value
    words = {fold(kind.value): kind.value for kind in UnitKind} | {
        fold(str(kind.label)): kind.value for kind in UnitKind
    }
    return words.get(fold(text))


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)  # a code typed as a number
    return nfc(str(cell))


def _csv_cells(path: Path) -> Iterator[list[str]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            _("The file is not UTF-8 (byte %(place)s). Save it as CSV UTF-8.") % {"place": error.start}
        ) from error
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    yield from csv.reader(io.StringIO(text), delimiter=delimiter)


def _xlsx_cells(path: Path) -> Iterator[tuple[Any, ...]]:
    workbook = load_workbook(path, read_only=True, data_only=True)
    try:
        yield from workbook.worksheets[0].iter_rows(values_only=True)
    finally:
        workbook.close()

"""Questions in a workbook: the template trainers fill in, and this platform's own export, which comes back as it went.

A question begins in the row that has its code or its words; the rows below with neither hold its further choices. Columns are
known by their headings in either language; kinds and levels by their names in either language or their codes.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override, pgettext_lazy
from python_calamine import CalamineError, CalamineWorkbook

from assessments.models.banks import Credit, Difficulty, Matching, QuestionKind
from assessments.question_content import Row, Words, value_of
from lms.core.spreadsheets import FORMULA_STARTS, Sheet, write_workbook
from lms.core.vietnamese import fold

from .found import FileFault, Found, QuestionFault, Refused, written

MOST_UNPACKED = 100 * 1024 * 1024  # bytes
MOST_ROWS = 50_000
LANGUAGES = ["vi", "en"]
COLUMNS = {
    "code": gettext_lazy("Code"),
    "kind": gettext_lazy("Type"),
    "difficulty": gettext_lazy("Difficulty"),
    "stem": gettext_lazy("Question"),
    "text": pgettext_lazy("question file", "Choice or answer"),
    "right": gettext_lazy("Right"),
    "match": gettext_lazy("Goes with"),
    "percent": gettext_lazy("Share of the mark, %"),
    "said": gettext_lazy("What is said of it"),
    "feedback": gettext_lazy("Explanation"),
    "matching": gettext_lazy("Written answers"),
    "credit": gettext_lazy("Several parts"),
    "tolerance": gettext_lazy("Tolerance"),
    "units": gettext_lazy("Units"),
}
NEEDED = ["kind", "stem", "text"]
WIDTHS = [16, 22, 12, 60, 40, 8, 30, 12, 30, 40, 22, 22, 10, 20]
YES = {"x", "1", "dung", "co", "true", "right", "yes"}


@dataclass(frozen=True)
class Kept:
    """A question of a bank as it goes out."""

    code: str
    difficulty: str
    words: Words
    media: dict[str, bytes] = field(default_factory=dict)


@dataclass
class _Gathered:
    """The rows of one question."""

    line: int
    cells: dict[str, str]
    rows: list[Row] = field(default_factory=list)
    fault: QuestionFault | None = None


# --- Reading ------------------------------------------------------------------------------------------------
def read(content: bytes) -> list[Found | Refused]:
    """Raises FileFault for what is no workbook or has no such headings."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
            raise FileFault(
                _("The workbook unpacks to more than %(most)d MB.") % {"most": MOST_UNPACKED // 1024 // 1024}
            )
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name)
            if sheet.total_height > MOST_ROWS:
                raise FileFault(_("The sheet has more than %(most)d rows.") % {"most": MOST_ROWS})
            rows = enumerate(sheet.iter_rows(), start=1)
            if places := _find_headings(rows):
                return list(_questions(rows, places))
    except CalamineError as fault:
        raise FileFault(_("This is not a workbook that can be read: %(why)s") % {"why": fault}) from fault
    needed = ", ".join(str(COLUMNS[name]) for name in NEEDED)
    raise FileFault(
        _("No sheet has the headings of the template. At least these are needed: %(needed)s.")
        % {"needed": needed}
    )


def _known_names(labels: dict[str, Any]) -> dict[str, str]:
    """Folded names in every language, and the codes themselves."""
    names = {fold(code): code for code in labels}
    for language in LANGUAGES:
        with override(language):
            names |= {fold(str(label)): code for code, label in labels.items()}
    return names


def _find_headings(rows: Iterator[tuple[int, list]]) -> dict[str, int]:
    names = _known_names(COLUMNS)
    for number, row in rows:
        places: dict[str, int] = {}
        for place, cell in enumerate(row):
            if column := names.get(fold(_text(cell))):
                places.setdefault(column, place)
        if all(column in places for column in NEEDED):
            return places
        if number >= 20:
            break
    return {}


def _text(cell: Any) -> str:
    """As it was meant: a number as it is written here, the sign that keeps formulas from running taken off."""
    if isinstance(cell, bool):
        return "x" if cell else ""
    if isinstance(cell, (int, float)):
        return written(Decimal(str(cell)))
    text = str(cell).strip()
    return text[1:] if text[:1] == "'" and text[1:2] and text[1:2] in (*FORMULA_STARTS, "'") else text


def _questions(rows: Iterator[tuple[int, list]], places: dict[str, int]) -> Iterator[Found | Refused]:
    open_question: _Gathered | None = None
    for line, row in rows:
        cells = {name: _text(row[place]) if place < len(row) else "" for name, place in places.items()}
        if not any(cells.values()):
            continue
        if cells.get("code") or cells["stem"]:
            if open_question:
                yield _question(open_question)
            open_question = _Gathered(line, cells)
        if open_question is None:
            yield Refused(line, gettext_lazy("A choice stands here without a question."))
            continue
        try:
            if choice := _row(cells):
                open_question.rows.append(choice)
        except QuestionFault as fault:
            open_question.fault = open_question.fault or fault
    if open_question:
        yield _question(open_question)


def _row(cells: dict[str, str]) -> Row | None:
    if not (cells["text"] or cells.get("match")):
        return None
    percent = _number(cells.get("percent", ""))
    return Row(
        cells["text"],
        fold(cells.get("right", "")) in YES,
        cells.get("match", ""),
        cells.get("said", ""),
        percent,
    )


def _number(text: str) -> Decimal | None:
    value = value_of(text) if text else None
    if text and value is None:
        raise QuestionFault(_("“%(text)s” is not a number.") % {"text": text[:40]})
    return value


def _chosen(text: str, choices: type, otherwise: str) -> str:
    """The code of a kind, level or rule by its name. Raises QuestionFault."""
    if not text:
        return otherwise
    found = _known_names(dict(choices.choices)).get(fold(text))
    if found is None:
        raise QuestionFault(_("“%(text)s” is not known here.") % {"text": text[:40]})
    return found


def _question(gathered: _Gathered) -> Found | Refused:
    cells = gathered.cells
    try:
        if gathered.fault:
            raise gathered.fault
        words = Words(
            kind=_chosen(cells["kind"], QuestionKind, QuestionKind.SINGLE),
            stem=cells["stem"],
            rows=gathered.rows,
            feedback=cells.get("feedback", ""),
            matching=_chosen(cells.get("matching", ""), Matching, Matching.CASE),
            tolerance=_number(cells.get("tolerance", "")) or Decimal(0),
            units=cells.get("units", ""),
            credit=_chosen(cells.get("credit", ""), Credit, Credit.PARTS),
        )
        difficulty = _chosen(cells.get("difficulty", ""), Difficulty, "")
    except QuestionFault as fault:
        return Refused(gathered.line, fault.reason, cells["stem"][:120])
    return Found(gathered.line, words, difficulty=difficulty, code=cells.get("code", ""), says_all=True)


# --- Writing ------------------------------------------------------------------------------------------------
def write(questions: Iterable[Kept], *, advice: Iterable[tuple[str, str]] = ()) -> bytes:
    """The workbook, in the reader's language; ``advice`` fills a second sheet: (kind, how it is written)."""
    sheets = [
        Sheet(
            name=_("Questions"),
            headings=[str(label) for label in COLUMNS.values()],
            rows=[row for question in questions for row in _rows_of(question)],
            widths=WIDTHS,
        )
    ]
    if advice:
        sheets.append(
            Sheet(
                name=_("How to fill it in"),
                headings=[_("Type"), _("How it is written")],
                rows=advice,
                widths=[24, 110],
            )
        )
    return write_workbook(sheets)


def _guarded(text: str) -> str:
    """A text that begins as a guarded one does is guarded once more, so that reading gives it back as it was."""
    return f"'{text}" if text[:1] == "'" and text[1:2] and text[1:2] in (*FORMULA_STARTS, "'") else text


def _rows_of(question: Kept) -> Iterator[list[Any]]:
    words = question.words
    first = {
        "code": question.code,
        "kind": QuestionKind(words.kind).label,
        "difficulty": Difficulty(question.difficulty).label if question.difficulty else "",
        "stem": words.stem,
        "feedback": words.feedback,
        "matching": Matching(words.matching).label if words.kind in ("short", "gaps") else "",
        "credit": Credit(words.credit).label if words.credit != Credit.PARTS else "",
        "tolerance": written(words.tolerance) if words.tolerance else "",
        "units": words.units,
    }
    for number, row in enumerate(words.rows or [Row("")]):
        cells = {
            "text": row.text,
            "right": "x" if row.is_right else "",
            "match": row.match,
            "percent": "" if row.percent is None else written(row.percent),
            "said": row.feedback,
        } | (first if number == 0 else {})
        yield [_guarded(str(cells.get(column, ""))) for column in COLUMNS]

"""The register book (sổ cấp) on paper: A4 landscape, the headings on every page, rows as high as their words need.

Drawn directly and not by way of HTML: a book has thousands of lines, and laying them out as an HTML table cost twenty
times as much and more than twice for twice the lines.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from lms.core.pdf import DEFAULT_FAMILY as FAMILY
from lms.core.pdf import drawn_pdf, face_name, text_width, wrapped_lines
from lms.core.templatetags.ui import day, long_day, number

from .headings import heading_lines, title_lines

MM = 72 / 25.4  # points
PAGE = (297 * MM, 210 * MM)
LEFT, TOP, BOTTOM = 15 * MM, 12 * MM, 14 * MM  # the left edge is where the book is bound
SIZE, LEADING = 7.5, 9.75
PAD = 1 * MM
LINE_HEIGHT = 9 * MM  # at least: a signature has to fit
HEADING_FILL, RULE = HexColor("#f3eee4"), HexColor("#555555")
SIGNATURES = 46 * MM
ROWS_PER_STEP = 200  # between two words of progress


@dataclass(frozen=True)
class Column:
    heading: str
    width: float  # mm
    words: Callable[[dict[str, Any]], str] = lambda row: ""  # "" is what is written by hand
    centred: bool = False


COLUMNS = (
    Column("Số vào sổ", 28, lambda row: row["number_text"]),
    Column("Số hiệu", 13),
    Column("Họ và tên", 32, lambda row: row["full_name"]),
    Column("Ngày sinh", 16.5, lambda row: row["birth"], centred=True),
    Column("Giới", 9, lambda row: row["gender"], centred=True),
    Column("Đơn vị", 35, lambda row: row["unit"]),
    Column("Chương trình, lớp", 37, lambda row: f"{row['programme']} ({row['run_code']})"),
    Column("Từ – đến", 16.5, lambda row: f"{day(row['starts_on'])} {day(row['ends_on'])}", centred=True),
    Column("Kết quả", 14, lambda row: row["result"], centred=True),
    Column("Quyết định", 24, lambda row: f"{row['decision_number']} {day(row['decision_date'])}".strip()),
    Column("Ngày cấp", 16.5, lambda row: day(row["issued_on"]), centred=True),
    Column("Ký nhận", 17),
    Column("Ghi chú", 12, lambda row: row["note"]),
)
WIDTH = sum(column.width for column in COLUMNS) * MM
Cells = list[tuple[str, ...]]  # the lines of each column


def _cells(texts: Iterable[str], *, bold: bool = False) -> Cells:
    return [
        wrapped_lines(text, family=FAMILY, size=SIZE, width=column.width * MM - 2 * PAD, bold=bold)
        for column, text in zip(COLUMNS, texts, strict=True)
    ]


def _height(cells: Cells) -> float:
    return max(LINE_HEIGHT, max(map(len, cells)) * LEADING + 2 * PAD)


class _Writer:
    """Goes down the pages; ``y`` is the upper edge of what comes next."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.headings = _cells((column.heading for column in COLUMNS), bold=True)
        self.y = PAGE[1] - TOP

    def text(self, words: str, x: float, *, size: float, bold: bool = False, italic: bool = False) -> None:
        """One line centred at ``x``, and down to the next."""
        self.y -= 1.3 * size
        self.canvas.setFont(face_name(FAMILY, bold=bold, italic=italic), size)
        self.canvas.drawCentredString(x, self.y + 0.3 * size, words)

    def rule(self, x: float, width: float) -> None:
        self.y -= 2
        self.canvas.setLineWidth(0.7)
        self.canvas.setStrokeGray(0)
        self.canvas.line(x - width / 2, self.y, x + width / 2, self.y)

    def table(self, rows: Iterable[Cells]) -> None:
        """The headings and below them the rows, ruled."""
        canvas, edges = self.canvas, [self.y]
        canvas.setFillColor(HEADING_FILL)
        canvas.rect(LEFT, self.y - _height(self.headings), WIDTH, _height(self.headings), stroke=0, fill=1)
        canvas.setFillGray(0)
        self.row(self.headings, is_heading=True)
        edges.append(self.y)
        for cells in rows:
            self.row(cells)
            edges.append(self.y)
        canvas.setLineWidth(0.4)
        canvas.setStrokeColor(RULE)
        canvas.grid(list(accumulate((column.width * MM for column in COLUMNS), initial=LEFT)), edges)

    def row(self, cells: Cells, *, is_heading: bool = False) -> None:
        canvas, x = self.canvas, LEFT
        top = self.y - PAD - 0.8 * LEADING
        self.y -= _height(cells)
        canvas.setFont(face_name(FAMILY, bold=is_heading), SIZE)
        for column, lines in zip(COLUMNS, cells, strict=True):
            for line, words in enumerate(lines):
                if column.centred or is_heading:
                    canvas.drawCentredString(x + column.width * MM / 2, top - line * LEADING, words)
                else:
                    canvas.drawString(x + PAD, top - line * LEADING, words)
            x += column.width * MM

    def new_page(self) -> None:
        self.canvas.showPage()
        self.y = PAGE[1] - TOP


def _pages(rows: Sequence[Cells], *, first: float, others: float) -> list[list[Cells]]:
    """The lines of each page; heights are what a page has for them below its headings.

    The signatures stand below the last line, so the last page leaves room for them and has a line above them.
    """
    pages: list[list[Cells]] = [[]]
    room = first
    for row in rows:
        height = _height(row)
        if height > room and pages[-1]:
            pages.append([])
            room = others
        pages[-1].append(row)
        room -= height
    if room < SIGNATURES and len(pages[-1]) > 1:
        pages.append([pages[-1].pop()])
    return pages


def _head(writer: _Writer, heading: dict[str, Any]) -> None:
    names = heading["names"]
    left, right = LEFT + WIDTH * 0.25, LEFT + WIDTH * 0.75
    if names:
        for line in heading_lines(names.ministry_name_vi, bold=False, size=10, width=WIDTH * 0.48):
            writer.text(line, left, size=10)
        for line in heading_lines(names.school_name_vi, bold=True, size=10, width=WIDTH * 0.48):
            writer.text(line, left, size=10, bold=True)
        writer.rule(left, 36 * MM)
    below, writer.y = writer.y, PAGE[1] - TOP
    motto = "Độc lập - Tự do - Hạnh phúc"
    writer.text("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", right, size=10, bold=True)
    writer.text(motto, right, size=10.5, bold=True)
    writer.rule(right, text_width(motto, family=FAMILY, size=10.5, bold=True))
    writer.y = min(writer.y, below) - 4 * MM
    middle = LEFT + WIDTH / 2
    writer.text("SỔ CẤP CHỨNG CHỈ", middle, size=13, bold=True)
    parts = [heading["run"].title] if heading["run"] else []
    if heading["year"]:
        parts.append(f"năm {heading['year']}")
    if heading["is_cut"]:
        parts.append(f"{number(heading['limit'])} dòng đầu trong {number(heading['total'])} dòng")
    for line in wrapped_lines(", ".join(parts), family=FAMILY, size=9, width=WIDTH):
        writer.text(line, middle, size=9)
    writer.y -= 3 * MM


def _signatures(writer: _Writer, heading: dict[str, Any], *, lines: int, printed_on: date) -> None:
    names = heading["names"]
    left, right = LEFT + WIDTH * 0.25, LEFT + WIDTH * 0.75
    writer.y -= 2 * MM
    writer.canvas.setFont(face_name(FAMILY, italic=True), 9)
    writer.canvas.drawString(LEFT, writer.y - 9, f"Sổ gồm {number(lines)} dòng.")
    writer.y -= 3 * MM
    place = f"{names.place}, " if names else ""
    writer.text(f"{place}{long_day(printed_on)}", right, size=9.5, italic=True)
    top = writer.y
    writer.text("NGƯỜI LẬP SỔ", left, size=9.5, bold=True)
    writer.text("(Ký, ghi rõ họ tên)", left, size=8.5, italic=True)
    writer.y = top
    for line in title_lines(names.signer_title if names else ""):
        writer.text(line, right, size=9.5, bold=True)
    writer.y = top - 30 * MM
    writer.text(names.signer_name if names else "", right, size=9.5, bold=True)


def render_register_book(
    rows: Sequence[dict[str, Any]],
    heading: dict[str, Any],
    *,
    printed_on: date,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> bytes:
    """The PDF of the lines that ``certificates.register`` gives, below the heading ``certificates.book`` makes.

    ``progress`` hears every now and then how many lines are drawn, of how many: none while they are measured.
    """

    def draw(canvas: Canvas) -> None:
        writer = _Writer(canvas)
        _head(writer, heading)
        below_headings = _height(writer.headings)
        cells = []
        for done, row in enumerate(rows):
            if done % ROWS_PER_STEP == 0:
                progress(0, len(rows))
            cells.append(_cells(column.words(row) for column in COLUMNS))
        pages = _pages(
            cells,
            first=writer.y - below_headings - BOTTOM,
            others=PAGE[1] - TOP - below_headings - BOTTOM,
        )
        done = told = 0
        for page, lines in enumerate(pages, start=1):
            if page > 1:
                writer.new_page()
            writer.table(lines)
            canvas.setFont(face_name(FAMILY), SIZE)
            canvas.drawRightString(LEFT + WIDTH, 8 * MM, f"Trang {page}/{len(pages)}")
            done += len(lines)
            if done - told >= ROWS_PER_STEP or page == len(pages):
                progress(done, len(rows))
                told = done
        _signatures(writer, heading, lines=len(rows), printed_on=printed_on)
        canvas.showPage()

    author = heading["names"].school_name_vi if heading["names"] else ""
    return drawn_pdf(draw, size=PAGE, title="Sổ cấp chứng chỉ", author=author)

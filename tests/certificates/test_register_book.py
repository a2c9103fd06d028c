"""The register book on paper: every word in its column, headings on every page, signatures whole."""

import unicodedata
from datetime import date

import pypdfium2
import pytest

from certificates.pdf.register_book import COLUMNS, LEFT, MM, render_register_book
from cms.models import SiteSettings
from courses.models import Run
from lms.core.pdf import text_width, wrapped_lines

LONG = {
    "number_text": "0012/2019/GCN-TĐTBDCBCCLĐTBXH",
    "full_name": "Công Tằng Tôn Nữ Nguyễn Hoàng Phương Thảo Nguyên",
    "birth": "15/03/1985",
    "gender": "nữ",
    "unit": "Trung tâm Kiểm định kỹ thuật an toàn khu vực II trực thuộc Cục An toàn lao động",
    "programme": "Ứng dụng công nghệ thông tin và cải cách hành chính trong thực thi công vụ",
    "run_code": "CNTT-CCHC-2019-KHOA-01-DOT-02",
    "starts_on": date(2019, 5, 27),
    "ends_on": date(2019, 5, 31),
    "result": "Hoàn thành",
    "decision_number": "1234/QĐ-TĐTBDCBCCLĐTBXH-ĐTBD-QLĐT",
    "decision_date": date(2019, 5, 20),
    "issued_on": date(2019, 5, 31),
    "note": "Đã được thay thế",
}
SHORT = LONG | {
    "number_text": "0001/2019/CC-ĐTBD",
    "full_name": "Lê Ái",
    "unit": "Vụ Pháp chế",
    "programme": "Chuyển đổi số",
    "run_code": "K01",
    "decision_number": "1234/QĐ-TĐTBDCB-ĐTBD ngày 31/05/2019",
    "decision_date": None,
    "note": "",
}
HEADING = {
    "names": SiteSettings(
        ministry_name_vi="Bộ Lao động - Thương binh và Xã hội",
        school_name_vi="Trường Đào tạo, bồi dưỡng cán bộ, công chức Lao động - Xã hội",
        signer_title="KT. Hiệu trưởng / Phó Hiệu trưởng",
        signer_name="Cao Thanh Giang",
    ),
    "run": Run(title="Lớp bồi dưỡng ứng dụng công nghệ thông tin, khóa 1"),
    "year": 2019,
    "is_cut": False,
}


def book(rows) -> list[pypdfium2.PdfTextPage]:
    content = render_register_book(rows, HEADING, printed_on=date(2019, 6, 1))
    return [page.get_textpage() for page in pypdfium2.PdfDocument(content)]


def joined(text: str) -> str:
    """Without what the reading of a PDF adds or loses where a line ends: spaces, and a hyphen there."""
    return "".join(
        letter for letter in unicodedata.normalize("NFC", text) if letter.isprintable() and letter not in " -"
    )


def words(page: pypdfium2.PdfTextPage) -> str:
    return joined(page.get_text_range())


def column(page: pypdfium2.PdfTextPage, place: int) -> str:
    """What is read between the left and the right edge of a column."""
    left = LEFT + sum(each.width for each in COLUMNS[:place]) * MM
    return joined(page.get_text_bounded(left, 0, left + COLUMNS[place].width * MM, 210 * MM))


@pytest.mark.parametrize("row", [LONG, SHORT])
def test_every_word_stays_in_its_column(row):
    *_, last = book([SHORT] * 40 + [row])
    for place, each in enumerate(COLUMNS):
        read = column(last, place)
        assert joined(each.heading) in read
        assert joined(each.words(row)) in read, each.heading


def test_no_letter_touches_a_rule():
    [page] = book([LONG] * 3)
    letters = [page.get_text_range(at, 1) or " " for at in range(page.count_chars())]
    read = "".join(letters)
    table = range(read.index("Số vào sổ"), read.index("Trang 1/1"))
    edges = [LEFT + sum(each.width for each in COLUMNS[:place]) * MM for place in range(len(COLUMNS) + 1)]
    boxes = [(letters[at], page.get_charbox(at)) for at in table]
    assert len(boxes) > 600
    assert [
        letter for letter, (left, _, right, _) in boxes if any(left < edge < right for edge in edges)
    ] == []


def test_headings_and_page_numbers_stand_on_every_page_and_the_signatures_once():
    pages = book([LONG, SHORT] * 30)
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert all(joined(each.heading) in words(page) for each in COLUMNS)
        assert f"Trang{number}/{len(pages)}" in words(page)
    whole = "".join(words(page) for page in pages)
    assert whole.count("SỔCẤPCHỨNGCHỈ") == whole.count("NGƯỜILẬPSỔ") == 1
    assert whole.count(joined(LONG["number_text"])) == 30
    assert "Sổgồm60dòng." in whole


@pytest.mark.parametrize("rows", range(1, 24))
def test_the_signatures_are_whole_and_have_a_line_above_them(rows):
    last = book([SHORT] * rows)[-1]
    assert joined(SHORT["full_name"]) in words(last)
    for said in ("NGƯỜILẬPSỔ", "PHÓHIỆUTRƯỞNG", "CaoThanhGiang", "HàNội,ngày01tháng6năm2019"):
        assert said in words(last)
    lowest = min(
        last.get_charbox(at)[1] for at in range(last.count_chars()) if last.get_text_range(at, 1).strip()
    )
    assert lowest > 5 * MM


def test_an_empty_book_is_one_page():
    assert len(book([])) == 1


def test_a_long_word_is_broken_after_a_sign_and_only_then_between_letters():
    size = {"family": "noto-serif", "size": 7.5}
    width = text_width("1234/QĐ-TĐTBDCB", **size)
    assert wrapped_lines("1234/QĐ-TĐTBDCB-ĐTBD ngày 31", width=width, **size)[0] == "1234/QĐ-"
    for text in (LONG["decision_number"], "Ơ" * 80, "", "  ", "a - b"):
        lines = wrapped_lines(text, width=width, **size)
        assert all(text_width(line, **size) <= width for line in lines)
        assert joined("".join(lines)) == joined(text)

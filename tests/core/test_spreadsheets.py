"""What leaves as xlsx or csv opens as what it says, and runs nothing."""

import io
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook

from lms.core.spreadsheets import Sheet, safe_cell, write_csv, write_workbook


@pytest.mark.parametrize("text", ["=1+1", "+84 24", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_would_run_as_a_formula_becomes_plain_text(text):
    assert safe_cell(text) == f"'{text}"


def test_numbers_and_dates_keep_their_types():
    rows = [("Nguyễn Văn Ước", 3, date(2019, 5, 31), datetime(2019, 5, 31, 1, 0, tzinfo=UTC), 0.825)]
    content = write_workbook(
        [Sheet(name="Lớp", headings=["Tên", "Số", "Ngày", "Lúc", "Tỷ lệ"], rows=rows, percent_columns=[4])]
    )
    sheet = load_workbook(io.BytesIO(content)).active
    assert [cell.value for cell in sheet[2]] == [
        "Nguyễn Văn Ước", 3, datetime(2019, 5, 31), datetime(2019, 5, 31, 8, 0), 0.825,
    ]  # fmt: skip
    assert sheet.freeze_panes == "A2"
    assert sheet["E2"].number_format == "0.0%"
    assert sheet["C2"].number_format == "dd/mm/yyyy"


def test_headings_are_escaped_too():
    content = write_workbook([Sheet(name="x", headings=["=HYPERLINK()"], rows=[])])
    assert load_workbook(io.BytesIO(content)).active["A1"].value == "'=HYPERLINK()"


def test_csv_carries_the_mark_excel_needs_and_escapes_formulas():
    content = write_csv(headings=["Tên"], rows=[["Đặng Ánh"], ["=1"]])
    assert content.decode("utf-8-sig").splitlines() == ["Tên", "Đặng Ánh", "'=1"]
    assert content.startswith(b"\xef\xbb\xbf")

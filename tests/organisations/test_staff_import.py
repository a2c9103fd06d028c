"""Staff lists from other systems come in: every valid row once, every wrong one named, a second time nothing."""

import csv
import random
import unicodedata
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from lms.core.models import AuditEvent
from lms.organisations.models import Posting
from lms.organisations.services import Decision, merge_units
from lms.organisations.staff_import.cells import EXCEL_EPOCH, Birth, BirthWidget
from lms.organisations.staff_import.reading import open_table
from lms.organisations.staff_import.tcvn3 import TABLE, from_tcvn3
from lms.users.models import User
from tests.factories.organisations import make_person, make_unit

HEADER = [
    "Mã cán bộ", "Họ và tên", "Ngày sinh", "Giới tính", "Mã đơn vị", "Chức vụ", "Mã ngạch", "Email công vụ",
]  # fmt: skip
ROWS = [
    ["CB001", "Nguyễn Thị Hương", "05/02/1980", "Nữ", "VPC", "Trưởng phòng", "01.002", "huong.nt@bo.example"],
    ["CB002", "Đỗ Ước", "1985", "Nam", "VPC", "Chuyên viên", "01.003", "uoc.d@bo.example"],
    ["CB003", "H'Len Niê", "", "", "CVL", "Chuyên viên", "01.003", "len.h@bo.example"],
]
SINCE = date(2024, 1, 1)


@pytest.fixture
def units(db):
    return {
        code: make_unit(name, code=code) for code, name in [("VPC", "Vụ Pháp chế"), ("CVL", "Cục Việc làm")]
    }


def csv_file(path: Path, rows=ROWS, *, header=HEADER, encoding="utf-8", delimiter=",", above=()) -> Path:
    with path.open("w", encoding=encoding, newline="") as target:
        writer = csv.writer(target, delimiter=delimiter)
        writer.writerows([*above, header, *rows])
    return path


def xlsx_file(path: Path, rows=ROWS, *, header=HEADER, above=()) -> Path:
    workbook = Workbook()
    for row in [*above, header, *rows]:
        workbook.active.append(row)
    workbook.save(path)
    return path


def run(capsys, file, *arguments: str) -> tuple[str, str, int]:
    """(last line, what was said of refused rows, exit status)"""
    status = 0
    try:
        call_command("import_staff", str(file), "--as-at", str(SINCE), *arguments)
    except CommandError as error:
        status = error.returncode
    said = capsys.readouterr()
    return (said.out.strip().splitlines() or [""])[-1], said.err, status


def test_people_come_in_with_their_postings_and_the_second_time_nothing_changes(capsys, tmp_path, units):
    file = xlsx_file(tmp_path / "cb.xlsx")
    assert run(capsys, file, "--dry-run") == ("created 3, changed 0, unchanged 0, refused 0", "", 0)
    assert not User.objects.exists() and not AuditEvent.objects.filter(action="staff.imported").exists()
    assert run(capsys, file) == ("created 3, changed 0, unchanged 0, refused 0", "", 0)
    huong = User.objects.get(staff_code="CB001")
    assert (huong.last_name, huong.first_name) == ("Nguyễn Thị", "Hương")
    assert (huong.birth_date, huong.birth_year_only, huong.gender) == (date(1980, 2, 5), False, "nu")
    assert not huong.has_usable_password() and huong.is_active
    posting = huong.postings.get()
    assert (posting.unit, posting.position, posting.valid_from) == (units["VPC"], "Trưởng phòng", SINCE)
    uoc = User.objects.get(staff_code="CB002")
    assert (uoc.birth_date, uoc.birth_year_only) == (date(1985, 1, 1), True)
    assert User.objects.search("do uoc").get() == uoc
    assert AuditEvent.objects.filter(action="staff.imported").count() == 3
    assert run(capsys, file) == ("created 0, changed 0, unchanged 3, refused 0", "", 0)
    assert AuditEvent.objects.filter(action="staff.imported").count() == 3


def test_what_differs_is_changed_and_a_new_unit_opens_a_new_posting(capsys, tmp_path, units):
    run(capsys, csv_file(tmp_path / "cb.csv"))
    changed = [list(row) for row in ROWS]
    changed[0][4], changed[1][7] = "CVL", "uoc.do@bo.example"
    file = csv_file(tmp_path / "cb2.csv", changed)
    call_command("import_staff", str(file), "--as-at", "2025-03-01")
    assert capsys.readouterr().out.strip() == "created 0, changed 2, unchanged 1, refused 0"
    old, new = User.objects.get(staff_code="CB001").postings.order_by("valid_from")
    assert (old.unit.code, old.valid_to) == ("VPC", date(2025, 3, 1))
    assert (new.unit.code, new.valid_from, new.position) == ("CVL", date(2025, 3, 1), "Trưởng phòng")
    assert User.objects.get(staff_code="CB002").email == "uoc.do@bo.example"
    event = AuditEvent.objects.filter(action="staff.imported").latest("pk")
    assert "uoc.do" not in str(event.data)


def test_cells_left_empty_change_nothing(capsys, tmp_path, units):
    run(capsys, csv_file(tmp_path / "cb.csv"))
    bare = [["CB001", "Nguyễn Thị Hương", "", "", "VPC", "", "", ""]]
    assert (
        run(capsys, csv_file(tmp_path / "cb2.csv", bare))[0] == "created 0, changed 0, unchanged 1, refused 0"
    )


def test_title_rows_a_merged_header_blank_rows_and_a_total_are_passed_over(capsys, tmp_path, units):
    workbook = Workbook()
    sheet = workbook.active
    sheet["A1"] = "BỘ MẪU"
    sheet.merge_cells("A1:H1")
    sheet["A2"] = "DANH SÁCH CÁN BỘ, CÔNG CHỨC NĂM 2024"
    for place, heading in enumerate(["TT", *HEADER], start=1):
        sheet.cell(row=5, column=place, value=heading)
        if place < 3:
            sheet.merge_cells(start_row=5, end_row=6, start_column=place, end_column=place)
    for number, row in zip([7, 9, 12], ROWS, strict=True):
        for place, value in enumerate([number, *row], start=1):
            sheet.cell(row=number, column=place, value=value)
    sheet["C14"] = "Tổng cộng: 3 người"
    workbook.save(tmp_path / "cb.xlsx")
    assert run(capsys, tmp_path / "cb.xlsx") == ("created 3, changed 0, unchanged 0, refused 0", "", 0)


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8", ","), ("utf-8-sig", ";"), ("utf-16", "\t"), ("utf-8", "\t")],
)
def test_a_csv_is_read_in_the_forms_spreadsheets_save(capsys, tmp_path, units, encoding, delimiter):
    file = csv_file(tmp_path / "cb.csv", encoding=encoding, delimiter=delimiter)
    assert run(capsys, file)[0] == "created 3, changed 0, unchanged 0, refused 0"


def test_letters_decomposed_by_another_system_are_the_same_person(capsys, tmp_path, units):
    run(capsys, csv_file(tmp_path / "cb.csv"))
    decomposed = [[unicodedata.normalize("NFD", cell) for cell in row] for row in ROWS]
    header = [unicodedata.normalize("NFD", cell) for cell in HEADER]
    file = xlsx_file(tmp_path / "nfd.xlsx", decomposed, header=header)
    assert run(capsys, file)[0] == "created 0, changed 0, unchanged 3, refused 0"


def as_cp1258(text: str) -> bytes:
    """As old Windows programs wrote Vietnamese: base letters with hats composed, tone marks apart."""
    out = b""
    for character in unicodedata.normalize("NFC", text):
        try:
            out += character.encode("cp1258")
        except UnicodeEncodeError:
            decomposed = unicodedata.normalize("NFD", character)
            base = unicodedata.normalize(
                "NFC", decomposed[0] + "".join(c for c in decomposed[1:] if c in "\u0302\u0306\u031b")
            )
            tones = "".join(c for c in decomposed[1:] if c not in "\u0302\u0306\u031b")
            out += (base + tones).encode("cp1258")
    return out


def test_cp1258_is_found_out(capsys, tmp_path, units):
    lines = "\r\n".join(",".join(row) for row in [HEADER, *ROWS])
    file = tmp_path / "cb.csv"
    file.write_bytes(as_cp1258(lines))
    assert run(capsys, file)[0] == "created 3, changed 0, unchanged 0, refused 0"
    assert User.objects.filter(last_name="Nguyễn Thị", first_name="Hương").exists()


def as_tcvn3(text: str) -> str:
    letters = {letter: chr(code) for code, letter in TABLE.items()}
    return "".join(letters.get(character, character) for character in text)


def test_tcvn3_is_converted_by_table_in_csv_and_in_a_sheet_of_old_fonts(capsys, tmp_path, units):
    small = [[cell if place in (0, 4, 7) else cell for place, cell in enumerate(row)] for row in ROWS]
    rows = [[as_tcvn3(cell) for cell in row] for row in small]
    header = [as_tcvn3(heading) for heading in HEADER]
    assert header[1] == "Hä vµ tªn"
    file = csv_file(tmp_path / "cb.csv", rows, header=header, encoding="latin-1")
    assert run(capsys, file)[0] == "created 3, changed 0, unchanged 0, refused 0"
    assert User.objects.get(staff_code="CB001").get_full_name() == "Nguyễn Thị Hương"
    sheet = xlsx_file(tmp_path / "cb.xlsx", rows, header=header)
    assert run(capsys, sheet)[0] == "created 0, changed 0, unchanged 3, refused 0"


def test_a_tcvn3_name_among_unicode_ones_is_refused_by_name(capsys, tmp_path, units):
    rows = [*ROWS, ["CB009", "NguyÔn V¨n ViÖt", "", "", "VPC", "", "", "viet@bo.example"]]
    last, said, status = run(capsys, xlsx_file(tmp_path / "cb.xlsx", rows))
    assert (last, status) == ("created 3, changed 0, unchanged 0, refused 1", 1)
    assert "TCVN3" in said and "row 5" in said.replace("dòng", "row")


def test_the_tcvn3_table_has_every_marked_letter_once():
    letters = list(TABLE.values())
    assert len(letters) == len(set(letters)) == 74
    assert from_tcvn3("TrÇn §øc H\xb9nh") == "Trần Đức Hạnh"


@pytest.mark.parametrize(
    ("typed", "birth"),
    [
        ("05/02/1980", Birth(date(1980, 2, 5), False)),
        ("5-2-1980", Birth(date(1980, 2, 5), False)),
        ("5.2.1980", Birth(date(1980, 2, 5), False)),
        ("1980-02-05", Birth(date(1980, 2, 5), False)),
        ("1980", Birth(date(1980, 1, 1), True)),
        (1980, Birth(date(1980, 1, 1), True)),
        (1980.0, Birth(date(1980, 1, 1), True)),
        ("2/1980", Birth(date(1980, 2, 1), True)),
        (29256, Birth(date(1980, 2, 5), False)),
        ("29256", Birth(date(1980, 2, 5), False)),
        (datetime(1980, 2, 5), Birth(date(1980, 2, 5), False)),
        ("", None),
        ("-", None),
    ],
)
def test_dates_are_read_in_the_forms_people_type(typed, birth):
    assert BirthWidget().clean(typed) == birth


@pytest.mark.parametrize(
    "typed", ["31/02/1980", "05/13/1980", "05/02/80", "năm 80", "05/02/2080", "1/1/1850", "99"]
)
def test_a_date_that_is_none_is_refused(typed):
    with pytest.raises(ValueError, match="."):
        BirthWidget().clean(typed)


@given(st.dates(min_value=date(1927, 5, 18), max_value=date(2008, 1, 1)))
def test_a_day_reads_the_same_however_it_is_written(day):
    forms = [
        f"{day:%d/%m/%Y}",
        f"{day.day}-{day.month}-{day.year}",
        day.isoformat(),
        day,
        (day - EXCEL_EPOCH).days,
    ]
    assert {BirthWidget().clean(form) for form in forms} == {Birth(day, False)}


def refused_in(path: Path) -> list[tuple[str, str]]:
    """(row, column) of each line of an error file."""
    with path.open(encoding="utf-8-sig", newline="") as source:
        return [(line[0], line[1]) for line in list(csv.reader(source))[1:]]


def test_every_wrong_row_is_named_with_all_its_faults_and_the_others_come_in(capsys, tmp_path, units):
    rows = [
        *ROWS,
        ["CB004", "", "31/02/1990", "Khác", "KHONG-CO", "", "", "khong phai thu"],
        ["CB005", "=CMD()", "", "", "VPC", "", "", "a@bo.example"],
        ["CB001", "Trần Văn Hai", "", "", "VPC", "", "", "hai@bo.example"],
        ["CB007", "Trần Văn Ba", "", "", "VPC", "", "", "uoc.d@bo.example"],
        ["CB008", "Trần Văn Bốn", "", "", "VPC", "", "", ""],
        ["CB009", "Năm 5", "", "", "VPC", "x" * 151, "", "nam@bo.example"],
    ]
    errors = tmp_path / "loi.csv"
    last, _said, status = run(capsys, csv_file(tmp_path / "cb.csv", rows), "--errors", str(errors))
    assert (last, status) == ("created 3, changed 0, unchanged 0, refused 6", 1)
    assert refused_in(errors) == [
        ("5", "Họ và tên"),
        ("5", "Ngày sinh"),
        ("5", "Giới tính"),
        ("5", "Mã đơn vị"),
        ("5", "Email công vụ"),
        ("6", "Họ và tên"),
        ("7", "Mã cán bộ"),
        ("8", "Email công vụ"),
        ("9", "Email công vụ"),
        ("10", "Họ và tên"),
        ("10", "Chức vụ"),
    ]
    assert "'=CMD()" in errors.read_text(encoding="utf-8-sig")  # no spreadsheet runs what was refused


def test_all_or_nothing_loads_nothing_when_one_row_is_refused(capsys, tmp_path, units):
    rows = [*ROWS, ["CB004", "Trần Văn Tư", "", "", "KHONG-CO", "", "", "tu@bo.example"]]
    file = csv_file(tmp_path / "cb.csv", rows)
    expected = "created 0, changed 0, unchanged 0, refused 1"
    assert run(capsys, file, "--all-or-nothing", "--dry-run")[0] == expected
    assert run(capsys, file, "--all-or-nothing")[0] == expected
    assert not User.objects.exists()
    assert (
        run(capsys, csv_file(file), "--all-or-nothing")[0] == "created 3, changed 0, unchanged 0, refused 0"
    )


def test_a_namesake_born_on_the_same_day_is_asked_about(capsys, tmp_path, units):
    make_person("Nguyễn Thị Hương", unit=units["CVL"], staff_code="CU01", birth_date=date(1980, 2, 5))
    file = csv_file(tmp_path / "cb.csv", ROWS[:1])
    last, said, status = run(capsys, file)
    assert (last, status) == ("created 0, changed 0, unchanged 0, refused 1", 1)
    assert "CU01" in said
    assert (
        run(capsys, file, "--dry-run", "--new-person", "2")[0]
        == "created 1, changed 0, unchanged 0, refused 0"
    )
    assert run(capsys, file, "--same-person", "2=CU01")[0] == "created 0, changed 1, unchanged 0, refused 0"
    huong = User.objects.get()
    assert (huong.staff_code, huong.email) == ("CB001", "huong.nt@bo.example")


def test_two_rows_of_one_name_and_birth_date_are_asked_about(capsys, tmp_path, units):
    twin = ["CB099", "Nguyễn Thị Hương", "5/2/1980", "Nữ", "CVL", "", "", "huong2@bo.example"]
    file = csv_file(tmp_path / "cb.csv", [*ROWS, twin])
    assert run(capsys, file, "--dry-run")[0] == "created 3, changed 0, unchanged 0, refused 1"
    assert run(capsys, file, "--new-person", "5")[0] == "created 4, changed 0, unchanged 0, refused 0"


def test_two_rows_of_one_person_under_two_names_change_them_once(capsys, tmp_path, units):
    run(capsys, csv_file(tmp_path / "cb.csv", ROWS[:1]))
    by_code = ["CB001", "Nguyễn Thị Hương", "", "", "CVL", "", "", ""]
    by_email = ["", "Nguyễn Thị Hường", "", "", "VPC", "Phó Vụ trưởng", "", "huong.nt@bo.example"]
    file = csv_file(tmp_path / "hai.csv", [by_code, by_email])
    expected = "created 0, changed 1, unchanged 0, refused 1"
    assert run(capsys, file, "--dry-run")[0] == expected
    assert run(capsys, file)[0] == expected
    huong = User.objects.get()
    assert huong.first_name == "Hương"
    assert huong.postings.filter(valid_to__isnull=True).count() == 1
    assert run(capsys, file)[0] == "created 0, changed 0, unchanged 1, refused 1"


def test_a_closed_account_is_not_changed_unseen(capsys, tmp_path, units):
    make_person("Nguyễn Thị Hương", unit=units["CVL"], staff_code="CB001", is_active=False)
    last, said, _status = run(capsys, csv_file(tmp_path / "cb.csv", ROWS[:1]))
    assert last == "created 0, changed 0, unchanged 0, refused 1"
    assert "CB001" in said or "Nguyễn Thị Hương" in said


def test_a_unit_that_ended_is_refused_with_its_successor(capsys, tmp_path, units):
    merge_units(
        units=[units["VPC"]],
        into=units["CVL"],
        on=date(2023, 1, 1),
        decision=Decision(number="1/QĐ"),
        actor=None,
        now=timezone.now(),
    )
    last, said, _status = run(capsys, csv_file(tmp_path / "cb.csv"))
    assert last == "created 1, changed 0, unchanged 0, refused 2"
    assert "CVL, Cục Việc làm" in said


def test_headings_of_its_own_are_mapped_by_hand(capsys, tmp_path, units):
    header = ["Số thẻ", "Cán bộ", *HEADER[2:4], "Phòng", *HEADER[5:]]
    file = csv_file(tmp_path / "cb.csv", header=header)
    assert run(capsys, file)[2] == 2
    mapped = ["--map", "Số thẻ=code", "--map", "Cán bộ=name", "--map", "Phòng=unit"]
    assert run(capsys, file, *mapped)[0] == "created 3, changed 0, unchanged 0, refused 0"


@pytest.mark.parametrize(
    ("name", "content"),
    [("cb.xlsx", b"PK\x03\x04 hong"), ("cb.csv", b"\x00\x01\x02"), ("cb.csv", b"khong,co,tieu de\n1,2,3\n")],
)
def test_a_file_that_is_none_is_said_to_be_so(capsys, tmp_path, units, name, content):
    (tmp_path / name).write_bytes(content)
    assert run(capsys, tmp_path / name)[2] == 2


def test_a_posting_that_begins_later_is_not_overwritten(capsys, tmp_path, units):
    person = make_person(unit=None, staff_code="CB001", email="huong.nt@bo.example")
    Posting.objects.create(person=person, unit=units["CVL"], valid_from=SINCE + timedelta(days=30))
    last, said, _status = run(capsys, csv_file(tmp_path / "cb.csv", ROWS[:1]))
    assert last == "created 0, changed 0, unchanged 0, refused 1" and "31/01/2024" in said


# --- The bar: a nasty list of 5,000 rows -----------------------------------------------------------------------


WRONG = [
    (1, ""), (1, "=HYPERLINK(\"x\")"), (1, "Nguyễn Văn 9"), (2, "30/02/1990"), (2, "mai"), (2, "01/01/2090"),
    (3, "Khác"), (4, ""), (4, "KHONG-CO"), (7, "khong phai thu"),
]  # fmt: skip


def nasty_list(path: Path, codes: list[str]) -> set[int]:
    """5,000 rows with everything lists bring along; gives the numbers of the 40 wrong ones."""
    chance = random.Random(31_05_2019)
    workbook = Workbook()
    sheet = workbook.active
    sheet["A1"] = "TỔNG HỢP CÁN BỘ, CÔNG CHỨC, VIÊN CHỨC"
    sheet.merge_cells("A1:H1")
    sheet.append([])
    sheet.append(HEADER)
    sheet.append([])
    wrong_at = set(chance.sample(range(5000), 40))
    families, middles, givens = (
        ["Nguyễn", "Trần", "Đặng"],
        ["Thị", "Văn", "Hữu"],
        ["Ước", "Ánh", "Hằng", "Ngọc"],
    )
    wrong_rows, twin_of, number = set(), 0, 4
    for index in range(5000):
        name = f"{chance.choice(families)} {chance.choice(middles)} {chance.choice(givens)}"
        born = date(1965, 1, 1) + timedelta(days=index)
        birth = [f"{born:%d/%m/%Y}", born.isoformat(), (born - EXCEL_EPOCH).days, born, str(born.year)][
            index % 5
        ]
        row = [f"N{index:05}", name, birth, chance.choice(["Nam", "nữ", "NAM", ""]), codes[index % len(codes)],
               "Chuyên viên", "01.003", f"n{index}@bo.example"]  # fmt: skip
        if index % 7 == 0:
            row = [unicodedata.normalize("NFD", cell) if isinstance(cell, str) else cell for cell in row]
        if index % 11 == 0:
            row = [f"  {cell} " if isinstance(cell, str) else cell for cell in row]
        if index % 97 == 0:
            sheet.append([])
            number += 1
        number += 1
        if index in wrong_at:
            wrong_rows.add(number)
            if len(wrong_rows) <= len(WRONG) * 3:
                place, value = WRONG[len(wrong_rows) % len(WRONG)]
                row[place] = value
            elif twin_of:
                row[0] = f"N{twin_of:05}"  # somebody of an earlier row again
        elif twin_of == 0 and index > 0:
            twin_of = index
        sheet.append(row)
        if isinstance(row[1], str) and row[1].startswith("="):
            sheet.cell(row=sheet.max_row, column=2).data_type = "s"
    workbook.save(path)
    return wrong_rows


@pytest.mark.django_db
def test_a_nasty_list_of_5000_rows_loads_the_right_ones_names_the_40_and_is_a_no_op_again(
    capsys, tmp_path, units
):
    file, errors = tmp_path / "nasty.xlsx", tmp_path / "loi.xlsx"
    wrong = nasty_list(file, list(units))
    assert len(wrong) == 40
    expected = "created 4960, changed 0, unchanged 0, refused 40"
    assert run(capsys, file, "--dry-run")[0] == expected
    assert run(capsys, file, "--errors", str(errors))[0] == expected
    assert User.objects.count() == Posting.objects.count() == 4960
    table = open_table(errors, chosen={"Dòng": "name", "Lý do": "unit", "Row": "name", "Reason": "unit"})
    named = {int(cells["Họ và tên"]) for _number, cells in table.people()}
    assert named == wrong
    people = set(User.objects.values_list("pk", "search_text"))
    assert run(capsys, file)[0] == "created 0, changed 0, unchanged 4960, refused 40"
    assert set(User.objects.values_list("pk", "search_text")) == people

"""A tree of units comes in from a file and goes out to one: the same rows, a second time nothing."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from openpyxl import Workbook

from lms.core.models import AuditEvent
from lms.organisations.models import Unit
from lms.organisations.services import Decision, move_unit
from lms.organisations.structure import Structure
from lms.organisations.unit_files import read_units

SINCE = date(2019, 1, 1)
TREE = """code,name,name_en,parent_code,kind
BO,Bộ Mẫu,Model Ministry,,bo
VPC,Vụ Pháp chế,Legal Department,BO,vu
P1,Phòng Một,,VPC,bo_phan
CVL,Cục Việc làm,,BO,cục
"""


def run(capsys, file, *arguments: str) -> tuple[str, str, bool]:
    """(last line, what was refused, whether it ended in an error)"""
    failed = False
    try:
        call_command("import_units", str(file), *arguments)
    except CommandError:
        failed = True
    said = capsys.readouterr()
    return said.out.strip().splitlines()[-1], said.err, failed


@pytest.fixture
def tree(tmp_path):
    file = tmp_path / "don-vi.csv"
    file.write_text(TREE, encoding="utf-8")
    return file


@pytest.mark.django_db
def test_a_tree_comes_in_and_the_second_time_nothing_changes(capsys, tree):
    assert run(capsys, tree, "--as-at", "2019-01-01", "--dry-run")[0].startswith("created 4,")
    assert not Unit.objects.exists() and not AuditEvent.objects.exists()
    last, refused, failed = run(capsys, tree, "--as-at", "2019-01-01")
    assert (last, refused, failed) == ("created 4, changed 0, unchanged 0, refused 0", "", False)
    section = Unit.objects.get(code="P1")
    assert section.path == "000100010001" and section.versions.get().valid_from == SINCE
    assert Unit.objects.get(code="CVL").kind == "cuc" and Unit.objects.search("viec lam").count() == 1
    assert AuditEvent.objects.filter(action="unit.created").count() == 4
    assert run(capsys, tree)[0] == "created 0, changed 0, unchanged 4, refused 0"


@pytest.mark.django_db
def test_what_differs_is_renamed_and_moved_from_the_day_on(capsys, tree):
    run(capsys, tree, "--as-at", "2019-01-01")
    changed = TREE.replace("Phòng Một,,VPC", "Phòng Pháp luật,,CVL")
    tree.write_text(changed.replace(",", ";"), encoding="utf-8-sig")
    assert run(capsys, tree, "--as-at", "2025-03-01")[0] == "created 0, changed 1, unchanged 3, refused 0"
    section = Unit.objects.get(code="P1")
    assert (section.name, section.parent.code) == ("Phòng Pháp luật", "CVL")
    assert Structure.on(date(2025, 2, 28)).units[section.pk].name == "Phòng Một"


@pytest.mark.django_db
def test_wrong_rows_are_named_and_the_others_taken(capsys, tree):
    tree.write_text(
        "Danh sách đơn vị\n\nMã đơn vị,Tên đơn vị,Trực thuộc,Loại đơn vị\nBO,Bộ,,bo\n,Không mã,BO,vu\nA,Vụ A,BO,vu\n"
        "a,Vụ A lần nữa,BO,vu\nB,,BO,vu\nC,Vụ C,LAC,vu\nD,Phòng D,C,vu\nE,Vụ E,BO,hội\n",
        encoding="utf-8",
    )
    last, refused, failed = run(capsys, tree)
    assert failed and last == "created 2, changed 0, unchanged 0, refused 6"
    for place in ("dòng 5, cột code", "dòng 7, cột code", "dòng 8, cột name", "dòng 9, cột parent_code",
                  "dòng 10, cột parent_code", "dòng 11, cột kind"):  # fmt: skip
        assert place in refused
    assert set(Unit.objects.values_list("code", flat=True)) == {"BO", "A"}


@pytest.mark.django_db
def test_a_workbook_is_read_too(capsys, tmp_path):
    book = Workbook()
    for row in (
        ["Code", "Name", "Parent code", "Kind"],
        [None],
        [101, "Bộ", None, "bo"],
        ["V", "Vụ", 101.0, "vu"],
    ):
        book.active.append(row)
    file = tmp_path / "don-vi.xlsx"
    book.save(file)
    assert run(capsys, file)[0].startswith("created 2,")
    assert Unit.objects.get(code="V").parent.code == "101"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "said"), [(b"a,b\n1,2\n", "tiêu đề"), ("code,name\nĐ,Đ".encode("cp1258"), "UTF-8")]
)
def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path, content, said):
    file = tmp_path / "x.csv"
    file.write_bytes(content)
    with pytest.raises(CommandError, match=said):
        call_command("import_units", str(file))
    with pytest.raises(CommandError, match="Không có tệp"):
        call_command("import_units", str(tmp_path / "khong-co.csv"))


@pytest.mark.django_db
def test_hundreds_of_units_take_few_statements(capsys, tmp_path, django_assert_max_num_queries):
    rows = ["code,name,parent_code,kind", "R,Bộ,,bo"]
    rows += [f"V{n},Vụ {n},R,vu" for n in range(60)] + [
        f"P{n},Phòng {n},V{n % 60},bo_phan" for n in range(600)
    ]
    file = tmp_path / "lon.csv"
    file.write_text("\n".join(rows), encoding="utf-8")
    with django_assert_max_num_queries(200):  # two for each parent of new units, a few for each level
        assert run(capsys, file)[0].startswith("created 661,")


@pytest.mark.django_db
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_what_goes_out_comes_in_as_the_same(capsys, tmp_path, tree, ending):
    run(capsys, tree, "--as-at", "2019-01-01")
    move_unit(
        unit=Unit.objects.get(code="P1"), parent=None, on=date(2025, 3, 1), decision=Decision(), actor=None,
        now=timezone.now(),
    )  # fmt: skip
    file = tmp_path / f"ra.{ending}"
    call_command("export_units", str(file))
    assert run(capsys, file)[0] == "created 0, changed 0, unchanged 4, refused 0"
    call_command("export_units", str(file), "--as-at", "2019-06-01")
    assert any(row.code == "P1" and row.parent_code == "VPC" for row in read_units(file).rows)

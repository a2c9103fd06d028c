"""A small class goes the whole way over HTTP, and what its documents say agrees."""

import io
import json

import openpyxl
import pytest

from lms.demo.journey.browser import Page
from lms.demo.journey.figures import compare, read_page, read_workbook
from lms.demo.journey.people import Knowledge, read_cast
from lms.demo.journey.play import Play
from lms.demo.loader.world import FIXTURES
from tests.site import running_site


def test_the_cast_is_eighty_officials_of_thirty_four_units():
    cast = read_cast(FIXTURES)
    assert len(cast.units) == 34
    assert len(cast.learners) == len({person.staff_code for person in cast.learners}) == 80
    assert all(coordinator not in learners for coordinator, learners in cast.units)


def test_a_small_cast_takes_one_of_each_unit_first():
    cast = read_cast(FIXTURES, learners=5)
    assert [len(learners) for _coordinator, learners in cast.units] == [1, 1, 1, 1, 1]


def test_what_a_person_knows_covers_every_question():
    knowledge = Knowledge(FIXTURES)
    assert len(knowledge.right) >= 6 * 22
    assert all(knowledge.right.values())


def test_figures_that_differ_are_told():
    assert compare({"completed": {"page": 3, "register": 3}}) == []
    assert compare({"completed": {"page": 3, "register": 2}}) == ["completed: page 3, register 2"]


class _Shown:
    """A page without a server."""

    def __init__(self, html: str):
        self.content = html.encode()
        self.url = self
        self.path = "/bao-cao/"


def test_a_report_page_and_its_workbook_are_read_alike():
    page = Page(
        _Shown(
            "<table><tbody><tr><th>Vụ A</th><td>50 %</td><td>1.200</td><td>0</td></tr></tbody>"
            "<tfoot><tr><th>Tổng</th><td></td><td><a href='?so-lieu=participations'>1.200</a></td><td>0</td></tr></tfoot>"
            "</table>"
        )
    )
    report = read_page(page)
    assert report.rows == {"Vụ A": [1200, 0]}
    assert report.figure("participations") == 1200
    assert report.figure("completed") == 0
    workbook = openpyxl.Workbook()
    for row in (
        ["Mã", "Đơn vị", "Cấp", "Lượt", "Xong"],
        ["A", "Vụ A", 2, 1200, 0],
        ["M", "Tổng", 1, 1200, 0],
    ):
        workbook.active.append(row)
    kept = io.BytesIO()
    workbook.save(kept)
    assert read_workbook(kept.getvalue(), width=2) == (report.rows, report.total)


@pytest.mark.journey
def test_a_class_of_three_goes_from_nomination_to_the_report(django_db_setup, django_db_blocker, tmp_path):
    with django_db_blocker.unblock(), running_site(demo=False) as site:
        site.manage("load_demo", "--without-runs")
        play = Play(site.url, read_cast(FIXTURES, learners=3), Knowledge(FIXTURES), tmp_path, print)
        summary = play.run()
    assert play.tally.errors == []
    assert (summary.learners, summary.units, summary.enrolled) == (3, 3, 3)
    assert summary.certificates == summary.completed == 3
    assert summary.first_number.startswith("0001/")
    assert summary.last_number.startswith("0003/")
    assert json.loads((tmp_path / "summary.json").read_text()) == summary.as_dict()
    names = {path.name for path in tmp_path.iterdir()}
    assert {"register.pdf", "report.xlsx", "report.pdf", "summary.json"} < names
    assert len(names) == 7

"""The obligation matrix and requirements, through the pages their users see."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from courses.models import Enrolment, Requirement
from courses.obligation_rules import STATES
from lms.core.models import AuditEvent
from lms.organisations.models import Posting, Role, Unit
from lms.reporting.obligation_forms import AGE_BANDS, born_q
from tests.factories.courses import make_course, make_enrolment, make_run
from tests.factories.organisations import make_person, make_unit
from tests.factories.requirements import require

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
State = Enrolment.State


@pytest.fixture
def ministry():
    """Root → A (→ A1), B with two officials each, one of A1 done; a requirement overdue, another on track for A alone."""
    root = make_unit("Bộ", code="BO", kind="bo")
    unit_a, unit_b = make_unit("Vụ A", code="A", parent=root), make_unit("Cục B", code="B", parent=root)
    unit_a1 = make_unit("Phòng A1", code="A1", parent=unit_a)
    people = {unit.code: [make_person(unit=unit) for _ in range(2)] for unit in (unit_a, unit_a1, unit_b)}
    run = make_run(course=make_course(modules=1, lessons=1))
    make_enrolment(run=run, learner=people["A1"][0], state=State.COMPLETED)
    chief = make_person("Trần Thị Quản", roles=[Role.SCHOOL_ADMINISTRATOR], role_unit=root)
    require(code="CCHC", course=run.course, due_in=-5, actor=chief)
    require(code="CNTT", due_in=90, units=[unit_a], actor=chief)
    return {"root": root, "people": people, "chief": chief, "run": run}


def sign_in(client, person):
    client.force_login(person)
    return client


@pytest.fixture
def reader(client, ministry):
    return sign_in(client, make_person(roles=[Role.MINISTRY_READER], role_unit=ministry["root"]))


def matrix_of(client, **asked):
    response = client.get(reverse("reporting:matrix"), asked)
    assert response.status_code == 200
    return response.context["matrix"]


def row_of(matrix, code: str):
    return next(row for row in matrix.rows if row.unit.code == code)


def test_a_parent_is_the_sum_of_its_children_and_people_are_counted_once(reader, ministry):
    matrix = matrix_of(reader)
    total = row_of(matrix, "BO")
    by_code = dict(zip([requirement.code for requirement in matrix.requirements], total.cells, strict=True))
    assert (by_code["CCHC"].done, by_code["CCHC"].overdue, by_code["CCHC"].total) == (1, 5, 6)
    assert (by_code["CNTT"].on_track, by_code["CNTT"].total) == (4, 4)
    assert (total.whole.total, total.persons) == (10, 6)
    for state in STATES:
        assert getattr(total.whole, state) == sum(
            getattr(row_of(matrix, code).whole, state) for code in ("A", "B")
        )


def test_every_figure_is_as_long_as_the_list_behind_it(reader, ministry):
    matrix = matrix_of(reader)
    for row in matrix.rows:
        for requirement, cell in zip(matrix.requirements, row.cells, strict=True):
            for state in [*STATES, "total"]:
                asked = {"don-vi": row.unit.code, "requirement": requirement.code, "trang-thai": state}
                page = reader.get(reverse("reporting:obligation_names"), asked).context["page_obj"]
                assert page.paginator.count == getattr(cell, state), (row.unit, requirement, state)


def test_a_coordinator_sees_the_own_subtree_and_nothing_beside_it(client, ministry):
    unit = Unit.objects.get(code="A")
    sign_in(client, make_person(roles=[(Role.COORDINATOR, unit)]))
    assert {row.unit.code for row in matrix_of(client).rows} == {"A", "A1"}
    assert client.get(reverse("reporting:matrix"), {"don-vi": "B"}).status_code == 404
    stranger = ministry["people"]["B"][0]
    assert client.get(reverse("reporting:obligation", args=["CCHC", stranger.pk])).status_code == 404
    names = client.get(reverse("reporting:obligation_names"), {"requirement": "CCHC"}).context["rows"]
    assert {row["posting"].unit.code for row in names} == {"A", "A1"}


def test_the_page_asks_the_same_number_of_queries_however_many_units_and_requirements(
    reader, ministry, django_assert_max_num_queries
):
    with django_assert_max_num_queries(22) as first:
        matrix_of(reader)
    for number in range(6):
        unit = make_unit(f"Vụ {number}", parent=ministry["root"])
        make_person(unit=unit)
        require(actor=ministry["chief"], units=[unit])
    with django_assert_max_num_queries(len(first)):
        matrix_of(reader)
    with django_assert_max_num_queries(22):
        reader.get(reverse("reporting:obligation_names"))


def test_yesterday_and_the_days_before_the_requirement_are_read_as_they_were(reader, ministry):
    before = matrix_of(reader, as_at=f"{TODAY - timedelta(days=200):%Y-%m-%d}")
    assert before.requirements == []
    yesterday = matrix_of(reader, as_at=f"{TODAY - timedelta(days=1):%Y-%m-%d}", requirement="CCHC")
    assert (yesterday.total.whole.done, yesterday.total.whole.overdue) == (0, 6)


def test_files_hold_the_figures_of_the_page(reader, ministry):
    matrix = matrix_of(reader, cap="tat-ca")
    sheet = load_workbook(
        io.BytesIO(reader.get(reverse("reporting:matrix_file", args=["xlsx"]), {"cap": "tat-ca"}).content)
    ).active
    lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
    text = reader.get(reverse("reporting:matrix_file", args=["csv"]), {"cap": "tat-ca"}).content.decode(
        "utf-8-sig"
    )
    rows = list(csv.reader(io.StringIO(text)))
    for row in matrix.rows:
        for requirement, cell in zip(matrix.requirements, row.cells, strict=True):
            figures = [getattr(cell, state) for state in STATES]
            assert any(
                line[0] == row.unit.code and line[3] == requirement.code and line[5:11] == figures
                for line in lines
            )
            assert any(
                line[0] == row.unit.code
                and line[3] == requirement.code
                and line[5:11] == [str(figure) for figure in figures]
                for line in rows
            )
    names = reader.get(reverse("reporting:obligation_names_file"), {"trang-thai": "overdue"}).content
    assert (
        sum(1 for row in load_workbook(io.BytesIO(names)).active.iter_rows() if row[4].value == "CCHC") == 5
    )


def test_the_page_of_one_official_says_why(reader, ministry):
    done = reader.get(reverse("reporting:obligation", args=["CCHC", ministry["people"]["A1"][0].pk]))
    assert "hoàn thành" in done.content.decode()
    assert done.context["row"].obligation == "done"
    late = reader.get(reverse("reporting:obligation", args=["CCHC", ministry["people"]["B"][0].pk]))
    assert late.context["row"].obligation == "overdue"
    outside = reader.get(reverse("reporting:obligation", args=["CNTT", ministry["people"]["B"][0].pk]))
    assert outside.context["row"] is None


def test_an_exempt_official_leaves_the_denominator_and_comes_back_when_the_exemption_ends(client, ministry):
    sign_in(client, ministry["chief"])
    official = ministry["people"]["B"][0]
    answer = client.post(
        reverse("courses:exempt", args=["CCHC", official.pk]),
        {"valid_from": f"{TODAY - timedelta(days=3):%Y-%m-%d}", "reason": "Nghỉ thai sản"},
    )
    assert answer.status_code == 302
    cell = matrix_of(client, requirement="CCHC").total.whole
    assert (cell.exempt, cell.overdue, cell.denominator) == (1, 4, 5)
    assert AuditEvent.objects.filter(action="exemption.granted").count() == 1
    again = client.post(
        reverse("courses:exempt", args=["CCHC", official.pk]),
        {"valid_from": f"{TODAY:%Y-%m-%d}", "reason": "Nghỉ ốm"},
    )
    assert again.status_code == 400
    exemption = Requirement.objects.get(code="CCHC").exemptions.get()
    client.post(reverse("courses:exemption_end", args=["CCHC", exemption.pk]), {"reason": "Đi làm lại"})
    assert matrix_of(client, requirement="CCHC").total.whole.exempt == 0
    yesterday = f"{TODAY - timedelta(days=1):%Y-%m-%d}"
    assert matrix_of(client, requirement="CCHC", as_at=yesterday).total.whole.exempt == 1


def test_nobody_exempts_oneself(client, ministry):
    chief = make_person(unit=ministry["root"], roles=[Role.SCHOOL_ADMINISTRATOR])
    sign_in(client, chief)
    answer = client.post(
        reverse("courses:exempt", args=["CCHC", chief.pk]),
        {"valid_from": f"{TODAY:%Y-%m-%d}", "reason": "Bận"},
    )
    assert answer.status_code == 400
    assert not Requirement.objects.get(code="CCHC").exemptions.exists()


def asked_for(course, **about) -> dict:
    return {
        "course": course.pk,
        "code": "ATTT-2026",
        "title": "An toàn thông tin năm 2026",
        "audience": "rule",
        "recurrence": "once",
        "starts_on": f"{TODAY:%Y-%m-%d}",
        "due_on": f"{TODAY + timedelta(days=60):%Y-%m-%d}",
        "newcomer_days": 90,
        "decision_number": "12/QĐ-BLĐTBXH",
        "decision_date": f"{TODAY:%Y-%m-%d}",
        **about,
    }


def test_the_school_sets_a_requirement_for_units_by_their_codes(client, ministry):
    sign_in(client, ministry["chief"])
    url = reverse("courses:requirement_create")
    unknown = client.post(url, asked_for(ministry["run"].course, units="A\nKHONG-CO"))
    assert unknown.status_code == 400
    assert "KHONG-CO" in unknown.content.decode()
    assert client.post(url, asked_for(ministry["run"].course, units="A")).status_code == 302
    cell = matrix_of(client, requirement="ATTT-2026").total.whole
    assert (cell.total, cell.done) == (4, 1)


def test_a_list_names_people_by_code_or_address_and_is_not_empty(client, ministry):
    sign_in(client, ministry["chief"])
    url, course = reverse("courses:requirement_create"), ministry["run"].course
    assert client.post(url, asked_for(course, audience="list")).status_code == 400
    official = ministry["people"]["B"][1]
    assert client.post(url, asked_for(course, audience="list", members=official.email)).status_code == 302
    assert matrix_of(client, requirement="ATTT-2026").total.whole.total == 1


def test_a_day_and_a_term_together_are_refused(client, ministry):
    sign_in(client, ministry["chief"])
    answer = client.post(
        reverse("courses:requirement_create"), asked_for(ministry["run"].course, within_days=30)
    )
    assert answer.status_code == 400
    assert "due_on" in answer.context["form"].errors


def test_a_later_day_can_be_given_but_not_another_first_day_once_it_holds(client, ministry):
    sign_in(client, ministry["chief"])
    requirement = Requirement.objects.get(code="CCHC")
    answer = client.post(
        reverse("courses:requirement_edit", args=["CCHC"]),
        {
            "title": requirement.title,
            "due_on": f"{TODAY + timedelta(days=40):%Y-%m-%d}",
            "decision_number": requirement.decision_number,
            "decision_date": f"{requirement.decision_date:%Y-%m-%d}",
            "starts_on": f"{TODAY:%Y-%m-%d}",
        },
    )
    assert answer.status_code == 302
    requirement.refresh_from_db()
    assert requirement.due_on == TODAY + timedelta(days=40)
    assert requirement.starts_on == TODAY - timedelta(days=100)
    assert matrix_of(client, requirement="CCHC").total.whole.overdue == 0


def test_an_ended_requirement_leaves_today_and_stays_in_the_days_before(client, ministry):
    sign_in(client, ministry["chief"])
    url = reverse("courses:requirement_end", args=["CCHC"])
    early = client.post(url, {"ends_on": f"{TODAY - timedelta(days=1):%Y-%m-%d}", "reason": "Bãi bỏ"})
    assert early.status_code == 400
    assert client.post(url, {"ends_on": f"{TODAY:%Y-%m-%d}", "reason": "Bãi bỏ"}).status_code == 302
    assert "CCHC" not in [requirement.code for requirement in matrix_of(client).requirements]
    yesterday = matrix_of(client, as_at=f"{TODAY - timedelta(days=1):%Y-%m-%d}")
    assert "CCHC" in [requirement.code for requirement in yesterday.requirements]


def test_people_are_chosen_by_category_gender_rank_and_age_on_the_day(reader, ministry):
    first, second = ministry["people"]["B"]
    first.birth_date, first.gender = TODAY.replace(year=TODAY.year - 41, day=1, month=1), "nu"
    first.save(update_fields=["birth_date", "gender"])
    second.birth_date, second.gender = date(TODAY.year - 25, 1, 1), "nam"
    second.save(update_fields=["birth_date", "gender"])
    first.postings.update(rank_code="01.003", category="cong_chuc")

    def counted(**asked) -> int:
        return matrix_of(reader, requirement="CCHC", **asked).total.whole.total

    assert counted(gender="nu") == counted(rank="01.003") == counted(category="cong_chuc") == 1
    assert (counted(age="30"), counted(age="40"), counted(age="50")) == (1, 0, 1)
    assert counted(age="30", gender="nu") == 0
    assert counted() == 6


def test_a_band_of_age_turns_over_on_the_birthday():
    day = date(2026, 6, 30)
    born = {
        "30": [date(1996, 6, 30), date(1995, 7, 1)],  # 30 today, 31 tomorrow
        "40": [date(1995, 6, 30), date(1985, 7, 1)],
        "61": [date(1965, 6, 30)],
    }
    for band, dates in born.items():
        for birth_date in dates:
            person = make_person(unit=make_unit(), birth_date=birth_date)
            bands = [
                name for name in AGE_BANDS if Posting.objects.filter(born_q(name, day=day), person=person)
            ]
            assert bands == [band]


def test_a_file_that_cannot_hold_all_names_says_so(reader, ministry, monkeypatch):
    monkeypatch.setattr("lms.reporting.views.obligations.MOST_NAMES", 3)
    content = reader.get(reverse("reporting:obligation_names_file")).content
    text = [str(cell.value) for row in load_workbook(io.BytesIO(content)).active.iter_rows() for cell in row]
    assert any("3 trong 10" in words for words in text)
    assert sum(words in ("CCHC", "CNTT") for words in text) == 3


def test_why_somebody_is_exempt_stays_out_of_the_trail(client, ministry):
    sign_in(client, ministry["chief"])
    official = ministry["people"]["B"][0]
    client.post(
        reverse("courses:exempt", args=["CCHC", official.pk]),
        {"valid_from": f"{TODAY:%Y-%m-%d}", "reason": "Điều trị dài ngày"},
    )
    event = AuditEvent.objects.get(action="exemption.granted")
    assert "Điều trị" not in str(event.data)


def test_the_reason_names_every_condition_of_the_audience(reader, ministry):
    official = ministry["people"]["B"][0]
    official.postings.update(category="vien_chuc", rank_code="V.07")
    require(code="VC", actor=ministry["chief"], categories=["vien_chuc"], rank_codes=["V.07"])
    page = reader.get(reverse("reporting:obligation", args=["VC", official.pk]))
    assert page.context["row"].obligation == "on_track"
    words = " ".join(page.content.decode().split())
    assert "Tất cả đơn vị · viên chức · V.07" in words

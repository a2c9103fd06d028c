"""Completion by unit: the page, its lists, its files and the command say the same."""

import csv
import io
import json
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from certificates.models import Certificate
from courses.models import Enrolment
from lms.organisations.access import access_for
from lms.organisations.models import Role, Unit
from lms.reporting.queries import FIGURES, PARTS, Scope, completion_by_unit
from tests.factories.certificates import make_certificate
from tests.factories.courses import make_course, make_enrolment, make_run
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db
State = Enrolment.State


@pytest.fixture
def ministry():
    """Root → A (→ A1), B with people in every state, one of them in two runs and two units."""
    root = make_unit("Bộ", code="BO", kind="bo")
    unit_a, unit_b = make_unit("Vụ A", code="A", parent=root), make_unit("Cục B", code="B", parent=root)
    unit_a1 = make_unit("Phòng A1", code="A1", parent=unit_a)
    today = timezone.localdate()
    run = make_run(course=make_course(modules=1, lessons=1), code="LOP1")
    other = make_run(course=run.course, code="LOP2")
    for unit in (unit_a, unit_a1, unit_b):
        for state in (
            State.COMPLETED,
            State.IN_PROGRESS,
            State.ENROLLED,
            State.WITHDRAWN,
            State.FAILED,
            State.NOMINATED,
        ):
            make_enrolment(run=run, learner=make_person(unit=unit), state=state)
        late = make_person(unit=unit)
        make_enrolment(run=run, learner=late, state=State.IN_PROGRESS, due_on=today - timedelta(days=1))
    mover = make_person("Đặng Ánh", unit=unit_a1)
    make_enrolment(run=run, learner=mover, state=State.COMPLETED)
    make_enrolment(run=other, learner=mover, state=State.IN_PROGRESS, unit=unit_b)
    return root


@pytest.fixture
def reader(client, ministry):
    person = make_person(unit=ministry, roles=[Role.MINISTRY_READER])
    client.force_login(person)
    return person


def report_for(person, **kwargs):
    return completion_by_unit(
        scope=kwargs.pop("scope", Scope()),
        as_at=kwargs.pop("as_at", timezone.localdate()),
        access=access_for(person),
        **kwargs,
    )


def test_parts_add_up_and_parents_are_the_sum_of_their_children(reader):
    report = report_for(reader)
    for row in report.rows:
        assert row.participations == sum(getattr(row, part) for part in PARTS)
    total = report.total
    for figure in set(FIGURES) - {"persons", "staff"}:
        assert getattr(total, figure) == sum(getattr(row, figure) for row in report.children_of(total))
    assert total.participations == 3 * 6 + 2
    assert total.completed == 4


def test_a_person_of_two_units_is_counted_once_at_the_parent(reader):
    report = report_for(reader)
    below = report.children_of(report.total)
    assert report.total.persons == 3 * 6 + 1
    assert sum(row.persons for row in below) == report.total.persons + 1


def test_a_nomination_alone_is_not_a_participation(client, reader):
    url = reverse("reporting:names") + "?don-vi=BO&so-lieu=participations"
    states = {enrolment.state for enrolment in client.get(url).context["page_obj"]}
    assert State.NOMINATED not in states


def test_every_figure_is_as_long_as_the_list_behind_it(client, reader):
    report = report_for(reader)
    for code in ("BO", "A", "A1", "B"):
        row = report.row_of(Unit.objects.get(code=code).pk)
        for figure in FIGURES:
            page = client.get(reverse("reporting:names"), {"don-vi": code, "so-lieu": figure}).context[
                "page_obj"
            ]
            assert page.paginator.count == getattr(row, figure), (code, figure)


def test_yesterday_is_read_as_it_was(client, reader, ministry):
    now = timezone.now()
    person = make_person(unit=ministry)
    enrolment = make_enrolment(learner=person, state=State.COMPLETED, now=now)
    Enrolment.objects.filter(pk=enrolment.pk).update(
        enrolled_at=now - timedelta(days=9), started_at=now - timedelta(days=9), completed_at=now
    )
    scope = Scope(run_id=enrolment.run_id)
    yesterday = timezone.localdate() - timedelta(days=1)
    assert report_for(reader, scope=scope).total.completed == 1
    before = report_for(reader, scope=scope, as_at=yesterday).total
    assert (before.completed, before.in_progress) == (0, 1)
    assert report_for(reader, scope=scope, as_at=yesterday - timedelta(days=30)).total.participations == 0


def test_a_completion_late_in_the_evening_belongs_to_the_day_in_viet_nam(reader, ministry):
    enrolment = make_enrolment(learner=make_person(unit=ministry), state=State.COMPLETED)
    evening = timezone.make_aware(datetime(2026, 3, 1, 23, 30))
    Enrolment.objects.filter(pk=enrolment.pk).update(
        enrolled_at=evening - timedelta(days=2), started_at=evening - timedelta(days=2), completed_at=evening
    )
    scope = Scope(run_id=enrolment.run_id)
    assert report_for(reader, scope=scope, as_at=evening.date()).total.completed == 1


def test_a_certificate_counts_from_the_day_of_its_issue(reader, ministry):
    today = timezone.localdate()
    Enrolment.objects.update(enrolled_at=timezone.now() - timedelta(days=9))
    certificate = make_certificate(Enrolment.objects.filter(state=State.COMPLETED).first(), files=False)
    everyones = Certificate.objects.count()
    assert everyones == 4
    assert report_for(reader, root=ministry).total.certificates == everyones
    Certificate.objects.filter(pk=certificate.pk).update(issued_at=timezone.now() - timedelta(days=2))
    before = report_for(reader, root=ministry, as_at=today - timedelta(days=1))
    assert before.total.certificates == 1
    assert before.row_of(certificate.enrolment.unit_id).certificates == 1


def test_a_coordinator_reads_the_own_subtree_only(client, ministry):
    coordinator = make_person(unit=ministry, roles=[(Role.COORDINATOR, Unit.objects.get(code="A"))])
    client.force_login(coordinator)
    rows = client.get(reverse("reporting:completion"), {"cap": "tat-ca"}).context["report"].rows
    assert {row.unit.code for row in rows} == {"A", "A1"}
    assert client.get(reverse("reporting:completion"), {"don-vi": "B"}).status_code == 404
    people = client.get(reverse("reporting:names")).context["page_obj"]
    assert {enrolment.unit.code for enrolment in people} == {"A", "A1"}


def test_the_report_costs_the_same_queries_with_ten_units_and_with_a_thousand(
    client, reader, ministry, django_assert_max_num_queries
):
    counts = []
    for size in (10, 1000):
        missing = size - Unit.objects.filter(parent=ministry).count()
        Unit.objects.bulk_create(
            Unit(
                code=f"N{size}-{n}",
                name=f"Đơn vị {n}",
                kind="vu",
                parent=ministry,
                path=f"{ministry.path}{size + n + 100:04d}",
            )
            for n in range(missing)
        )
        client.get(reverse("reporting:completion"))
        with django_assert_max_num_queries(20) as captured:
            response = client.get(reverse("reporting:completion"))
        assert response.status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_page_workbook_csv_and_command_agree(client, reader):
    query = {"cap": "tat-ca"}
    context = client.get(reverse("reporting:completion"), query).context
    shown = {
        row.unit.code: [getattr(row, figure) for figure in FIGURES]
        for row in [*context["rows"], context["total"]]
    }

    content = client.get(reverse("reporting:completion_file", args=["xlsx"]), query).content
    lines = list(load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
    in_workbook = {line[0]: list(line[3 : 3 + len(FIGURES)]) for line in lines if line[0] in shown}
    assert in_workbook == shown

    text = client.get(reverse("reporting:completion_file", args=["csv"]), query).content.decode("utf-8-sig")
    in_csv = {
        line[0]: [int(n) for n in line[3 : 3 + len(FIGURES)]]
        for line in list(csv.reader(io.StringIO(text)))[1:]
    }
    assert in_csv == shown

    printed = io.StringIO()
    call_command("report", "completion", stdout=printed)
    rows = json.loads(printed.getvalue())["rows"]
    assert {row["code"]: [row[figure] for figure in FIGURES] for row in rows} == shown


def test_the_pdf_is_made(client, reader):
    response = client.get(reverse("reporting:completion_file", args=["pdf"]))
    assert response.content.startswith(b"%PDF")


def test_an_unknown_format_or_figure_is_not_found(client, reader):
    assert client.get(reverse("reporting:completion_file", args=["exe"])).status_code == 404
    assert client.get(reverse("reporting:names"), {"so-lieu": "secrets"}).status_code == 404


def test_a_wrong_period_is_told_beside_its_field(client, reader):
    response = client.get(
        reverse("reporting:completion"), {"closes_from": "2026-05-01", "closes_to": "2026-01-01"}
    )
    assert response.context["form"].errors["closes_to"]


def test_units_are_sorted_by_any_figure_and_by_name(client, reader):
    rows = client.get(reverse("reporting:completion"), {"sort": "-completed"}).context["rows"]
    assert [row.completed for row in rows] == sorted((row.completed for row in rows), reverse=True)
    by_name = client.get(reverse("reporting:completion"), {"sort": "name"}).context["rows"]
    assert [row.unit.name for row in by_name] == ["Cục B", "Vụ A"]


def test_a_person_is_found_in_a_list_without_marks(client, reader):
    page = client.get(reverse("reporting:names"), {"don-vi": "BO", "q": "dang anh"}).context["page_obj"]
    assert {enrolment.learner.first_name for enrolment in page} == {"Ánh"}


def test_why_a_participation_is_counted_is_told_in_words(client, reader):
    enrolment = Enrolment.objects.filter(state=State.COMPLETED).first()
    response = client.get(reverse("reporting:explanation", args=[enrolment.pk]))
    assert response.context["part"] == "completed"


def test_the_list_costs_the_same_queries_whatever_its_length(
    client, reader, ministry, django_assert_max_num_queries
):
    for _ in range(2):
        with django_assert_max_num_queries(16):
            client.get(reverse("reporting:names"))
        for _ in range(8):
            make_enrolment(learner=make_person(unit=ministry))


def test_the_rows_of_a_level_together_cover_everybody_once(reader, ministry):
    make_person(unit=ministry)  # posted above every level but the first
    total = report_for(reader).total
    for level in range(4):
        out = io.StringIO()
        call_command("report", "completion", level=level, stdout=out)
        rows = json.loads(out.getvalue())["rows"]
        assert len({row["code"] for row in rows}) == len(rows)
        for figure in set(FIGURES) - {"persons"}:
            assert sum(row[figure] for row in rows) == getattr(total, figure), (level, figure)
    by_code = {row["code"]: row for row in rows}
    assert (by_code["BO"]["staff"], by_code["BO"]["participations"]) == (
        2,
        0,
    )  # the reader and the person above
    assert by_code["A"]["persons"] == by_code["A"]["participations"] == 6

"""The coordinator's week: the own subtree, sending people, seeing who is late."""

import io
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from courses.models import Enrolment, Run
from lms.organisations.models import Role
from tests.factories.courses import make_course, make_enrolment, make_run
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
State = Enrolment.State


@pytest.fixture
def world(client):
    ministry = make_unit("Bộ")
    own, sibling = make_unit("Vụ Pháp chế", parent=ministry), make_unit("Thanh tra Bộ", parent=ministry)
    below = make_unit("Phòng Tổng hợp", parent=own)
    coordinator = make_person("Lê Thị Hoa", unit=own, roles=[Role.COORDINATOR])
    client.force_login(coordinator)
    return SimpleNamespace(
        ministry=ministry,
        own=own,
        sibling=sibling,
        below=below,
        coordinator=coordinator,
        official=make_person("Đỗ Văn Năm", unit=below),
        stranger=make_person("Vũ Thị Xa", unit=sibling),
        run=make_run(course=make_course(modules=1, lessons=2), policy=Run.Policy.NOMINATION, capacity=10),
    )


def get(client, name: str, *args, query: str = ""):
    return client.get(reverse(f"courses:{name}", args=args) + query)


def names(response) -> list[str]:
    return [str(person) for person in response.context["page_obj"]]


# --- The own unit ------------------------------------------------------------------------------------------------
def test_a_coordinator_does_not_see_a_sibling_unit(client, world):
    for unit in (world.sibling, world.ministry):
        for name in ("unit", "unit_staff", "unit_staff_export"):
            assert get(client, name, unit.code).status_code == 404


def test_figures_of_the_unit_are_those_of_its_whole_subtree(client, world):
    late = TODAY - timedelta(days=1)
    make_enrolment(run=world.run, learner=world.official, state=State.IN_PROGRESS, due_on=late)
    make_enrolment(run=world.run, learner=world.coordinator, state=State.COMPLETED)
    make_enrolment(run=world.run, learner=world.stranger, state=State.COMPLETED)
    response = get(client, "my_unit")
    total = response.context["total"]
    assert (total.staff, total.participations, total.completed, total.overdue) == (2, 2, 1, 1)
    rows = {row.unit.name: row.figures for row in response.context["rows"]}
    assert (rows["Phòng Tổng hợp"].overdue, rows["Vụ Pháp chế"].completed) == (1, 1)
    for field in ("staff", "participations", "completed", "overdue", "studying", "withdrawn"):
        assert sum(getattr(figures, field) for figures in rows.values()) == getattr(total, field)


def test_figures_speak_of_one_class_when_asked(client, world):
    make_enrolment(run=world.run, learner=world.official)
    make_enrolment(run=make_run(course=world.run.course), learner=world.official)
    assert get(client, "my_unit").context["total"].participations == 2
    assert get(client, "my_unit", query=f"?run={world.run.pk}").context["total"].participations == 1


def test_whoever_looks_after_several_units_chooses_among_them(client, world):
    person = make_person(
        unit=world.ministry, roles=[(Role.COORDINATOR, world.own), (Role.COORDINATOR, world.sibling)]
    )
    client.force_login(person)
    html = get(client, "my_unit").content.decode()
    assert "Vụ Pháp chế" in html and "Thanh tra Bộ" in html
    assert get(client, "unit", world.sibling.code).status_code == 200


def test_whoever_looks_after_none_is_turned_away(client, world):
    client.force_login(world.official)
    assert get(client, "my_unit").status_code == 403
    assert get(client, "unit", world.below.code).status_code == 404


def test_a_page_of_a_unit_asks_as_many_questions_for_ten_units_as_for_one(
    client, world, django_assert_max_num_queries
):
    for _ in range(10):
        unit = make_unit(parent=world.own)
        make_enrolment(run=world.run, learner=make_person(unit=unit))
    for name in ("unit", "unit_staff"):
        get(client, name, world.own.code)
        with django_assert_max_num_queries(18):
            get(client, name, world.own.code)


# --- Its people ----------------------------------------------------------------------------------------------------
def test_staff_are_those_of_the_subtree_found_without_marks(client, world):
    assert names(get(client, "unit_staff", world.own.code)) == ["Lê Thị Hoa", "Đỗ Văn Năm"]
    assert names(get(client, "unit_staff", world.own.code, query="?q=do nam")) == ["Đỗ Văn Năm"]


def test_staff_are_filtered_by_where_they_are(client, world):
    make_enrolment(
        run=world.run, learner=world.official, state=State.IN_PROGRESS, due_on=TODAY - timedelta(days=1)
    )
    assert names(get(client, "unit_staff", world.own.code, query="?state=overdue")) == ["Đỗ Văn Năm"]
    assert names(get(client, "unit_staff", world.own.code, query="?state=none")) == ["Lê Thị Hoa"]
    assert names(get(client, "unit_staff", world.own.code, query="?state=completed")) == []


def test_who_has_left_is_named_as_long_as_a_participation_is_counted(client, world):
    make_enrolment(run=world.run, learner=world.official, state=State.COMPLETED)
    world.official.postings.update(valid_to=TODAY)
    response = get(client, "unit_staff", world.own.code, query="?state=completed")
    assert names(response) == ["Đỗ Văn Năm"] and "đã chuyển đi" in response.content.decode()


def test_a_participation_made_in_another_unit_stays_with_it(client, world):
    make_enrolment(run=world.run, learner=world.official, unit=world.sibling)
    response = get(client, "unit_staff", world.own.code)
    assert world.run.title not in response.content.decode().split("<tbody>")[1]


def test_the_file_of_the_staff_is_what_the_filter_lets_through(client, world):
    make_enrolment(run=world.run, learner=world.official)
    response = get(client, "unit_staff_export", world.own.code, query="?state=studying")
    sheet = load_workbook(io.BytesIO(response.content)).active
    values = {cell.value for row in sheet.iter_rows() for cell in row}
    assert "Đỗ Văn Năm" in values and "Lê Thị Hoa" not in values and "Vũ Thị Xa" not in values


# --- Sending people ------------------------------------------------------------------------------------------------
def test_own_staff_are_ticked_looked_at_once_more_and_nominated(client, world):
    url = reverse("courses:nominate", args=[world.run.code])
    assert "Đỗ Văn Năm" in client.get(url).content.decode()
    chosen = {"person": [world.official.pk, world.coordinator.pk]}
    response = client.post(url, chosen)
    assert response.status_code == 200 and not Enrolment.objects.exists()
    client.post(url, chosen | {"confirmed": "1"})
    assert set(Enrolment.objects.values_list("learner", "state")) == {
        (world.official.pk, State.NOMINATED),
        (world.coordinator.pk, State.NOMINATED),
    }


def test_nobody_of_another_unit_can_be_nominated(client, world):
    url = reverse("courses:nominate", args=[world.run.code])
    assert "Vũ Thị Xa" not in client.get(url).content.decode()
    client.post(url, {"person": [world.stranger.pk], "confirmed": "1"})
    assert not Enrolment.objects.exists()


def test_who_is_already_on_the_list_is_shown_and_refused_with_the_reason(client, world):
    make_enrolment(run=world.run, learner=world.official)
    url = reverse("courses:nominate", args=[world.run.code])
    response = client.post(url, {"person": [world.official.pk, world.coordinator.pk]})
    assert response.context["refused"] == [world.official] and response.context["free"] == [world.coordinator]
    assert "Đã có trong danh sách" in response.content.decode()
    response = client.post(
        url, {"person": [world.official.pk, world.coordinator.pk], "confirmed": "1"}, follow=True
    )
    assert "Đỗ Văn Năm:" in response.content.decode()
    assert Enrolment.objects.filter(state=State.NOMINATED).count() == 1


def test_candidates_can_be_narrowed_to_those_not_on_the_list(client, world):
    make_enrolment(run=world.run, learner=world.official)
    response = get(client, "nominate", world.run.code, query="?free=on")
    assert names(response) == ["Lê Thị Hoa"]


def test_a_class_that_is_over_takes_nobody(client, world):
    Run.objects.update(state=Run.State.FINISHED)
    url = reverse("courses:nominate", args=[world.run.code])
    assert client.get(url).status_code == 200
    client.post(url, {"person": [world.official.pk], "confirmed": "1"})
    assert not Enrolment.objects.exists()


def test_a_class_in_preparation_or_for_self_enrolment_is_not_found(client, world):
    draft = make_run(course=world.run.course, policy=Run.Policy.NOMINATION, state=Run.State.DRAFT)
    own_way = make_run(course=world.run.course, policy=Run.Policy.SELF)
    for run in (draft, own_way):
        assert get(client, "nominate", run.code).status_code == 404


def test_a_coordinator_sees_the_nominations_of_the_own_units_alone(client, world):
    make_enrolment(run=world.run, learner=world.official, state=State.NOMINATED)
    make_enrolment(run=world.run, learner=world.stranger, state=State.NOMINATED)
    html = get(client, "nominations").content.decode()
    assert "Đỗ Văn Năm" in html and "Vũ Thị Xa" not in html


def test_a_nomination_is_taken_back_while_the_school_has_not_decided(client, world):
    row = make_enrolment(run=world.run, learner=world.official, state=State.NOMINATED)
    url = reverse("courses:nomination_take_back", args=[row.pk])
    client.post(url, {"reason": "Bận công tác"})
    row.refresh_from_db()
    assert (row.state, row.end_reason) == (State.WITHDRAWN, "Bận công tác")


def test_a_nomination_of_a_sibling_unit_is_not_found(client, world):
    row = make_enrolment(run=world.run, learner=world.stranger, state=State.NOMINATED)
    assert (
        client.post(reverse("courses:nomination_take_back", args=[row.pk]), {"reason": "x"}).status_code
        == 404
    )


def test_a_coordinator_does_not_reach_the_pages_of_the_class(client, world):
    for name in ("run", "run_learners", "run_nominations", "run_learners_export"):
        assert get(client, name, world.run.code).status_code == 404
    assert get(client, "runs").status_code == 403


def test_a_school_administrator_nominates_from_any_unit(client, world):
    client.force_login(make_person(unit=world.ministry, roles=[Role.SCHOOL_ADMINISTRATOR]))
    client.post(
        reverse("courses:nominate", args=[world.run.code]), {"person": [world.stranger.pk], "confirmed": "1"}
    )
    assert Enrolment.objects.get().learner == world.stranger

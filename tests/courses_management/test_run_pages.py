"""The pages of a class, by the people who use them."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from courses.models import Enrolment, Run, RunTrainer
from lms.organisations.models import Role
from tests.factories.courses import make_course, make_enrolment, make_run
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
State = Enrolment.State


@pytest.fixture
def school():
    return make_unit("Trường")


@pytest.fixture
def administrator(client, school):
    person = make_person(unit=school, roles=[Role.SCHOOL_ADMINISTRATOR])
    client.force_login(person)
    return person


@pytest.fixture
def run():
    return make_run(
        course=make_course(modules=1, lessons=2),
        policy=Run.Policy.NOMINATION,
        decision_number="12/QĐ-TĐT",
        decision_date=TODAY,
        decision_signer="Trần Thị Bình",
    )


def nominated(run, count: int = 1, **fields) -> list[Enrolment]:
    unit = make_unit()
    return [
        make_enrolment(run=run, learner=make_person(unit=unit), state=State.NOMINATED, **fields)
        for _ in range(count)
    ]


def page(client, name: str, *args, query: str = "") -> str:
    response = client.get(reverse(f"courses:{name}", args=args) + query)
    assert response.status_code == 200
    return response.content.decode()


def form_data(course, **fields) -> dict:
    return {
        "course": course.pk,
        "code": "CCHC-2025.01",
        "title": "Lớp bồi dưỡng cải cách hành chính khóa 1",
        "policy": "nomination",
        "opens_on": TODAY.isoformat(),
        "closes_on": (TODAY + timedelta(days=20)).isoformat(),
        "due_on": (TODAY + timedelta(days=15)).isoformat(),
        "capacity": "80",
        "decision_number": "12/QĐ-TĐT",
        "decision_date": TODAY.isoformat(),
        "decision_signer": "Trần Thị Bình",
        **fields,
    }


# --- The list ---------------------------------------------------------------------------------------------------
def test_classes_are_found_by_words_without_marks(client, administrator):
    course = make_course(modules=0)
    make_run(course=course, title="Lớp chữ ký số")
    make_run(course=course, title="Lớp cải cách hành chính")
    html = page(client, "runs", query="?q=CHU KY so")
    assert "Lớp chữ ký số" in html and "Lớp cải cách hành chính" not in html


def test_classes_are_filtered_by_course_state_and_year(client, administrator):
    first, second = make_course(modules=0), make_course(modules=0)
    make_run(course=first, title="Lớp mở")
    make_run(course=first, title="Lớp nháp", state=Run.State.DRAFT)
    make_run(course=second, title="Lớp khác")
    day = TODAY.replace(year=2019, day=1)
    make_run(course=first, title="Lớp cũ", opens_on=day, due_on=day, closes_on=day)
    html = page(client, "runs", query=f"?course={first.pk}&state=open&year={TODAY.year}")
    assert "Lớp mở" in html
    assert not any(title in html for title in ("Lớp nháp", "Lớp khác", "Lớp cũ"))


def test_a_filter_that_makes_no_sense_is_as_good_as_none(client, administrator, run):
    assert run.title in page(client, "runs", query="?year=xx&state=nothing&course=abc&page=99&sort=-password")


def test_the_list_of_classes_asks_a_constant_number_of_questions(
    client, administrator, django_assert_max_num_queries
):
    course = make_course(modules=0)
    for _ in range(12):
        make_enrolment(run=make_run(course=course), learner=make_person(unit=make_unit()))
    page(client, "runs")
    with django_assert_max_num_queries(20):
        page(client, "runs")


def test_a_trainer_sees_the_own_classes_alone(client, school, run):
    other = make_run(course=run.course, title="Lớp của người khác")
    trainer = make_person(unit=school, roles=[Role.TRAINER])
    RunTrainer.objects.create(run=run, person=trainer)
    client.force_login(trainer)
    html = page(client, "my_runs")
    assert run.title in html and other.title not in html
    assert client.get(reverse("courses:run", args=[other.code])).status_code == 404


# --- Making and moving one -----------------------------------------------------------------------------------------
def test_a_class_is_entered_opened_changed_and_finished(client, administrator):
    course = make_course(modules=1)
    trainer = make_person(unit=make_unit(), roles=[Role.TRAINER])
    response = client.post(reverse("courses:run_create"), form_data(course, trainers=[trainer.pk]))
    run = Run.objects.get()
    assert response.url == reverse("courses:run", args=[run.code])
    assert [link.person for link in run.trainer_links.all()] == [trainer]

    client.post(reverse("courses:run_open", args=[run.code]))
    assert Run.objects.get().state == Run.State.OPEN
    client.post(reverse("courses:run_edit", args=[run.code]), form_data(course, capacity="90"))
    assert Run.objects.get().capacity == 90
    client.post(reverse("courses:run_finish", args=[run.code]))
    assert Run.objects.get().state == Run.State.FINISHED


def test_what_does_not_fit_is_said_beside_its_field(client, administrator, run):
    url = reverse("courses:run_create")
    response = client.post(url, form_data(run.course, closes_on=(TODAY - timedelta(days=1)).isoformat()))
    assert response.status_code == 400 and "closes_on" in response.context["form"].errors
    response = client.post(url, form_data(run.course, code=run.code))
    assert "code" in response.context["form"].errors
    response = client.post(url, form_data(run.course, code="LỚP MỘT"))
    assert "code" in response.context["form"].errors
    assert Run.objects.count() == 1


def test_a_class_without_its_decision_is_not_opened_and_says_why(client, administrator):
    run = make_run(course=make_course(modules=0), state=Run.State.DRAFT, policy=Run.Policy.NOMINATION)
    response = client.post(reverse("courses:run_open", args=[run.code]), follow=True)
    assert "số, ngày và người ký quyết định" in response.content.decode()
    assert Run.objects.get().state == Run.State.DRAFT


def test_moving_a_class_takes_a_post(client, administrator, run):
    for name in ("run_open", "run_finish", "nominations_approve"):
        assert client.get(reverse(f"courses:{name}", args=[run.code])).status_code == 405


def test_leaders_and_readers_look_and_do_not_touch(client, school, run):
    for role in (Role.SCHOOL_LEADER, Role.MINISTRY_READER):
        client.force_login(make_person(unit=school, roles=[role]))
        html = page(client, "run", run.code)
        assert "<dialog" not in html
        for name in ("run_open", "run_finish", "nominations_approve"):
            assert client.post(reverse(f"courses:{name}", args=[run.code])).status_code == 403


def test_the_overview_counts_every_step(client, administrator, run):
    unit = make_unit()
    for state in (State.NOMINATED, State.ENROLLED, State.IN_PROGRESS, State.COMPLETED):
        make_enrolment(run=run, learner=make_person(unit=unit), state=state)
    make_enrolment(
        run=run, learner=make_person(unit=unit), state=State.IN_PROGRESS, due_on=TODAY - timedelta(days=1)
    )
    response = client.get(reverse("courses:run", args=[run.code]))
    figures = response.context["figures"]
    assert (figures.enrolled, figures.started, figures.completed) == (4, 3, 1)
    assert (figures.waiting, figures.late, figures.seats, figures.units) == (1, 1, 4, 1)


# --- Nominations ---------------------------------------------------------------------------------------------------
def test_ticked_nominations_are_approved_and_the_others_wait(client, administrator, run):
    first, second = nominated(run, 2)
    client.post(reverse("courses:nominations_approve", args=[run.code]), {"enrolment": [first.pk]})
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (State.ENROLLED, State.NOMINATED)


def test_all_are_approved_as_far_as_places_reach_and_the_rest_is_told_by_name(client, administrator, run):
    Run.objects.filter(pk=run.pk).update(capacity=2)
    rows = nominated(run, 3)
    response = client.post(reverse("courses:nominations_approve", args=[run.code]), {"all": "1"}, follow=True)
    html = response.content.decode()
    assert Enrolment.objects.filter(run=run, state=State.ENROLLED).count() == 2
    assert str(rows[2].learner) in html and "hết chỗ" in html


def test_a_declined_nomination_needs_a_reason_and_keeps_it(client, administrator, run):
    (row,) = nominated(run)
    url = reverse("courses:nomination_decline", args=[run.code, row.pk])
    client.post(url, {"reason": " "})
    assert Enrolment.objects.get().state == State.NOMINATED
    client.post(url, {"reason": "Chưa đúng đối tượng"})
    row.refresh_from_db()
    assert (row.state, row.end_reason) == (State.WITHDRAWN, "Chưa đúng đối tượng")
    assert "Chưa đúng đối tượng" in page(client, "run_nominations", run.code, query="?state=declined")


def test_a_nomination_of_another_class_is_not_found(client, administrator, run):
    (row,) = nominated(make_run(course=run.course))
    assert client.post(reverse("courses:nomination_decline", args=[run.code, row.pk])).status_code == 404


def test_a_trainer_does_not_see_nominations(client, school, run):
    trainer = make_person(unit=school, roles=[Role.TRAINER])
    RunTrainer.objects.create(run=run, person=trainer)
    client.force_login(trainer)
    assert client.get(reverse("courses:run_nominations", args=[run.code])).status_code == 403
    assert reverse("courses:run_nominations", args=[run.code]) not in page(client, "run_learners", run.code)


# --- Learners ------------------------------------------------------------------------------------------------------
def test_learners_stand_in_vietnamese_order_of_names(client, administrator, run):
    unit = make_unit()
    for name in ("Trần Văn Ước", "Nguyễn Thị Đào", "Lê Văn Dũng", "Phạm Thị Ân", "Bùi Văn An"):
        make_enrolment(run=run, learner=make_person(name, unit=unit))
    rows = client.get(reverse("courses:run_learners", args=[run.code])).context["page_obj"]
    assert [row.learner.first_name for row in rows] == ["An", "Ân", "Dũng", "Đào", "Ước"]


def test_learners_are_filtered_by_unit_with_what_lies_below_state_and_name_without_marks(
    client, administrator, run
):
    above = make_unit("Cục")
    below, other = make_unit("Phòng", parent=above), make_unit("Vụ")
    make_enrolment(run=run, learner=make_person("Đỗ Thị Ngọc", unit=above), state=State.IN_PROGRESS)
    make_enrolment(run=run, learner=make_person("Lê Minh", unit=below))
    make_enrolment(run=run, learner=make_person("Vũ Hà", unit=other), due_on=TODAY - timedelta(days=1))

    def names(query: str) -> set[str]:
        response = client.get(reverse("courses:run_learners", args=[run.code]) + query)
        return {row.learner.get_full_name() for row in response.context["page_obj"]}

    assert names(f"?unit={above.pk}") == {"Đỗ Thị Ngọc", "Lê Minh"}
    assert names("?q=do ngoc") == {"Đỗ Thị Ngọc"}
    assert names("?state=overdue") == {"Vũ Hà"}
    assert names("?state=in_progress") == {"Đỗ Thị Ngọc"}


def test_the_list_of_learners_asks_a_constant_number_of_questions(
    client, administrator, run, django_assert_max_num_queries
):
    for _ in range(15):
        make_enrolment(run=run, learner=make_person(unit=make_unit()))
    page(client, "run_learners", run.code)
    with django_assert_max_num_queries(20):
        page(client, "run_learners", run.code)


def test_the_file_holds_what_the_filter_lets_through_and_no_formula(client, administrator, run):
    unit = make_unit("=HYPERLINK(1)")
    make_enrolment(run=run, learner=make_person("Lê Minh", unit=unit), state=State.IN_PROGRESS)
    make_enrolment(run=run, learner=make_person("Vũ Hà", unit=unit))
    response = client.get(reverse("courses:run_learners_export", args=[run.code]) + "?state=in_progress")
    sheet = load_workbook(io.BytesIO(response.content)).active
    values = [cell.value for row in sheet.iter_rows() for cell in row]
    assert "Lê Minh" in values and "Vũ Hà" not in values
    assert "'=HYPERLINK(1)" in values
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_a_learner_is_taken_out_with_a_reason(client, administrator, run):
    row = make_enrolment(run=run, state=State.IN_PROGRESS)
    client.post(
        reverse("courses:enrolment_withdraw", args=[run.code, row.pk]), {"reason": "Nghỉ ốm dài ngày"}
    )
    row.refresh_from_db()
    assert (row.state, row.end_reason) == (State.WITHDRAWN, "Nghỉ ốm dài ngày")


def test_a_completed_learner_is_not_taken_out(client, administrator, run):
    row = make_enrolment(run=run, state=State.COMPLETED)
    client.post(reverse("courses:enrolment_withdraw", args=[run.code, row.pk]), {"reason": "Nhầm"})
    row.refresh_from_db()
    assert row.state == State.COMPLETED


def test_a_trainer_reads_the_learners_and_takes_nobody_out(client, school, run):
    row = make_enrolment(run=run)
    trainer = make_person(unit=school, roles=[Role.TRAINER])
    RunTrainer.objects.create(run=run, person=trainer)
    client.force_login(trainer)
    html = page(client, "run_learners", run.code)
    assert str(row.learner) in html and "<dialog" not in html
    url = reverse("courses:enrolment_withdraw", args=[run.code, row.pk])
    assert client.post(url, {"reason": "x"}).status_code == 403

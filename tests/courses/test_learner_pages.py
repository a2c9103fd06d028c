"""The learner's pages: dashboard, course, enrolling and leaving, training record."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.models import Enrolment, LessonProgress, Run
from courses.panels import RecordLink
from courses.services.progress import complete_lesson, open_lesson
from tests.factories.courses import lessons_of, make_course, make_criterion, make_enrolment, make_run
from tests.factories.organisations import make_person, make_unit

State = Enrolment.State
pytestmark = pytest.mark.django_db


@pytest.fixture
def learner():
    return make_person("Đặng Thị Ánh Nguyệt", unit=make_unit("Vụ Bảo hiểm xã hội"))


@pytest.fixture
def page(client, learner):
    client.force_login(learner)

    def get(name, **kwargs):
        response = client.get(reverse(f"courses:{name}", kwargs=kwargs))
        assert response.status_code == 200
        return response

    return get


# --- Dashboard ---------------------------------------------------------------------------------------------


def test_the_dashboard_of_a_newcomer_says_what_to_do(page):
    html = page("dashboard").content.decode()
    assert "Bạn chưa học khóa nào" in html
    assert "Đặng Thị Ánh Nguyệt" in html


def test_the_one_button_leads_to_the_very_lesson_where_the_learner_stopped(page, learner):
    enrolment = make_enrolment(learner=learner)
    other = make_enrolment(learner=learner)
    lessons = lessons_of(enrolment.run.course)
    now = timezone.now()
    open_lesson(enrolment=other, lesson=lessons_of(other.run.course)[0], now=now - timedelta(hours=1))
    open_lesson(enrolment=enrolment, lesson=lessons[2], now=now)
    response = page("dashboard")
    assert response.context["going_on"]["outline"].next_url == lessons[2].get_url()
    assert response.content.decode().count("button--primary") == 1


def test_an_overdue_course_is_marked_and_counted(page, learner):
    run = make_run()
    make_enrolment(run=run, learner=learner, due_on=timezone.localdate() - timedelta(days=1))
    response = page("dashboard")
    assert response.context["overdue_count"] == 1
    assert "Quá hạn" in response.content.decode()


def test_runs_to_enrol_in_leave_out_full_ones_mine_and_those_of_nominations(page, learner):
    open_run = make_run(title="Lớp còn chỗ")
    make_run(title="Lớp theo cử", policy=Run.Policy.NOMINATION)
    full = make_run(title="Lớp đã đầy", capacity=1)
    make_enrolment(run=full)
    mine = make_run(title="Lớp của tôi")
    make_enrolment(run=mine, learner=learner)
    assert [run for run, _link in page("dashboard").context["open_runs"]] == [open_run]


def test_the_periods_of_this_year_count_a_course_once(page, learner):
    course = make_course(periods="16")
    this_year = timezone.now()
    for run in (make_run(course=course), make_run(course=course)):
        make_enrolment(run=run, learner=learner, state=State.COMPLETED, now=this_year)
    last_year = this_year.replace(year=this_year.year - 1, day=1)
    make_enrolment(
        run=make_run(course=make_course(periods="8")), learner=learner, state=State.COMPLETED, now=last_year
    )
    response = page("dashboard")
    assert (response.context["periods"], response.context["periods_missing"]) == (16, 24)


def test_a_completion_late_on_new_years_eve_belongs_to_the_year_in_viet_nam(page, learner):
    moment = datetime(2024, 12, 31, 18, tzinfo=UTC)  # 01:00 on 1 January in Hà Nội
    make_enrolment(learner=learner, state=State.COMPLETED, now=moment)
    assert list(page("record").context["years"]) == [2025]


def test_a_registered_panel_is_shown(page, monkeypatch):
    monkeypatch.setattr(
        "courses.panels._panels", [lambda request: {"template": "components/alert.html"}, lambda r: None]
    )
    assert len(page("dashboard").context["panels"]) == 1


@pytest.mark.parametrize("courses", [2, 12])
def test_the_dashboard_takes_the_same_queries_for_few_and_many(
    client, learner, courses, django_assert_max_num_queries
):
    for _ in range(courses):
        make_enrolment(learner=learner, run=make_run(course=make_course(modules=1, lessons=1)))
        make_run(course=make_course(modules=1, lessons=1))
        make_enrolment(
            learner=learner, state=State.COMPLETED, run=make_run(course=make_course(modules=1, lessons=1))
        )
    client.force_login(learner)
    client.get(reverse("courses:dashboard"))
    with django_assert_max_num_queries(20):
        client.get(reverse("courses:dashboard"))


# --- One course ---------------------------------------------------------------------------------------------


def test_my_course_tells_what_is_missing_in_words(page, learner):
    course = make_course(modules=1, lessons=3)
    enrolment = make_enrolment(learner=learner, run=make_run(course=course))
    make_criterion(course, module=course.get_children().first().specific)
    complete_lesson(enrolment=enrolment, lesson=lessons_of(course)[0], actor=learner, now=timezone.now())
    response = page("my_course", pk=enrolment.pk)
    assert response.context["missing_text"] == "2 bài học và 1 bài kiểm tra"
    assert "Còn phải hoàn thành: 2 bài học và 1 bài kiểm tra." in response.content.decode()


def test_somebody_elses_course_is_not_found(client, learner):
    client.force_login(learner)
    assert client.get(reverse("courses:my_course", kwargs={"pk": make_enrolment().pk})).status_code == 404


def test_before_approval_the_course_shows_no_way_into_the_lessons(page, learner):
    enrolment = make_enrolment(
        learner=learner, run=make_run(policy=Run.Policy.NOMINATION), state=State.NOMINATED
    )
    html = page("my_course", pk=enrolment.pk).content.decode()
    assert lessons_of(enrolment.run.course)[0].title in html
    assert lessons_of(enrolment.run.course)[0].get_url() not in html


@pytest.mark.parametrize(("modules", "lessons"), [(1, 2), (4, 10)])
def test_my_course_takes_the_same_queries_for_2_and_40_lessons(
    client, learner, modules, lessons, django_assert_max_num_queries
):
    enrolment = make_enrolment(
        learner=learner, run=make_run(course=make_course(modules=modules, lessons=lessons))
    )
    client.force_login(learner)
    url = reverse("courses:my_course", kwargs={"pk": enrolment.pk})
    client.get(url)
    with django_assert_max_num_queries(16):
        client.get(url)


# --- Enrolling and leaving ------------------------------------------------------------------------------------


def test_a_learner_looks_at_a_run_enrols_and_leaves_again(client, learner):
    run = make_run(capacity=5)
    client.force_login(learner)
    url = reverse("courses:enrol", kwargs={"code": run.code})
    assert "Vụ Bảo hiểm xã hội" in client.get(url).content.decode()
    assert not Enrolment.objects.exists()
    response = client.post(url, follow=True)
    enrolment = Enrolment.objects.get()
    assert response.redirect_chain == [(reverse("courses:my_course", kwargs={"pk": enrolment.pk}), 302)]
    assert "Bạn đã được ghi danh" in response.content.decode()
    # A second look, a second click: the same enrolment.
    assert client.post(url).url == client.get(url).url == response.redirect_chain[0][0]
    client.post(reverse("courses:leave", kwargs={"pk": enrolment.pk}))
    assert Enrolment.objects.get().state == State.WITHDRAWN
    client.post(url)
    assert Enrolment.objects.get().state == State.ENROLLED


def test_leaving_is_a_post(client, learner):
    enrolment = make_enrolment(learner=learner)
    client.force_login(learner)
    assert client.get(reverse("courses:leave", kwargs={"pk": enrolment.pk})).status_code == 405


def test_leaving_after_the_start_is_forbidden(client, learner):
    enrolment = make_enrolment(learner=learner, state=State.IN_PROGRESS)
    client.force_login(learner)
    assert client.post(reverse("courses:leave", kwargs={"pk": enrolment.pk})).status_code == 403


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"policy": Run.Policy.NOMINATION}, "cử"),
        ({"capacity": 0}, "hết chỗ"),
        ({"on": timezone.localdate() + timedelta(days=30)}, "mở ghi danh"),
    ],
    ids=["nomination", "full", "not yet open"],
)
def test_a_run_that_cannot_be_entered_says_why_and_refuses(client, learner, fields, words):
    run = make_run(**fields)
    client.force_login(learner)
    url = reverse("courses:enrol", kwargs={"code": run.code})
    response = client.get(url)
    assert words in response.content.decode()
    assert not response.context["may_enrol"]
    client.post(url)
    assert not Enrolment.objects.exists()


def test_a_run_in_preparation_is_not_found(client, learner):
    client.force_login(learner)
    run = make_run(state=Run.State.DRAFT)
    assert client.get(reverse("courses:enrol", kwargs={"code": run.code})).status_code == 404


def test_somebody_without_a_unit_reads_whom_to_ask(client):
    client.force_login(make_person())
    run = make_run()
    assert "phòng đào tạo" in client.get(reverse("courses:enrol", kwargs={"code": run.code})).content.decode()


# --- Training record ------------------------------------------------------------------------------------------


@pytest.fixture
def history(learner):
    now = timezone.now()
    for code, state in [("A-1", State.COMPLETED), ("B-2", State.IN_PROGRESS), ("C-3", State.WITHDRAWN)]:
        make_enrolment(learner=learner, state=state, now=now, run=make_run(course=make_course(code=code)))


def codes(response):
    return [row.run.course.code for row, *_rest in response.context["rows"]]


def test_the_record_filters_and_sorts_by_its_address(client, learner, history):
    client.force_login(learner)
    url = reverse("courses:record")
    assert codes(client.get(url + "?sort=khoa")) == ["A-1", "B-2", "C-3"]
    assert codes(client.get(url + "?sort=-khoa")) == ["C-3", "B-2", "A-1"]
    assert codes(client.get(url + "?trang_thai=completed")) == ["A-1"]
    assert codes(client.get(url + "?trang_thai=studying")) == ["B-2"]
    assert codes(client.get(url + "?trang_thai=ended")) == ["C-3"]
    assert codes(client.get(url + "?nam=1999&sort=khoa")) == ["A-1", "B-2", "C-3"]


def test_the_record_shows_what_upper_rooms_add(page, learner, history, monkeypatch):
    def links(request, enrolments):
        return {
            row.pk: RecordLink(label="CC-001", url="/chung-chi/1/") for row in enrolments if row.completed_at
        }

    monkeypatch.setattr("courses.panels._record_links", [links])
    assert page("record").content.decode().count("CC-001") == 1


def test_the_record_of_a_long_career_is_paged_in_constant_queries(
    client, learner, django_assert_max_num_queries
):
    course = make_course(modules=1, lessons=1)
    for _ in range(55):
        make_enrolment(learner=learner, run=make_run(course=course), state=State.COMPLETED)
    client.force_login(learner)
    url = reverse("courses:record")
    with django_assert_max_num_queries(16):
        response = client.get(url)
    assert len(response.context["rows"]) == 50
    assert len(client.get(url + "?page=2").context["rows"]) == 5


def test_nobody_sees_another_persons_record(page):
    make_enrolment(state=State.COMPLETED)
    assert not page("record").context["has_any"]
    assert not LessonProgress.objects.exists()

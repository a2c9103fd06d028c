"""The public page of a course, and where the address of a module leads."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from courses.models import Enrolment, Run
from courses.models.pages import CourseTrainer
from tests.factories.courses import (
    lessons_of,
    make_course,
    make_criterion,
    make_english,
    make_enrolment,
    make_lesson,
    make_module,
    make_run,
)
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db
States = Enrolment.State


def page_of(client, course):
    response = client.get(course.get_url())
    assert response.status_code == 200
    return response


def test_the_syllabus_names_modules_lessons_and_tests(client):
    course = make_course(modules=0)
    module = make_module(course, lessons=0, title="Chuyên đề một")
    make_lesson(module, title="Bài mở đầu", periods="0.5", minutes=12)
    make_criterion(course, module=module)
    make_criterion(course)
    (first, rest) = page_of(client, course).context["modules"]
    assert [lesson.title for lesson in first.lessons] == ["Bài mở đầu"]
    assert len(first.criteria) == len(rest.criteria) == 1
    html = page_of(client, course).content.decode()
    assert "Chuyên đề một" in html
    assert "0,5" in html


def test_visitors_do_not_get_the_text_of_a_lesson(client):
    course = make_course(modules=1, lessons=1)
    html = page_of(client, course).content.decode()
    assert "Nội dung bài học" not in html
    assert lessons_of(course)[0].get_url() not in html


def test_trainers_are_shown_with_their_unit(client):
    course, unit = make_course(), make_unit("Khoa Công nghệ")
    trainer = make_person("Trần Thị Ánh", unit=unit, position="Giảng viên")
    CourseTrainer.objects.create(course=course, person=trainer, sort_order=0)
    html = page_of(client, course).content.decode()
    assert "Trần Thị Ánh" in html
    assert "Khoa Công nghệ" in html


def test_runs_show_their_window_and_the_places_left(client):
    course = make_course()
    run = make_run(course=course, capacity=3, title="Khóa tự học")
    for state in (States.IN_PROGRESS, States.WITHDRAWN, States.NOMINATED):
        make_enrolment(run=run, learner=make_person(unit=make_unit()), state=state)
    (line,) = page_of(client, course).context["runs"]
    assert line.places_left == 2


def test_a_full_run_offers_no_place(client):
    course = make_course()
    make_enrolment(run=make_run(course=course, capacity=1), learner=make_person(unit=make_unit()))
    response = page_of(client, course)
    assert response.context["runs"][0].is_full
    assert response.context["first_enrolable"] is None


def test_a_run_by_nomination_or_in_future_cannot_be_joined_alone(client):
    course, today = make_course(), timezone.localdate()
    make_run(course=course, policy=Run.Policy.NOMINATION)
    make_run(
        course=course,
        opens_on=today + timedelta(days=5),
        due_on=today + timedelta(days=9),
        closes_on=today + timedelta(days=9),
    )
    response = page_of(client, course)
    assert len(response.context["runs"]) == 2
    assert response.context["first_enrolable"] is None


def test_a_learner_is_led_to_the_next_lesson(client):
    course = make_course(modules=1, lessons=2)
    learner = make_person(unit=make_unit())
    make_enrolment(run=make_run(course=course), learner=learner, state=States.IN_PROGRESS)
    client.force_login(learner)
    response = page_of(client, course)
    first = lessons_of(course)[0].get_url()
    assert response.context["continue_url"] == first
    assert response.context["first_enrolable"] is None
    assert f'<a class="button button--primary button--block" href="{first}">' in response.content.decode()


def test_a_nominated_official_is_told_to_wait_and_not_to_enrol(client):
    course = make_course()
    learner = make_person(unit=make_unit())
    make_enrolment(run=make_run(course=course), learner=learner, state=States.NOMINATED)
    client.force_login(learner)
    response = page_of(client, course)
    assert response.context["outline"] is None
    assert response.context["first_enrolable"] is None


def test_the_most_telling_enrolment_is_shown(client):
    course, learner = make_course(), make_person(unit=make_unit())
    make_enrolment(run=make_run(course=course), learner=learner, state=States.WITHDRAWN)
    wanted = make_enrolment(run=make_run(course=course), learner=learner, state=States.IN_PROGRESS)
    make_enrolment(run=make_run(course=course), learner=learner, state=States.COMPLETED)
    client.force_login(learner)
    assert page_of(client, course).context["enrolment"] == wanted


def test_nobody_sees_the_enrolment_of_another(client):
    course = make_course()
    make_enrolment(
        run=make_run(course=course), learner=make_person(unit=make_unit()), state=States.IN_PROGRESS
    )
    client.force_login(make_person(unit=make_unit()))
    assert page_of(client, course).context["enrolment"] is None


def test_a_half_translated_course_is_shown_whole_in_english(client):
    course = make_course(title="Kỹ năng số", modules=2, lessons=1)
    course.outcomes = "<ul><li>Làm được bảng tính</li></ul>"
    course.save_revision().publish()
    make_run(course=course, title="Lớp", title_en="Class")
    english = make_english(course, title="Digital skills", outcomes="")
    make_english(lessons_of(course)[0], title="First lesson")
    html = page_of(client, english).content.decode()
    for words in ["Digital skills", "First lesson", lessons_of(course)[1].title, "Class"]:
        assert words in html
    assert 'lang="vi"><ul><li>Làm được bảng tính' in html


def test_the_address_of_a_module_leads_to_its_place_in_the_course(client):
    course = make_course(modules=1)
    module = course.get_children().first()
    response = client.get(module.get_url())
    assert response.status_code == 302
    assert response.url == f"{course.get_url()}#module-{module.slug}"
    assert f'id="module-{module.slug}"' in page_of(client, course).content.decode()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_course_page_costs_twenty_queries_at_most_and_the_same_for_two_lessons_and_for_forty(language):
    learner = make_person(unit=make_unit())
    costs = []
    for modules, lessons in [(1, 2), (5, 8)]:
        course = make_course(modules=modules, lessons=lessons)
        for _ in range(modules):
            make_criterion(course)
        for _ in range(2):
            trainer = make_person(unit=make_unit())
            CourseTrainer.objects.create(course=course, person=trainer)
        make_run(course=course)
        make_enrolment(run=make_run(course=course), learner=learner, state=States.IN_PROGRESS)
        page = make_english(course) if language == "en" else course
        for person in (None, learner):
            client = Client()
            if person:
                client.force_login(person)
            client.get(page.get_url())
            costs.append(_queries(client, page.get_url()))
    assert costs[:2] == costs[2:]
    visitor, person = costs[:2]
    assert visitor < person <= 20


def _queries(client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)

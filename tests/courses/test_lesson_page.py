"""The lesson at its own address: who reads it, what is recorded, at what cost."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail import hooks

from courses.criteria import register_criterion_kind
from courses.models import CourseTrainer, Enrolment, LessonPage, LessonProgress, Run
from lms.core.models import AuditEvent
from lms.organisations.models import Role
from tests.factories.cms import make_document, make_drawing
from tests.factories.courses import (
    LESSON_BODY,
    lessons_of,
    make_course,
    make_criterion,
    make_english,
    make_enrolment,
    make_lesson,
    make_run,
)
from tests.factories.organisations import make_person, make_unit

State = Enrolment.State
TEXT = "Nội dung bài học dành cho học viên."
pytestmark = pytest.mark.django_db


@pytest.fixture
def enrolment():
    return make_enrolment(run=make_run(course=make_course(modules=2, lessons=2)))


@pytest.fixture
def lessons(enrolment):
    return lessons_of(enrolment.run.course)


@pytest.fixture
def reader(client, enrolment):
    client.force_login(enrolment.learner)
    return client


def complete_url(enrolment, lesson):
    return reverse("courses:complete_lesson", kwargs={"pk": enrolment.pk, "lesson_id": lesson.pk})


def position_url(enrolment, lesson):
    return reverse("courses:save_position", kwargs={"pk": enrolment.pk, "lesson_id": lesson.pk})


# --- Reading ------------------------------------------------------------------------------------------------


def test_an_enrolled_learner_reads_and_the_study_begins(reader, enrolment, lessons):
    html = reader.get(lessons[0].get_url()).content.decode()
    assert TEXT in html
    assert lessons[3].title in html
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.last_lesson_id) == (State.IN_PROGRESS, lessons[0].pk)


def test_a_page_loaded_ahead_by_the_browser_begins_nothing(reader, enrolment, lessons):
    reader.get(lessons[0].get_url(), headers={"Sec-Purpose": "prefetch"})
    reader.head(lessons[0].get_url())
    assert not LessonProgress.objects.exists()


def test_a_visitor_sees_what_the_lesson_is_and_not_its_text(client, lessons):
    html = client.get(lessons[0].get_url()).content.decode()
    assert TEXT not in html
    assert lessons[0].title in html
    assert "Tóm tắt bài học." in html
    assert reverse("account_login") in html


def test_a_learner_who_is_not_enrolled_is_led_to_the_open_class(client, enrolment, lessons):
    client.force_login(make_person(unit=make_unit()))
    html = client.get(lessons[0].get_url()).content.decode()
    assert TEXT not in html
    assert reverse("courses:enrol", kwargs={"code": enrolment.run.code}) in html
    assert not LessonProgress.objects.exists()


@pytest.mark.parametrize("state", [State.NOMINATED, State.WITHDRAWN])
def test_a_nominated_or_withdrawn_learner_does_not_read(client, lessons, enrolment, state):
    other = make_enrolment(run=enrolment.run, state=state)
    client.force_login(other.learner)
    assert TEXT not in client.get(lessons[0].get_url()).content.decode()


def test_nobody_reads_before_the_class_opens(client):
    run = make_run(on=timezone.localdate() + timedelta(days=30))
    enrolment = make_enrolment(run=run)
    client.force_login(enrolment.learner)
    html = client.get(lessons_of(run.course)[0].get_url()).content.decode()
    assert TEXT not in html
    assert run.opens_on.strftime("%d/%m/%Y") in html


@pytest.mark.parametrize("state", [State.COMPLETED, State.FAILED, State.EXPIRED])
def test_who_has_ended_may_read_on_but_nothing_is_recorded(client, lessons, enrolment, state):
    other = make_enrolment(run=enrolment.run, state=state)
    client.force_login(other.learner)
    response = client.get(lessons[0].get_url())
    assert TEXT in response.content.decode()
    assert not response.context["counts"]
    assert not LessonProgress.objects.exists()


def test_of_two_runs_the_one_that_counts_now_is_studied(client, enrolment, lessons):
    finished = make_run(course=enrolment.run.course, state=Run.State.FINISHED)
    make_enrolment(run=finished, learner=enrolment.learner, state=State.IN_PROGRESS)
    client.force_login(enrolment.learner)
    assert client.get(lessons[0].get_url()).context["enrolment"] == enrolment


@pytest.mark.parametrize("who", ["trainer of the course", "school administrator", "editor"])
def test_staff_of_the_course_read_without_a_trace(client, enrolment, lessons, who):
    person = make_person(unit=make_unit())
    if who == "trainer of the course":
        person = make_person(unit=make_unit(), roles=[Role.TRAINER])
        CourseTrainer.objects.create(course=enrolment.run.course, person=person)
    elif who == "school administrator":
        person = make_person(unit=make_unit(), roles=[Role.SCHOOL_ADMINISTRATOR])
    else:
        person.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client.force_login(person)
    assert TEXT in client.get(lessons[0].get_url()).content.decode()
    assert not LessonProgress.objects.exists()


def test_the_preview_of_the_cms_shows_the_text(client, lessons):
    editor = make_person(is_superuser=True, is_staff=True)
    client.force_login(editor)
    response = lessons[0].make_preview_request(preview_mode="")
    assert TEXT in response.render().content.decode()


def test_a_page_wagtail_renders_by_itself_keeps_its_text_back(client, lessons, rf):
    request = rf.get(lessons[0].get_url())
    request.user = make_person()
    assert TEXT not in lessons[0].serve(request).render().content.decode()


def test_an_unpublished_lesson_is_not_found(reader, lessons):
    LessonPage.objects.filter(pk=lessons[1].pk).update(live=False)
    assert reader.get(lessons[1].get_url()).status_code == 404


def test_a_lesson_page_is_not_kept_by_shared_caches(reader, lessons):
    assert "private" in reader.get(lessons[0].get_url())["Cache-Control"]


def test_a_page_four_levels_deep_that_is_no_lesson_goes_wagtails_way(reader):
    assert reader.get("/mot/hai/ba/bon/").status_code == 404


# --- Two languages ------------------------------------------------------------------------------------------


def test_the_english_page_without_a_body_shows_the_vietnamese_one_with_a_notice(reader, enrolment, lessons):
    english = make_english(lessons[0], title="Why reform?", summary="An introduction.", body=[])
    html = reader.get(english.get_url()).content.decode()
    assert "Why reform?" in html
    assert "An introduction." in html
    assert TEXT in html
    assert "has not been translated yet" in html
    assert LessonProgress.objects.get().lesson == lessons[0]


def test_one_progress_serves_both_languages(reader, enrolment, lessons):
    english = make_english(lessons[0], title="Why reform?")
    reader.post(complete_url(enrolment, lessons[0]))
    assert reader.get(english.get_url()).context["lesson"].done
    assert english.get_url() in reader.get(lessons[0].get_url()).content.decode()


# --- Going on -------------------------------------------------------------------------------------------------


def test_marking_as_read_leads_to_the_next_lesson_and_at_last_to_the_course(reader, enrolment, lessons):
    for lesson, following in zip(lessons, lessons[1:], strict=False):
        assert reader.post(complete_url(enrolment, lesson)).url == following.get_url()
    response = reader.post(complete_url(enrolment, lessons[-1]), follow=True)
    assert response.redirect_chain[0][0] == reverse("courses:my_course", kwargs={"pk": enrolment.pk})
    assert "Bạn đã hoàn thành khóa học" in response.content.decode()
    enrolment.refresh_from_db()
    assert enrolment.state == State.COMPLETED


def test_after_the_last_lesson_of_a_module_comes_its_test(reader, enrolment, lessons):
    class Kind:
        kind = "a test of its own"

        def url(self, criterion, enrolment):
            return f"/kiem-tra/{criterion.key}/"

        def states(self, enrolment, criteria):
            return {}

    register_criterion_kind(Kind())
    module = lessons[0].get_parent().specific
    make_criterion(enrolment.run.course, module=module, kind=Kind.kind, key="7")
    assert reader.post(complete_url(enrolment, lessons[1])).url == "/kiem-tra/7/"


def test_a_step_nobody_answers_for_is_passed_over(reader, enrolment, lessons):
    module = lessons[0].get_parent().specific
    make_criterion(enrolment.run.course, module=module, kind="nobody answers for")
    assert reader.post(complete_url(enrolment, lessons[1])).url == lessons[2].get_url()
    assert reader.get(lessons[2].get_url()).context["previous"]["url"] == lessons[1].get_url()


def test_completing_is_a_post(reader, enrolment, lessons):
    assert reader.get(complete_url(enrolment, lessons[0])).status_code == 405


def test_nobody_completes_for_somebody_else_nor_a_lesson_of_another_course(client, enrolment, lessons):
    stranger = make_enrolment()
    client.force_login(stranger.learner)
    assert client.post(complete_url(enrolment, lessons[0])).status_code == 404
    assert client.post(complete_url(stranger, lessons[0])).status_code == 404
    assert client.post(position_url(enrolment, lessons[0]), {"position": 5}).status_code == 404
    assert not LessonProgress.objects.exists()


def test_a_forged_request_without_a_token_is_refused(enrolment, lessons):
    forger = Client(enforce_csrf_checks=True)
    forger.force_login(enrolment.learner)
    assert forger.post(complete_url(enrolment, lessons[0])).status_code == 403
    assert not LessonProgress.objects.exists()


# --- Position -------------------------------------------------------------------------------------------------


def test_the_position_is_kept_for_the_next_device(reader, enrolment, lessons):
    reader.get(lessons[0].get_url())
    assert reader.post(position_url(enrolment, lessons[0]), {"position": "45"}).status_code == 204
    assert 'data-lesson-position="45"' in reader.get(lessons[0].get_url()).content.decode()


def test_the_time_a_client_claims_is_not_asked_for(reader, enrolment, lessons):
    reader.get(lessons[0].get_url())
    before = timezone.now() - timedelta(seconds=40)
    LessonProgress.objects.update(last_seen_at=before)
    reader.post(position_url(enrolment, lessons[0]), {"position": "45", "seconds": "9999"})
    assert 40 <= LessonProgress.objects.get().seconds <= 60


@pytest.mark.parametrize(("position", "status"), [("", 400), ("half", 400), ("-3", 204), ("1000", 204)])
def test_a_position_that_makes_no_sense_is_refused_or_put_right(reader, enrolment, lessons, position, status):
    reader.get(lessons[0].get_url())
    assert reader.post(position_url(enrolment, lessons[0]), {"position": position}).status_code == status
    assert 0 <= LessonProgress.objects.get().position <= 100


def test_a_lesson_never_opened_takes_no_position(reader, enrolment, lessons):
    assert reader.post(position_url(enrolment, lessons[0]), {"position": "45"}).status_code == 404


def test_after_the_end_of_the_class_the_page_is_told(reader, enrolment, lessons):
    reader.get(lessons[0].get_url())
    Run.objects.update(state=Run.State.FINISHED)
    assert reader.post(position_url(enrolment, lessons[0]), {"position": "45"}).status_code == 409


def test_saving_a_position_costs_five_queries(reader, enrolment, lessons, django_assert_max_num_queries):
    reader.get(lessons[0].get_url())
    with django_assert_max_num_queries(5):
        reader.post(position_url(enrolment, lessons[0]), {"position": "45"})


# --- Cost -----------------------------------------------------------------------------------------------------


def costs_of_reading(*, modules: int, count: int, language: str) -> dict[str, int]:
    """Statements of each way to come to a lesson with a picture and a file; session and reader included."""
    course = make_course(modules=modules, lessons=count)
    for module in course.get_children().specific():
        make_criterion(course, module=module)
    body = [
        *LESSON_BODY,
        {"type": "figure", "value": {"image": make_drawing().pk, "alt_text": "Sơ đồ", "caption": ""}},
        {"type": "document", "value": {"document": make_document().pk, "note": "Biểu mẫu"}},
    ]
    first, second = lessons_of(course)[:2]
    for lesson in (first, second):
        lesson.body = body
        lesson.save_revision().publish()
    addresses = [
        (make_english(lesson) if language == "en" else lesson).get_url() for lesson in (first, second)
    ]
    run = make_run(course=course)
    Client().get(addresses[0])  # the roots of the site are in Wagtail's cache from here on
    client = Client()
    client.force_login(make_enrolment(run=run).learner)

    def cost(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert TEXT in client.get(url).content.decode()
        return len(captured)

    return {
        "the first lesson of the enrolment": cost(addresses[0]),
        "the same lesson again": cost(addresses[0]),
        "the first opening of another lesson": cost(addresses[1]),
        "back to the first lesson": cost(addresses[0]),
    }


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_lesson_page_takes_15_queries_at_most_and_no_more_in_a_course_of_40_lessons(language):
    small = costs_of_reading(modules=1, count=2, language=language)
    large = costs_of_reading(modules=4, count=10, language=language)
    assert small == large
    assert max(large.values()) <= 15
    # Nothing but the time is written on the second look.
    assert large["the same lesson again"] <= 11


def test_reading_again_leaves_one_event_of_the_beginning(reader, lessons):
    for _ in range(3):
        reader.get(lessons[0].get_url())
    assert AuditEvent.objects.filter(action="enrolment.started").count() == 1


def test_a_lesson_taken_off_line_completes_who_had_done_the_rest(client, enrolment, lessons):
    extra = make_lesson(lessons[0].get_parent().specific)
    client.force_login(enrolment.learner)
    for lesson in lessons:
        client.post(complete_url(enrolment, lesson))
    enrolment.refresh_from_db()
    assert enrolment.state == State.IN_PROGRESS
    editor = make_person(is_superuser=True, is_staff=True)
    client.force_login(editor)
    client.post(reverse("wagtailadmin_pages:unpublish", args=[extra.pk]))
    enrolment.refresh_from_db()
    assert enrolment.state == State.COMPLETED


def test_a_lesson_more_raises_the_total_of_open_enrolments_only(rf, enrolment, lessons):
    completed = make_enrolment(run=enrolment.run, state=State.COMPLETED)
    extra = make_lesson(lessons[0].get_parent().specific)
    request = rf.post("/")
    for hook in hooks.get_hooks("after_publish_page"):
        hook(request, extra)
    enrolment.refresh_from_db()
    completed.refresh_from_db()
    assert (enrolment.steps_total, completed.steps_total) == (5, 4)

"""The outline of a course for one learner."""

import pytest
from django.utils import timezone, translation

from courses.criteria import CriterionState, register_criterion_kind
from courses.models import Enrolment
from courses.outline import outline_for
from courses.services.progress import complete_lesson, meet_criterion, open_lesson
from tests.factories.courses import (
    lessons_of,
    make_course,
    make_criterion,
    make_english,
    make_enrolment,
    make_lesson,
    make_run,
)

pytestmark = pytest.mark.django_db


class ExampleKind:
    kind = "test"

    def url(self, criterion, enrolment):
        return f"/lam/{criterion.key}/{enrolment.pk}/"

    def states(self, enrolment, criteria):
        return {criterion.pk: CriterionState("chưa làm", "0/10", "info") for criterion in criteria}


@pytest.fixture
def course():
    register_criterion_kind(ExampleKind())
    return make_course(modules=2, lessons=2)


@pytest.fixture
def enrolment(course):
    return make_enrolment(run=make_run(course=course))


def test_the_outline_follows_the_tree_and_tells_what_is_done(course, enrolment):
    now = timezone.now()
    lessons = lessons_of(course)
    complete_lesson(enrolment=enrolment, lesson=lessons[0], actor=enrolment.learner, now=now)
    open_lesson(enrolment=enrolment, lesson=lessons[1], now=now)
    outline = outline_for(enrolment)
    assert [lesson.page_id for lesson in outline.lessons] == [lesson.pk for lesson in lessons]
    assert [lesson.done for lesson in outline.lessons] == [True, False, False, False]
    assert [lesson.current for lesson in outline.lessons] == [False, True, False, False]
    assert (outline.done, outline.total, outline.percent) == (1, 4, 25)
    assert outline.lessons[0].url == lessons[0].get_url()


def test_continue_leads_to_the_lesson_left_then_past_it_then_to_what_was_skipped(course, enrolment):
    now = timezone.now()
    lessons = lessons_of(course)
    assert outline_for(enrolment).next_url == lessons[0].get_url()
    open_lesson(enrolment=enrolment, lesson=lessons[2], now=now)
    assert outline_for(enrolment).next_url == lessons[2].get_url()
    for number, following in [(2, 3), (3, 0), (0, 1)]:
        complete_lesson(enrolment=enrolment, lesson=lessons[number], actor=enrolment.learner, now=now)
        assert outline_for(enrolment).next_url == lessons[following].get_url()
    complete_lesson(enrolment=enrolment, lesson=lessons[1], actor=enrolment.learner, now=now)
    assert outline_for(enrolment).next_url == ""


def test_a_criterion_stands_at_the_end_of_its_module_with_its_state_and_place(course, enrolment):
    module = course.get_children().first().specific
    criterion = make_criterion(course, module=module)
    whole = make_criterion(course)
    outline = outline_for(enrolment)
    [shown] = outline.modules[0].criteria
    assert (shown.title, shown.done, shown.state.detail) == (criterion.title, False, "0/10")
    assert shown.url == f"/lam/{criterion.key}/{enrolment.pk}/"
    assert [c.criterion for c in outline.modules[-1].criteria] == [whole]
    meet_criterion(enrolment=enrolment, criterion=criterion, evidence="", actor=None, now=timezone.now())
    assert outline_for(enrolment).modules[0].criteria[0].done
    assert whole.title in [step.title for step in outline_for(enrolment).missing]


def test_an_optional_lesson_is_listed_but_not_counted(course, enrolment):
    make_lesson(course.get_children().last().specific, is_compulsory=False, title="Đọc thêm")
    outline = outline_for(enrolment)
    assert (len(outline.lessons), outline.total) == (5, 4)
    assert "Đọc thêm" not in [step.title for step in outline.missing]


def test_a_reader_of_english_gets_english_titles_where_there_are_any(course, enrolment):
    first, second = lessons_of(course)[:2]
    english = make_english(first, title="First lesson")
    with translation.override("en"):
        lessons = outline_for(enrolment).lessons
    assert (lessons[0].title, lessons[0].url) == ("First lesson", english.get_url())
    assert lessons[0].url.startswith("/en/")
    assert (lessons[0].page_id, lessons[1].title) == (first.pk, second.title)


@pytest.mark.parametrize(("modules", "lessons"), [(1, 2), (4, 10)], ids=["2 lessons", "40 lessons"])
def test_the_outline_takes_the_same_few_queries_whatever_the_size(
    modules, lessons, django_assert_max_num_queries
):
    course = make_course(modules=modules, lessons=lessons)
    for module in course.get_children().specific():
        make_criterion(course, module=module)
    made = make_enrolment(run=make_run(course=course))
    enrolment = Enrolment.objects.select_related("run__course").get(pk=made.pk)
    outline_for(enrolment)  # Wagtail keeps the roots of the site from here on
    with django_assert_max_num_queries(3):
        outline_for(enrolment)

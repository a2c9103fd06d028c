"""A reader of English meets a course by its English name wherever it is named; a certificate keeps the Vietnamese one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from courses.models import CoursePage, Enrolment, Run
from courses.page_links import shown_title
from courses.services.progress import open_lesson
from lms.organisations.models import Role
from tests.factories.certificates import make_certificates, make_completed_run
from tests.factories.courses import lessons_of, make_course, make_english, make_enrolment, make_run
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db
VIETNAMESE, ENGLISH = "Kỹ năng số cho người làm hồ sơ", "Digital skills at the desk"
# (role, address, which of its arguments it takes)
PAGES = [
    (Role.SCHOOL_ADMINISTRATOR, "courses:run", "code"),
    (Role.SCHOOL_ADMINISTRATOR, "courses:run_learners", "code"),
    (Role.SCHOOL_ADMINISTRATOR, "courses:run_nominations", "code"),
    (Role.SCHOOL_ADMINISTRATOR, "courses:run_create", ""),
    (Role.SCHOOL_ADMINISTRATOR, "courses:run_edit", "code"),
    (Role.SCHOOL_ADMINISTRATOR, "courses:nominations", ""),
    (Role.SCHOOL_ADMINISTRATOR, "courses:nominate", "code"),
    (Role.SCHOOL_ADMINISTRATOR, "certificates:run", "code"),
    (Role.SCHOOL_ADMINISTRATOR, "assessments:results_index", ""),
    (Role.SCHOOL_ADMINISTRATOR, "assessments:results", "code"),
    (Role.SCHOOL_ADMINISTRATOR, "reporting:completion", ""),
    (Role.SCHOOL_ADMINISTRATOR, "reporting:explanation", "enrolment"),
    (None, "courses:dashboard", ""),
    (None, "courses:my_course", "enrolment"),
    (None, "courses:record", ""),
]


@pytest.fixture
def enrolment() -> Enrolment:
    course = make_course(title=VIETNAMESE, modules=1, lessons=1)
    make_english(course, title=ENGLISH)
    run = make_run(course=course, policy=Run.Policy.NOMINATION, title="Lớp một", title_en="Class one")
    return make_enrolment(run=run, state=Enrolment.State.IN_PROGRESS)


def address(name: str, argument: str, enrolment: Enrolment, language: str) -> str:
    values = {"code": [enrolment.run.code], "enrolment": [enrolment.pk], "": []}
    with override(language):
        return reverse(name, args=values[argument])


@pytest.mark.parametrize(("role", "name", "argument"), PAGES, ids=[name for _role, name, _argument in PAGES])
def test_every_page_names_the_course_in_the_readers_language_for_one_query_more_at_most(
    client, enrolment, role, name, argument
):
    reader = make_person(unit=make_unit(), roles=[role]) if role else enrolment.learner
    client.force_login(reader)
    costs = {}
    for language, shown, hidden in (("vi", VIETNAMESE, ENGLISH), ("en", ENGLISH, VIETNAMESE)):
        url = address(name, argument, enrolment, language)
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            html = client.get(url).content.decode()
        costs[language] = len(captured)
        assert shown in html
        assert hidden not in html
    assert costs["en"] <= costs["vi"] + 1


def test_the_lessons_in_an_explanation_have_their_english_names(client, enrolment):
    (lesson,) = lessons_of(enrolment.run.course)
    make_english(lesson, title="Receiving a file")
    open_lesson(enrolment=enrolment, lesson=lesson, now=enrolment.enrolled_at)
    client.force_login(make_person(unit=make_unit(), roles=[Role.SCHOOL_ADMINISTRATOR]))
    html = client.get(address("reporting:explanation", "enrolment", enrolment, "en")).content.decode()
    assert "Receiving a file" in html


@pytest.mark.parametrize("live", [True, False], ids=["not translated", "translation not published"])
def test_a_course_without_a_published_translation_keeps_its_name(live):
    course = make_course(title=VIETNAMESE, modules=0)
    if not live:
        make_english(course, title=ENGLISH).unpublish()
    with override("en"):
        named = CoursePage.objects.annotate(shown_title=shown_title()).get(pk=course.pk)
    assert named.shown_title == VIETNAMESE


def test_a_certificate_names_the_course_as_it_stands_in_the_register_whoever_issues_it():
    course = make_course(title=VIETNAMESE, modules=1, lessons=1)
    make_english(course, title=ENGLISH)
    run = make_completed_run(course=course, learners=1)
    with override("en"):
        (certificate,) = make_certificates(run, files=False)
    assert certificate.fields["programme"] == VIETNAMESE

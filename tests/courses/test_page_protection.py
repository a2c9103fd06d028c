"""In the CMS admin: what trainers may do, and pages that records keep in their place."""

import re

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.contrib.staticfiles import finders
from django.urls import reverse
from wagtail.models import GroupPagePermission

from cms.groups import EDITORS, TRAINERS, ensure_groups, register_group_rights
from courses.models import CatalogPage, CoursePage, LessonPage
from courses.services.progress import open_lesson
from lms.organisations.models import Role
from tests.factories.cms import make_standard_page
from tests.factories.courses import (
    lessons_of,
    make_catalog,
    make_course,
    make_criterion,
    make_english,
    make_enrolment,
    make_home,
    make_run,
)
from tests.factories.organisations import make_person, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer(client):
    make_catalog()
    ensure_groups()
    person = make_person(unit=make_unit(), roles=[Role.TRAINER])
    client.force_login(person)
    return person


def studied_course() -> CoursePage:
    from django.utils import timezone

    course = make_course(modules=2, lessons=2)
    enrolment = make_enrolment(run=make_run(course=course), learner=make_person(unit=make_unit()))
    open_lesson(enrolment=enrolment, lesson=lessons_of(course)[0], now=timezone.now())
    return CoursePage.objects.get(pk=course.pk)


def test_groups_are_there_after_migrating():
    assert {TRAINERS, EDITORS} <= set(Group.objects.values_list("name", flat=True))


def test_making_the_groups_again_changes_nothing():
    make_catalog()
    ensure_groups()
    before = GroupPagePermission.objects.count(), Group.objects.get(name=TRAINERS).permissions.count()
    ensure_groups()
    assert (
        GroupPagePermission.objects.count(),
        Group.objects.get(name=TRAINERS).permissions.count(),
    ) == before


def test_a_room_above_adds_rights_to_a_group():
    register_group_rights(TRAINERS, permissions=[("assessments", "view_question")])
    ensure_groups()
    assert Group.objects.get(name=TRAINERS).permissions.filter(codename="view_question").exists()


def test_a_trainer_writes_and_publishes_a_lesson(client, trainer):
    course = make_course(modules=1, lessons=0)
    module = course.get_children().first()
    url = reverse("wagtailadmin_pages:add", args=["courses", "lessonpage", module.pk])
    assert client.get(url).status_code == 200
    posted = {
        "title": "Bài mới",
        "slug": "bai-moi",
        "periods": "1",
        "minutes": "10",
        "is_compulsory": "on",
        "summary": "",
        "seo_title": "",
        "search_description": "",
        "body-count": "1",
        "body-0-deleted": "",
        "body-0-order": "0",
        "body-0-type": "heading",
        "body-0-value-text": "Mở đầu",
        "body-0-value-level": "2",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
        "action-publish": "1",
    }
    assert client.post(url, posted).status_code == 302
    lesson = LessonPage.objects.get(slug="bai-moi")
    assert lesson.live
    assert client.get(reverse("wagtailadmin_pages:edit", args=[lesson.pk])).status_code == 200


def test_the_editor_of_a_lesson_finds_every_script_and_style_it_names(client, trainer):
    lesson = lessons_of(make_course(modules=1, lessons=1))[0]
    html = client.get(reverse("wagtailadmin_pages:edit", args=[lesson.pk])).content.decode()
    named = set(re.findall(r'(?:src|href)="/static/([^"?]+)', html))
    assert "typed_table_block/js/typed_table_block.js" in named
    assert [name for name in sorted(named) if finders.find(name) is None] == []


def test_a_trainer_changes_neither_the_front_page_nor_people_nor_settings(client, trainer):
    page = make_standard_page()
    home = make_home()
    assert client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code == 302
    assert client.get(reverse("wagtailadmin_pages:edit", args=[home.pk])).status_code == 302
    assert client.get("/quan-tri/users/").status_code in (302, 403)
    assert client.get(reverse("wagtailsettings:edit", args=["cms", "sitesettings"])).status_code == 302


def test_a_trainer_finds_the_courses_in_the_menu(client, trainer):
    html = client.get("/quan-tri/").content.decode()
    assert reverse("courses_explore") in html
    response = client.get(reverse("courses_explore"))
    assert response.url == reverse("wagtailadmin_explore", args=[CatalogPage.objects.get().pk])


def test_an_editor_changes_the_front_page_and_the_names(client):
    page = make_standard_page()
    ensure_groups()
    client.force_login(make_person(unit=make_unit(), roles=[Role.SCHOOL_ADMINISTRATOR]))
    assert client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code == 200
    assert client.get(reverse("wagtailsettings:edit", args=["cms", "sitesettings"])).status_code == 302
    assert (
        client.get(reverse("wagtailsettings:edit", args=["cms", "sitesettings"]), follow=True).status_code
        == 200
    )


def test_a_new_catalogue_is_given_to_the_trainers_at_once(admin_client):
    home = make_home()
    url = reverse("wagtailadmin_pages:add", args=["courses", "catalogpage", home.pk])
    posted = {
        "title": "Khóa học",
        "slug": "khoa-hoc",
        "summary": "",
        "seo_title": "",
        "search_description": "",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
    }
    assert admin_client.post(url, posted).status_code == 302
    catalog = CatalogPage.objects.get()
    assert GroupPagePermission.objects.filter(group__name=TRAINERS, page=catalog).count() == 3


@pytest.mark.parametrize("which", ["course", "module", "lesson", "catalogue"])
def test_a_page_with_records_cannot_be_deleted_and_says_why(admin_client, which):
    course = studied_course()
    page = {
        "course": course,
        "module": course.get_children().first(),
        "lesson": lessons_of(course)[0],
        "catalogue": course.get_parent(),
    }[which]
    for method in ("get", "post"):
        response = getattr(admin_client, method)(reverse("wagtailadmin_pages:delete", args=[page.pk]))
        assert response.status_code == 302
        assert response.url == reverse("wagtailadmin_explore", args=[page.get_parent().pk])
    assert page.title in str(list(get_messages(response.wsgi_request))[-1])
    assert type(page).objects.filter(pk=page.pk).exists()


def test_a_module_with_a_test_cannot_be_deleted(admin_client):
    course = make_course(modules=1, lessons=1)
    module = course.get_children().first().specific
    make_criterion(course, module=module)
    admin_client.post(reverse("wagtailadmin_pages:delete", args=[module.pk]))
    module.refresh_from_db()


def test_a_page_without_records_can_be_deleted(admin_client):
    course = studied_course()
    fresh = lessons_of(course)[-1]
    assert admin_client.post(reverse("wagtailadmin_pages:delete", args=[fresh.pk])).status_code == 302
    assert not LessonPage.objects.filter(pk=fresh.pk).exists()


def test_bulk_deletion_is_refused_as_a_whole(admin_client):
    course = studied_course()
    first, *_between, last = lessons_of(course)
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
    response = admin_client.post(f"{url}?id={first.pk}&id={last.pk}")
    assert response.status_code == 302
    assert LessonPage.objects.filter(pk__in=[first.pk, last.pk]).count() == 2


def test_a_lesson_with_records_moves_within_its_course_only(admin_client):
    course = studied_course()
    lesson = lessons_of(course)[0]
    own, other = course.get_children().last(), make_course(modules=1, lessons=0).get_children().first()
    refused = reverse("wagtailadmin_pages:move_confirm", args=[lesson.pk, other.pk])
    assert admin_client.post(refused).status_code == 302
    assert LessonPage.objects.get(pk=lesson.pk).path.startswith(course.path)
    assert (
        admin_client.post(reverse("wagtailadmin_pages:move_confirm", args=[lesson.pk, own.pk])).status_code
        == 302
    )
    assert LessonPage.objects.get(pk=lesson.pk).get_parent().pk == own.pk


def test_moving_many_at_once_is_refused_alike(admin_client):
    course = studied_course()
    lesson = lessons_of(course)[0]
    other = make_course(modules=1, lessons=0).get_children().first()
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "move"])
    admin_client.post(f"{url}?id={lesson.pk}", {"chooser": other.pk})
    assert LessonPage.objects.get(pk=lesson.pk).path.startswith(course.path)


def test_a_translation_without_records_can_be_deleted(admin_client):
    english = make_english(lessons_of(studied_course())[0], title="Lesson")
    admin_client.post(reverse("wagtailadmin_pages:delete", args=[english.pk]))
    assert not LessonPage.objects.filter(pk=english.pk).exists()


@pytest.mark.parametrize("kind", ["module", "course"])
def test_trainers_preview_what_they_write(client, trainer, kind):
    course = make_course(modules=1, lessons=1)
    page = {"module": course.get_children().first().specific, "course": course}[kind]
    page.save_revision()
    response = client.get(reverse("wagtailadmin_pages:view_draft", args=[page.pk]))
    assert response.status_code in (200, 302)

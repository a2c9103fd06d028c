"""A survey and a poll in a real browser: a phone's width, the keyboard alone, and nothing axe finds."""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from assessments.models import PollVote, SurveyResponse
from assessments.services.polls import show_results
from tests.browser import PHONE, assert_sound, axe_faults, visitors
from tests.factories.courses import lessons_of, make_course, make_run
from tests.factories.organisations import PASSWORD
from tests.factories.surveys import make_learners, make_poll, open_for

from .live import LiveSite, live_site

pytestmark = pytest.mark.browser


def build() -> dict:
    run = make_run(course=make_course(modules=1, lessons=1))
    poll = make_poll(run, allows_guests=True)
    lesson = lessons_of(run.course)[0]
    below_the_text = make_poll(run, lesson=lesson)
    show_results(poll=below_the_text, shows=True, actor=None, now=timezone.now())
    return {
        "lesson": lesson.url,
        "survey": f"/kiem-tra/khao-sat/{open_for(run).survey_id}/{run.code}/",
        "poll": f"/kiem-tra/binh-chon/{poll.join_code}/",
        "email": make_learners(run, 1)[0].email,
    }


@pytest.fixture(scope="module")
def live(django_db_setup: None, django_db_blocker) -> Iterator[LiveSite]:
    with django_db_blocker.unblock(), live_site(build) as site:
        yield site


@pytest.fixture
def unblocked(django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def test_a_survey_is_answered_on_a_phone_by_the_keyboard_alone(browser, live: LiveSite, unblocked):
    with visitors(browser, live.url, password=PASSWORD, expected=["422"]) as enter:
        page = enter(live.world["email"], PHONE)
        assert_sound(page, ["/kiem-tra/khao-sat/", live.world["survey"]])
        page.locator("input[name=q1]").first.focus()
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        expect(page.locator("input[name=q1][value='5']")).to_be_checked()
        page.locator("main form button[type=submit]").first.press("Enter")
        warning = page.locator("[role=alert]")
        expect(warning).to_contain_text("3 chỉ báo chưa trả lời")
        assert axe_faults(page) == []
        expect(page.locator("input[name=q1][value='5']")).to_be_checked()
        warning.locator("a").first.press("Enter")
        for number, step in [(2, "4"), (3, "3"), (4, "9")]:
            page.locator(f"input[name=q{number}][value='{step}']").press("Space")
        page.locator("main form button[type=submit]").first.press("Enter")
        expect(page.locator("h1")).to_have_text("Cảm ơn anh/chị đã trả lời")
        assert axe_faults(page) == []
        with live.database():
            assert SurveyResponse.objects.get().answers == {"1": 5, "2": 4, "3": 3, "4": 9}


def test_a_guest_votes_on_a_phone(browser, live: LiveSite, unblocked):
    with visitors(browser, live.url, password=PASSWORD) as enter:
        page = enter(None, PHONE)
        assert_sound(page, ["/kiem-tra/binh-chon/", live.world["poll"]])
        page.locator("input[value='2']").press("Space")
        page.locator("main form button[type=submit]").press("Enter")
        expect(page.locator("main")).to_contain_text("đã được ghi nhận")
        assert axe_faults(page) == []
        with live.database():
            assert PollVote.objects.get().choice == "2"


def test_a_learner_votes_below_the_text_of_a_lesson(browser, live: LiveSite, unblocked):
    with visitors(browser, live.url, password=PASSWORD) as enter:
        page = enter(live.world["email"], PHONE)
        assert_sound(page, [live.world["lesson"]])
        page.locator(".lesson-poll input[value='3']").press("Space")
        page.locator(".lesson-poll button[type=submit]").press("Enter")
        expect(page.locator(".lesson-poll table")).to_contain_text("1 (100")
        assert axe_faults(page) == []

"""Written answers in a real browser: kept with every letter, off line and over a reload, by keyboard alone."""

import re
from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from assessments.models import Attempt, Quiz
from assessments.services.quizzes import put_quiz
from tests.browser import PHONE, axe_faults, cut_the_line, visitors
from tests.factories.assessments import make_category, make_learner_of, make_question
from tests.factories.courses import make_course
from tests.factories.organisations import PASSWORD

from .live import LiveSite, live_site

pytestmark = pytest.mark.browser


def build() -> dict:
    category = make_category()
    make_question(category, kind="short", choices=[("Hà Nội", True)], stem="Thủ đô của nước ta?")
    make_question(
        category, kind="number", choices=[("63", True)], stem="Trước 1/7/2025 có bao nhiêu tỉnh, thành phố?"
    )
    module = make_course(modules=1, lessons=1).get_children().get().specific
    quiz = put_quiz(
        module=module, title="Bài viết", draws=[(category, "", 2)], actor=None, now=timezone.now()
    )
    Quiz.objects.filter(pk=quiz.pk).update(shuffle=False)
    enrolment = make_learner_of(quiz)
    return {"quiz": quiz.pk, "enrolment": enrolment.pk, "email": enrolment.learner.email}


@pytest.fixture(scope="module")
def live(django_db_setup: None, django_db_blocker) -> Iterator[LiveSite]:
    with django_db_blocker.unblock(), live_site(build) as site:
        yield site


@pytest.fixture
def unblocked(django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def state(page: Page, name: str) -> None:
    expect(page.locator(f'[data-save-state="{name}"]')).to_be_visible()


def stored(live: LiveSite) -> list:
    with live.database():
        return [row.answer for row in Attempt.objects.get().questions.order_by("position")]


def test_what_was_typed_off_line_is_there_after_a_reload_and_is_handed_in(browser, live: LiveSite, unblocked):
    with visitors(browser, live.url, password=PASSWORD, expected=["net::ERR"]) as enter:
        page = enter(live.world["email"], PHONE)
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(f"/kiem-tra/bai/{live.world['quiz']}/{live.world['enrolment']}/")
        page.locator(".quiz-start button[type=submit]").click()
        page.wait_for_url(re.compile(r"/kiem-tra/luot/"))
        state(page, "saved")
        assert axe_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

        first = page.get_by_label("Câu trả lời").first
        first.press_sequentially("hà nộ", delay=30)
        expect(page.locator("[data-save-text]")).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))
        assert stored(live)[0] == {"text": "hà nộ"}

        cut_the_line(page)
        first.press_sequentially("i")
        # On to the next field without a mouse.
        page.get_by_label("Câu trả lời").last.focus()
        page.keyboard.type("63")
        state(page, "offline")
        page.context.set_offline(False)
        page.reload()
        expect(page.get_by_label("Câu trả lời").first).to_have_value("hà nội")
        expect(page.get_by_label("Câu trả lời").last).to_have_value("63")
        state(page, "saved")
        expect(page.locator("[data-question-save]").last).to_have_text("")
        page.locator("[data-submit-form] button").click()
        page.locator("[data-hand-in]").click()
        page.wait_for_url(re.compile(r"/ket-qua/$"))
        assert stored(live) == [{"text": "hà nội"}, {"text": "63"}]
        with live.database():
            assert Attempt.objects.get().score == 2
        assert axe_faults(page) == []
        expect(page.locator("main")).to_contain_text("Đáp án chấp nhận")

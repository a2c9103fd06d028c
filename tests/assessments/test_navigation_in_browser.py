"""One question a page in a real browser: by keyboard on a phone, off line, over a reload, from two devices."""

import re
from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from assessments.models import Attempt, Quiz
from assessments.services.quizzes import put_quiz
from tests.browser import DESKTOP, PHONE, axe_faults, cut_the_line, visitors
from tests.factories.assessments import make_category, make_learner_of, make_question
from tests.factories.courses import make_course, make_enrolment
from tests.factories.organisations import PASSWORD

from .live import LiveSite, live_site

pytestmark = pytest.mark.browser


def build() -> dict:
    module = make_course(modules=1, lessons=1).get_children().get().specific
    category = make_category()
    for n, stem in enumerate(["Thủ đô của nước ta?", "Cố đô của nước ta?", "Thành phố mang tên Bác?"]):
        make_question(category, kind="short", choices=[(f"Đáp án {n}", True)], stem=stem)
    quizzes = {
        navigation: put_quiz(
            module=module,
            title=navigation,
            draws=[(category, "", 3, 1, "Phần chung")],
            navigation=navigation,
            actor=None,
            now=timezone.now(),
        )
        for navigation in ("one", "forward")
    }
    Quiz.objects.update(shuffle=False)
    first = make_learner_of(quizzes["one"])
    second = make_enrolment(run=first.run, state="in_progress")
    return {
        "fronts": {
            (name, number): f"/kiem-tra/bai/{quiz.pk}/{enrolment.pk}/"
            for name, quiz in quizzes.items()
            for number, enrolment in enumerate([first, second])
        },
        "emails": [first.learner.email, second.learner.email],
        "forward": quizzes["forward"].pk,
    }


@pytest.fixture(scope="module")
def live(django_db_setup: None, django_db_blocker) -> Iterator[LiveSite]:
    with django_db_blocker.unblock(), live_site(build) as site:
        yield site


@pytest.fixture
def unblocked(django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def begin(page: Page, front: str) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(front)
    page.locator(".quiz-start button[type=submit], .quiz-start a.button--primary").first.click()
    page.wait_for_url(re.compile(r"/kiem-tra/luot/"))
    expect(page.locator('[data-save-state="saved"]')).to_be_visible()


def shown(page: Page) -> list[str]:
    return [
        words.strip() for words in page.locator("[data-question]:visible .question__words").all_inner_texts()
    ]


def answers(live: LiveSite, quiz_id: int) -> list:
    with live.database():
        attempt = Attempt.objects.filter(quiz=quiz_id).latest("pk")
        return [row.answer and row.answer["text"] for row in attempt.questions.order_by("position")]


def test_with_no_way_back_by_keyboard_on_a_phone_and_off_line(browser, live: LiveSite, unblocked):
    with visitors(browser, live.url, password=PASSWORD, expected=["net::ERR"]) as enter:
        page = enter(live.world["emails"][0], PHONE)
        begin(page, live.world["fronts"]["forward", 0])
        assert shown(page) == ["Thủ đô của nước ta?"] and axe_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        page.get_by_label("Câu trả lời").press_sequentially("một")
        cut_the_line(page)
        page.get_by_label("Câu trả lời").press_sequentially(" và")
        on = page.locator("[data-next-form] button")
        on.press("Enter")
        expect(page.locator('[data-alert="notice"]')).to_contain_text("Sang câu phải có mạng")
        page.context.set_offline(False)
        page.reload()
        expect(page.get_by_label("Câu trả lời")).to_have_value("một và")
        expect(page.locator('[data-save-state="saved"]')).to_be_visible()
        on.press("Enter")
        expect(page.locator(".question__words")).to_have_text("Cố đô của nước ta?")
        expect(page.locator("[data-question='2']")).to_be_focused()
        # Without an answer it is asked first.
        on.press("Enter")
        expect(page.locator("#move-on")).to_be_visible()
        assert axe_faults(page) == []
        page.locator("#move-on [data-dialog-close]").press("Enter")
        on.press("Enter")
        page.locator("[data-move-on]").press("Enter")
        expect(page.locator(".question__words")).to_have_text("Thành phố mang tên Bác?")
        expect(page.locator("[data-answered]")).to_have_text("1")
        expect(page.locator("[data-next-form]")).to_have_count(0)
        page.get_by_label("Câu trả lời").press_sequentially("ba")
        page.locator("[data-submit-form] button").press("Enter")
        expect(page.locator("[data-hand-in-text]")).to_contain_text("1")
        page.locator("[data-hand-in]").press("Enter")
        page.wait_for_url(re.compile(r"/ket-qua/$"))
        assert answers(live, live.world["forward"]) == ["một và", None, "ba"]


def test_a_device_that_was_left_behind_follows_and_says_what_was_not_taken(
    browser, live: LiveSite, unblocked
):
    with visitors(browser, live.url, password=PASSWORD, expected=["net::ERR", "409"]) as enter:
        behind = enter(live.world["emails"][1], PHONE)
        begin(behind, live.world["fronts"]["forward", 1])
        cut_the_line(behind)
        behind.get_by_label("Câu trả lời").press_sequentially("muộn")
        ahead = enter(live.world["emails"][1], DESKTOP)
        begin(ahead, live.world["fronts"]["forward", 1])
        ahead.get_by_label("Câu trả lời").press_sequentially("sớm")
        ahead.locator("[data-next-form] button").click()
        expect(ahead.locator(".question__words")).to_have_text("Cố đô của nước ta?")
        behind.context.set_offline(False)
        behind.locator("[data-take-over]").click()
        expect(behind.locator(".question__words")).to_have_text("Cố đô của nước ta?")
        expect(behind.locator('[data-alert="notice"]')).to_contain_text("không được nhận: câu 1")
        assert answers(live, live.world["forward"]) == ["sớm", None, None]


def test_back_and_forth_one_question_a_page_works_off_line_too(browser, live: LiveSite, unblocked):
    with visitors(browser, live.url, password=PASSWORD, expected=["net::ERR"]) as enter:
        page = enter(live.world["emails"][0], PHONE)
        begin(page, live.world["fronts"]["one", 0])
        assert shown(page) == ["Thủ đô của nước ta?"] and axe_faults(page) == []
        expect(page.locator("[data-pager-back]")).to_be_disabled()
        cut_the_line(page)
        page.get_by_label("Câu trả lời").first.press_sequentially("một")
        page.locator("[data-pager-on]").press("Enter")
        assert shown(page) == ["Cố đô của nước ta?"]
        expect(page.locator("[data-question='2']")).to_be_focused()
        expect(page.locator("[data-pager-place]")).to_have_text("Câu 2/3")
        page.locator("[data-goto='3']").click()
        assert shown(page) == ["Thành phố mang tên Bác?"]
        expect(page.locator("[data-pager-on]")).to_be_disabled()
        page.context.set_offline(False)
        page.reload()
        expect(page.locator('[data-save-state="saved"]')).to_be_visible()
        assert shown(page) == ["Thành phố mang tên Bác?"]
        page.locator("[data-goto='1']").click()
        expect(page.get_by_label("Câu trả lời").first).to_have_value("một")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

"""Questions of several parts and essays in a real browser: by keyboard alone, off line, over a reload, on a phone."""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from assessments.models import Attempt, Quiz
from assessments.services.quizzes import put_quiz
from tests.browser import DESKTOP, PHONE, axe_faults, cut_the_line, visitors
from tests.factories.assessments import make_category, make_learner_of
from tests.factories.courses import make_course
from tests.factories.kinds import SAMPLES, right_answer
from tests.factories.organisations import PASSWORD

from .live import LiveSite, live_site

pytestmark = pytest.mark.browser
ASKED = ["matching", "ordering", "gaps", "number", "multiple"]


def build() -> dict:
    category = make_category()
    for kind in ASKED:
        SAMPLES[kind].make(category)
    module = make_course(modules=1, lessons=1).get_children().get().specific
    quiz = put_quiz(
        module=module, title="Mọi loại câu", draws=[(category, "", 5)], actor=None, now=timezone.now()
    )
    Quiz.objects.filter(pk=quiz.pk).update(shuffle=False)
    learners = [make_learner_of(quiz) for _ in range(2)]
    return {"quiz": quiz.pk, "learners": [(learner.pk, learner.learner.email) for learner in learners]}


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


def rows_of(live: LiveSite, enrolment: int) -> list:
    with live.database():
        rows = (
            Attempt.objects.get(enrolment=enrolment).questions.select_related("version").order_by("position")
        )
        return [(row, right_answer(row)) for row in rows]


def begin(page: Page, live: LiveSite, enrolment: int) -> None:
    page.goto(f"{live.url}/kiem-tra/bai/{live.world['quiz']}/{enrolment}/")
    page.get_by_role("button", name="Bắt đầu").click()
    state(page, "saved")


def fill(page: Page, row, answer: dict) -> None:
    """Answer as a hand does: by the labels and boxes of the page."""
    box = page.locator(f'[data-question="{row.position}"]')
    for slot, value in answer.get("fills", {}).items():
        field = box.locator(f'[data-slot="{slot}"]')
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    for choice in answer.get("choices", ()):
        box.locator(f'input[value="{choice}"]').check()
    if "text" in answer:
        box.locator("[data-typed]").fill(answer["text"])


def test_answers_of_all_kinds_given_off_line_survive_a_reload_and_are_all_there(
    browser, live: LiveSite, unblocked
):
    enrolment, email = live.world["learners"][0]
    with visitors(browser, live.url, password=PASSWORD, expected=["net::ERR"]) as enter:
        page = enter(email, PHONE)
        page.on("dialog", lambda dialog: dialog.accept())
        begin(page, live, enrolment)
        assert axe_faults(page) == []
        first, *others = rows_of(live, enrolment)
        fill(page, *first)
        state(page, "saved")
        cut_the_line(page)
        for row, answer in others:
            fill(page, row, answer)
        state(page, "offline")
        page.context.set_offline(False)
        page.reload()
        state(page, "saved")
        expect(page.locator("[data-answered]")).to_have_text("5")
        expect(page.locator("[data-question-save].is-waiting")).to_have_count(0)
        assert [row.answer for row, _answer in rows_of(live, enrolment)] == [
            answer for _row, answer in rows_of(live, enrolment)
        ]
        page.locator("[data-submit-form] button").click()
        page.locator("[data-hand-in]").click()
        expect(page.get_by_role("heading", name="5/5 điểm")).to_be_visible()
        assert axe_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_by_keyboard_alone_an_order_is_given_and_a_gap_filled(browser, live: LiveSite, unblocked):
    enrolment, email = live.world["learners"][1]
    with visitors(browser, live.url, password=PASSWORD) as enter:
        page = enter(email, DESKTOP)
        begin(page, live, enrolment)
        steps = page.locator('[data-kind="ordering"] select')
        steps.first.focus()
        for place in "123":
            page.keyboard.press(place)
            page.keyboard.press("Tab")
        gap = page.get_by_label("Chỗ trống 1")
        gap.focus()
        page.keyboard.type("Hà Nội")
        page.keyboard.press("Tab")
        expect(page.get_by_label("Chỗ trống 2")).to_be_focused()
        page.keyboard.press("ArrowDown")
        # Nothing but the tools of this question stands behind its last gap.
        state(page, "saved")
        expect(page.locator("[data-answered]")).to_have_text("2")
        page.get_by_role("button", name="Xóa câu trả lời – Câu 3").focus()
        page.keyboard.press("Enter")
        expect(gap).to_be_focused()
        expect(gap).to_have_value("")
        expect(page.locator("[data-answered]")).to_have_text("1")
        state(page, "saved")
        answers = {row.version.kind: row.answer for row, _answer in rows_of(live, enrolment)}
        assert sorted(answers["ordering"]["fills"].values()) == ["1", "2", "3"]
        assert answers["gaps"] == {"fills": {}}

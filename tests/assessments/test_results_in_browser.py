"""Pages about results in a real browser, on a phone and on a desk, with the longest words; a paper is printed on A4."""

import re
from collections.abc import Iterator

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from assessments.services.printed_papers import draw_papers
from courses.models import Enrolment
from lms.organisations.models import Role
from tests.browser import DESKTOP, PHONE, assert_sound, visitors
from tests.factories.assessments import make_learner_of, make_question, make_quiz, sit
from tests.factories.courses import make_enrolment
from tests.factories.organisations import PASSWORD, make_person

from .live import LiveSite, live_site

pytestmark = pytest.mark.browser

LONG = "Trung tâm Kiểm định kỹ thuật an toàn khu vực II, Cục An toàn lao động, https://coquan.gov.vn/tra-cuu/ket-qua/mot-cua-dien-tu"


def build() -> dict:
    quiz = make_quiz(singles=3, multiples=1)
    make_question(
        quiz.draws.get().category, stem=f"{LONG}?", choices=[(LONG, True), ("Phương án sai", False)]
    )
    quiz.draws.update(count=5)
    quiz = type(quiz).objects.get(pk=quiz.pk)
    run = make_learner_of(quiz).run
    attempts = [
        sit(quiz, make_enrolment(run=run, state=Enrolment.State.IN_PROGRESS), right=number % 6)
        for number in range(12)
    ]
    version = attempts[0].questions.get(version__content__stem=f"{LONG}?").version
    administrator = make_person(roles=[Role.SCHOOL_ADMINISTRATOR])
    [paper] = draw_papers(quiz=quiz, run=run, count=1, actor=administrator, now=timezone.now())
    code = {"code": run.code}
    asked = {"quiz_id": quiz.pk, "version_id": version.pk}
    regrade = reverse("assessments:regrade", kwargs=asked)
    sheets = reverse("assessments:printed_sheets", kwargs=code | {"paper_id": paper.pk})
    return {
        "email": administrator.email,
        "regrade": f"{regrade}?policy=full",
        "sheets": sheets,
        "pages": [
            reverse("assessments:results", kwargs=code),
            reverse("assessments:analysis", kwargs=code),
            "/en" + reverse("assessments:analysis", kwargs=code),
            reverse("assessments:analysis_question", kwargs=code | asked),
            reverse("assessments:quiz_analysis", kwargs={"quiz_id": quiz.pk}),
            regrade,
            f"{regrade}?policy=key",
            f"{regrade}?policy=full",
            reverse("assessments:printed_papers", kwargs=code),
            sheets,
            reverse("assessments:printed_key", kwargs=code | {"paper_id": paper.pk}),
        ],
    }


@pytest.fixture(scope="module")
def live(django_db_setup: None, django_db_blocker) -> Iterator[LiveSite]:
    with django_db_blocker.unblock(), live_site(build, worker=True) as site:
        yield site


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_pages_are_sound(browser, live: LiveSite, viewport):
    with visitors(browser, live.url, password=PASSWORD) as enter:
        assert_sound(enter(live.world["email"], viewport), live.world["pages"])


def test_a_key_is_corrected_by_keyboard_and_the_worker_marks_anew(browser, live: LiveSite):
    with visitors(browser, live.url, password=PASSWORD) as enter:
        page = enter(live.world["email"], PHONE)
        page.goto(live.world["regrade"])
        page.get_by_role("textbox", name="Lý do").focus()
        page.keyboard.type("Câu hỏi gây hiểu nhầm")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/cham-lai/\d+/$"))
        expect(page.locator("main")).to_contain_text("Bài đã đổi điểm", timeout=30_000)
        expect(page.locator("main")).to_contain_text("0 → 1")


def test_the_answer_sheet_begins_a_page_of_its_own(browser, live: LiveSite):
    with visitors(browser, live.url, password=PASSWORD) as enter:
        page = enter(live.world["email"], DESKTOP)
        page.goto(live.world["sheets"])
        page.emulate_media(media="print")
        assert page.locator(".site-header").is_hidden()
        assert page.locator("[data-print]").is_hidden()
        before = page.locator(".printed__sheet--next").evaluate(
            "sheet => getComputedStyle(sheet).breakBefore"
        )
        assert before == "page"

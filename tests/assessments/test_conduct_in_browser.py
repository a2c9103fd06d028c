"""Supervising an exam beside an open attempt, both in a real browser: more time, a message, the end."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from assessments.models import Attempt
from assessments.services import conduct
from assessments.services.attempts import start_attempt
from courses.models import Run
from lms.organisations.models import Role
from lms.users.models import User
from tests.browser import PHONE, axe_faults, visitors
from tests.factories.assessments import make_learner_of, make_quiz
from tests.factories.organisations import PASSWORD, make_person

from .live import LiveSite, live_site

pytestmark = pytest.mark.browser
DESK = {"width": 1440, "height": 900}


def build() -> dict:
    quiz = make_quiz(singles=3, multiples=0, time_limit_minutes=30)
    enrolment = make_learner_of(quiz)
    administrator = make_person(roles=[Role.SCHOOL_ADMINISTRATOR])
    attempt = start_attempt(quiz=quiz, enrolment=enrolment, actor=enrolment.learner, now=timezone.now())
    return {
        "quiz": quiz.pk,
        "run": enrolment.run.code,
        "attempt": str(attempt.public_id),
        "learner": enrolment.learner.email,
        "administrator": administrator.email,
    }


@pytest.fixture(scope="module")
def live(django_db_setup: None, django_db_blocker) -> Iterator[LiveSite]:
    with django_db_blocker.unblock(), live_site(build) as site:
        yield site


@pytest.fixture
def unblocked(django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def wake(page: Page) -> None:
    """What a page does every half minute, now."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def minutes_shown(page: Page) -> int:
    return int(page.locator("[data-clock]").inner_text().split(":")[0])


def test_the_open_page_gets_more_time_a_message_and_the_end(browser, live: LiveSite, unblocked):
    with visitors(browser, live.url, password=PASSWORD) as enter:
        sitting = enter(live.world["learner"], PHONE)
        sitting.goto(f"/kiem-tra/luot/{live.world['attempt']}/")
        expect(sitting.locator('[data-save-state="saved"]')).to_be_visible()
        assert minutes_shown(sitting) < 30

        supervising = enter(live.world["administrator"], DESK)
        supervising.goto(f"/kiem-tra/coi-thi/{live.world['run']}/{live.world['quiz']}/")
        assert axe_faults(supervising) == []
        supervising.get_by_label("Số phút thêm").fill("20")
        supervising.locator("form[action$='them-gio/'] [name=reason]").fill("Mất điện")
        supervising.locator("form[action$='them-gio/'] button").click()
        expect(supervising.locator("main")).to_contain_text("Đã thêm giờ cho 1 học viên")
        supervising.get_by_label("Thông báo", exact=True).fill("Câu 2: đọc là “năm 2025”.")
        supervising.locator("form[action$='nhan-tin/'] button").click()
        expect(supervising.locator("main")).to_contain_text("năm 2025")

        wake(sitting)
        told = sitting.locator("[data-told]")
        expect(told).to_contain_text("thêm 20 phút")
        expect(told).to_contain_text("Câu 2: đọc là “năm 2025”.")
        expect(sitting.locator("[data-announce]")).to_contain_text("năm 2025")
        expect(sitting.locator("[data-clock]")).to_have_text(re.compile(r"^4\d:"))
        assert axe_faults(sitting) == []
        assert sitting.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

        # Kept over a reload until it was read, and not shown again after that.
        sitting.reload()
        expect(told).to_contain_text("năm 2025")
        told.get_by_role("button", name="Tôi đã đọc").click()
        expect(told).not_to_contain_text("năm 2025")
        sitting.reload()
        expect(sitting.locator('[data-save-state="saved"]')).to_be_visible()
        expect(told).not_to_contain_text("năm 2025")

        supervising.get_by_role("button", name="Thu bài của tất cả").click()
        dialog = supervising.locator("#stop-all")
        dialog.get_by_label("Lý do").fill("Sơ tán phòng thi")
        dialog.locator("button[type=submit]").click()
        expect(supervising.locator("main")).to_contain_text("Đã thu 1 bài")
        wake(sitting)
        sitting.wait_for_url(re.compile(r"/ket-qua/$"))
        expect(sitting.locator("main")).to_contain_text("Sơ tán phòng thi")


def test_a_page_whose_clock_ran_out_goes_on_when_time_was_added(browser, live: LiveSite, unblocked):
    """The page believes its clock until it asks: it asks before it hands in."""
    with live.database():
        learner = User.objects.get(email=live.world["learner"])
        enrolment = learner.enrolments.get()
        quiz = Attempt.objects.first().quiz
        now = timezone.now()
        attempt = start_attempt(quiz=quiz, enrolment=enrolment, actor=learner, now=now)
        soon = now + timedelta(seconds=8)
        Attempt.objects.filter(pk=attempt.pk).update(
            closes_at=soon, accepts_until=soon + timedelta(seconds=60)
        )
    with visitors(browser, live.url, password=PASSWORD) as enter:
        sitting = enter(live.world["learner"], DESK)
        sitting.goto(f"/kiem-tra/luot/{attempt.public_id}/")
        expect(sitting.locator('[data-save-state="saved"]')).to_be_visible()
        with live.database():
            conduct.extend_attempts(
                quiz=quiz,
                run=Run.objects.get(code=live.world["run"]),
                minutes=10,
                reason="Mất điện",
                actor=User.objects.get(email=live.world["administrator"]),
                now=timezone.now(),
            )
        expect(sitting.locator("[data-told]")).to_contain_text("thêm 10 phút", timeout=20_000)
        expect(sitting.locator("[data-clock]")).to_have_text(re.compile(r"^(10|09):"))
        expect(sitting.locator("[data-question] fieldset").first).to_be_enabled()
        sitting.locator("[data-question] label").first.click()
        expect(sitting.locator("[data-save-text]")).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))

        # What is pasted is told in a batch of its own, beside the answers.
        with sitting.expect_response(re.compile(r"/tin-hieu/$"), timeout=30_000) as told:
            sitting.evaluate(
                """() => {
                  const data = new DataTransfer();
                  data.setData("text", "chép từ nơi khác");
                  const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true });
                  document.querySelector("[data-question] input").dispatchEvent(paste);
                }"""
            )
        assert told.value.json() == {"kept": 1}
    with live.database():
        assert [(row.kind, row.detail["characters"]) for row in attempt.signals.all()] == [("paste", 16)]

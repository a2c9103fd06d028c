"""Files handed in from a phone: sent with their progress, kept over a reload, and never called handed in while they are not.

Pictures of a question on a phone."""

import re
import shutil
from collections.abc import Iterator

import pytest
from django.conf import settings
from playwright.sync_api import expect

from assessments.models import Attempt
from tests.browser import PHONE, axe_faults, cut_the_line, visitors
from tests.factories.assessments import make_learner_of
from tests.factories.courses import make_course
from tests.factories.kinds import PDF, make_kind_quiz, make_picture_quiz
from tests.factories.organisations import PASSWORD

from .live import LiveSite, live_site

pytestmark = pytest.mark.browser


def build() -> dict:
    quiz = make_kind_quiz("file", module=make_course(modules=1, lessons=1).get_children().get().specific)
    enrolment = make_learner_of(quiz)
    pictures = make_picture_quiz(module=quiz.module, size=(900, 400))
    return {
        "front": f"/kiem-tra/bai/{quiz.pk}/{enrolment.pk}/",
        "pictures": f"/kiem-tra/bai/{pictures.pk}/{enrolment.pk}/",
        "email": enrolment.learner.email,
    }


@pytest.fixture(scope="module")
def live(django_db_setup: None, django_db_blocker) -> Iterator[LiveSite]:
    with django_db_blocker.unblock(), live_site(build) as site:
        kept = "question-media"
        shutil.copytree(settings.PRIVATE_MEDIA_ROOT / kept, site.site.var / "private" / kept)
        yield site


@pytest.fixture
def unblocked(django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def pdf(name: str, content: bytes = PDF) -> dict:
    return {"name": name, "mimeType": "application/pdf", "buffer": content}


def test_files_go_out_come_back_after_a_reload_and_are_handed_in(browser, live: LiveSite, unblocked):
    with visitors(browser, live.url, password=PASSWORD, expected=["net::ERR", "400"]) as enter:
        page = enter(live.world["email"], PHONE)
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(live.world["front"])
        page.locator(".quiz-start button[type=submit]").click()
        page.wait_for_url(re.compile(r"/kiem-tra/luot/"))
        expect(page.locator('[data-save-state="saved"]')).to_be_visible()
        assert axe_faults(page) == []
        chooser, files = page.locator("[data-file-input]"), page.locator("[data-file-list] li")

        chooser.set_input_files([pdf("kế hoạch.pdf"), pdf("giả.pdf", b"MZ")])
        expect(page.locator("[data-save-text]")).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))
        expect(files.nth(1).locator("[data-file-fault]")).to_contain_text("không được nhận")
        assert axe_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        files.nth(1).locator("[data-file-remove]").press("Enter")

        cut_the_line(page)
        chooser.set_input_files([pdf("lúc mất mạng.pdf")])
        expect(files.nth(1).locator("[data-file-fault]")).to_contain_text("Tệp chưa được nộp")
        page.context.set_offline(False)
        page.reload()
        expect(files).to_have_count(1)
        expect(files.first).to_contain_text("kế hoạch.pdf")

        chooser.set_input_files([pdf("phụ lục.pdf")])
        expect(page.locator("[data-answered]")).to_have_text("1")
        page.locator("[data-submit-form] button").press("Enter")
        page.locator("[data-hand-in]").press("Enter")
        page.wait_for_url(re.compile(r"/ket-qua/$"))
        with live.database():
            row = Attempt.objects.get().questions.get()
            assert [file.name for file in row.handed_in] == ["kế hoạch.pdf", "phụ lục.pdf"]


def test_wide_pictures_fit_a_phone_in_the_paper_and_in_the_review(browser, live: LiveSite, unblocked):
    fits = """[...document.querySelectorAll(".question__picture")].every((image) => image.naturalWidth > 0)
        && document.documentElement.scrollWidth"""
    with visitors(browser, live.url, password=PASSWORD) as enter:
        page = enter(live.world["email"], PHONE)
        page.goto(live.world["pictures"])
        page.locator(".quiz-start button[type=submit]").click()
        expect(page.locator('[data-save-state="saved"]')).to_be_visible()
        expect(page.locator(".question__picture")).to_have_count(2)
        page.wait_for_load_state("networkidle")
        assert page.evaluate(fits) == PHONE["width"] and axe_faults(page) == []
        page.locator("[data-submit-form] button").click()
        page.locator("[data-hand-in]").click()
        page.wait_for_url(re.compile(r"/ket-qua/$"))
        page.wait_for_load_state("networkidle")
        assert page.evaluate(fits) == PHONE["width"] and axe_faults(page) == []

"""Reading in a real browser: the place in the text follows the learner to the next device, the line may go."""

from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from courses.models import LessonProgress
from tests.assessments.live import LiveSite, live_site
from tests.browser import DESKTOP, PHONE, axe_faults, cut_the_line, visitors
from tests.factories.courses import make_course, make_enrolment, make_lesson, make_run
from tests.factories.organisations import PASSWORD, make_person, make_unit

pytestmark = pytest.mark.browser


def long_body() -> list[dict]:
    sentence = "Mỗi hồ sơ có giấy tiếp nhận và hẹn trả kết quả, ghi rõ ngày giờ và người phụ trách. "
    body = []
    for number in range(1, 7):
        body.append({"type": "heading", "value": {"text": f"Phần {number}", "level": "2"}})
        body += [{"type": "text", "value": f"<p>{sentence * 6}</p>"} for _ in range(3)]
    return body


def build() -> dict:
    course = make_course(modules=1, lessons=2)
    lesson = make_lesson(course.get_children().first().specific, title="Một bài dài", body=long_body())
    learner = make_person("Trần Thị Mai", unit=make_unit("Văn phòng"))
    enrolment = make_enrolment(run=make_run(course=course), learner=learner)
    return {"email": learner.email, "lesson": lesson, "url": lesson.get_url(), "enrolment": enrolment}


@pytest.fixture(scope="module")
def live(django_db_setup: None, django_db_blocker) -> Iterator[LiveSite]:
    with django_db_blocker.unblock(), live_site(build) as site:
        yield site


@pytest.fixture
def unblocked(django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def device(browser, live: LiveSite, unblocked):
    """Opens a signed-in browser of its own; whatever goes wrong on a page fails the test at its end."""
    with visitors(browser, live.url, password=PASSWORD, expected=["net::ERR"]) as enter:
        yield partial(enter, live.world["email"])


def saved(page: Page):
    return page.expect_response(lambda response: response.url.endswith("/vi-tri/"))


def scroll_to(page: Page, share: float) -> None:
    page.evaluate(
        """share => {
          const box = document.querySelector("[data-lesson-text]").getBoundingClientRect();
          const top = window.scrollY + box.top + (box.height - window.innerHeight) * share;
          window.scrollTo({ top, behavior: "instant" });
          return new Promise(resolve => document.addEventListener("scroll", resolve, { once: true }));
        }""",
        share,
    )


def put_aside(page: Page) -> None:
    """What a browser does when another tab or application comes to the front."""
    page.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", { configurable: true, value: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )


def test_the_place_in_the_text_follows_the_learner_to_another_device(device, live: LiveSite):
    phone = device(PHONE)
    phone.goto(live.world["url"])
    scroll_to(phone, 0.5)
    with saved(phone) as message:
        put_aside(phone)
    assert message.value.status == 204
    with live.database():
        progress = LessonProgress.objects.get(lesson=live.world["lesson"].pk)
        assert 40 <= progress.position <= 60
    desk = device(DESKTOP)
    desk.goto("/hoc/")
    desk.get_by_role("link", name="Học tiếp").click()
    desk.wait_for_url("**" + live.world["url"])
    expect(desk.get_by_role("heading", level=1)).to_have_text("Một bài dài")
    desk.get_by_role("button", name="Đến chỗ đang đọc dở").click()
    desk.wait_for_function("() => window.scrollY > 400")


def test_without_a_line_the_page_says_so_and_saves_when_it_is_back(device, live: LiveSite):
    page = device(DESKTOP)
    page.clock.install()
    page.goto(live.world["url"])
    status = page.locator("[data-lesson-status]")
    scroll_to(page, 0.2)
    cut_the_line(page)
    page.clock.run_for(16_000)
    expect(status).to_contain_text("Mất kết nối")
    scroll_to(page, 0.8)
    with saved(page) as message:
        page.context.set_offline(False)
    assert message.value.status == 204
    expect(status).to_contain_text("Đã lưu vị trí đọc")
    with live.database():
        assert LessonProgress.objects.get(lesson=live.world["lesson"].pk).position >= 70


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_learners_pages_are_accessible_and_fit_the_screen(device, live: LiveSite, viewport):
    page = device(viewport)
    for url in ("/hoc/", f"/hoc/{live.world['enrolment'].pk}/", "/hoc/ho-so/", live.world["url"]):
        page.goto(url)
        assert axe_faults(page) == [], url
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, url

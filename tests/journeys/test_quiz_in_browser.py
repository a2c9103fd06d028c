"""A learner sits a quiz in a real browser: the line goes and comes back, a second tab opens, the time runs out."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from assessments.models import Attempt, Quiz
from tests.assessments.live import REAL_HASHER, LiveSite, live_site
from tests.browser import DESKTOP, PHONE, Watch, cut_the_line
from tests.factories.assessments import make_learner_of, make_quiz
from tests.factories.organisations import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.journey]
QUESTIONS = 16


def build() -> dict:
    # In bank order: the first fourteen questions take one choice each, so that a test knows what a click does.
    quiz = make_quiz(singles=14, multiples=2, max_attempts=20)
    Quiz.objects.filter(pk=quiz.pk).update(shuffle=False)
    return {"quiz": quiz}


@pytest.fixture(scope="module")
def live(django_db_setup: None, django_db_blocker) -> Iterator[LiveSite]:
    with django_db_blocker.unblock(), live_site(build) as site:
        yield site


@pytest.fixture
def unblocked(django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


@pytest.fixture(autouse=True)
def learner_of_its_own(live: LiveSite, unblocked) -> None:
    """An attempt that a failing test leaves open stands in the way of nobody else."""
    with live.database(), override_settings(PASSWORD_HASHERS=REAL_HASHER):
        live.world["enrolment"] = make_learner_of(live.world["quiz"])
        live.world["email"] = live.world["enrolment"].learner.email


@pytest.fixture
def context(browser, live: LiveSite) -> Iterator[Callable[..., BrowserContext]]:
    """Opens a signed-in browser; every page of it is watched."""
    opened, watch = [], Watch(live.url)
    watch.expect("net::ERR")

    def sign_in(**options) -> BrowserContext:
        made = browser.new_context(
            base_url=live.url,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            **({"viewport": DESKTOP} | options),
        )
        made.set_default_timeout(15_000)
        made.on("page", watch.attach)
        opened.append(made)
        page = made.new_page()
        page.goto("/tai-khoan/login/?next=/healthz")
        page.locator('input[name="login"]').fill(live.world["email"])
        page.locator('input[name="password"]').fill(PASSWORD)
        page.locator('main button[type="submit"]').first.click()
        page.wait_for_url("**/healthz")
        page.close()
        return made

    yield sign_in
    for made in opened:
        made.close()
    assert not watch.unexpected(), "\n".join(watch.unexpected())


def start(page: Page, live: LiveSite) -> str:
    """Starts a new attempt; gives its public id."""
    page.goto(f"/kiem-tra/bai/{live.world['quiz'].pk}/{live.world['enrolment'].pk}/")
    page.locator(".quiz-start button[type=submit]").click()
    page.wait_for_url(re.compile(r"/kiem-tra/luot/"))
    expect(page.locator('[data-save-state="saved"]')).to_be_visible()
    return page.url.rstrip("/").rsplit("/", 1)[1]


def choose(page: Page, position: int, number: int = 0) -> str:
    box = page.locator(f'[data-question="{position}"] label').nth(number)
    box.click()
    return box.locator("input").get_attribute("value")


def state(page: Page, name: str) -> None:
    expect(page.locator(f'[data-save-state="{name}"]')).to_be_visible()


def stored(live: LiveSite, public_id: str) -> dict[int, list[str]]:
    with live.database():
        attempt = Attempt.objects.get(public_id=public_id)
        return {row.position: (row.answer or {}).get("choices", []) for row in attempt.questions.all()}


def hand_in(page: Page) -> None:
    page.locator("[data-submit-form] button").click()
    page.locator("[data-hand-in]").click()
    page.wait_for_url(re.compile(r"/ket-qua/$"))


def faults(page: Page) -> list[str]:
    results = Axe().run(page).response
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in results["violations"]
        for node in violation["nodes"]
    ]


def test_answers_given_off_line_are_there_after_a_reload_and_the_line_is_back(context, live, unblocked):
    browser = context()
    page = browser.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    public_id = start(page, live)
    given = {1: choose(page, 1)}
    state(page, "saved")
    expect(page.locator("[data-save-text]")).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))

    cut_the_line(page)
    for position in (2, 3, 4):
        given[position] = choose(page, position, 1)
    given[1] = choose(page, 1, 2)
    state(page, "offline")
    assert "4" in page.locator("[data-save-text]").inner_text()
    page.locator("[data-submit-form] button").click()
    page.locator("[data-hand-in]").click()
    expect(page.locator("[data-hand-in-unsent]")).to_be_visible()

    page.close(run_before_unload=False)
    assert stored(live, public_id)[2] == []
    browser.set_offline(False)
    page = browser.new_page()
    page.goto(f"/kiem-tra/luot/{public_id}/")
    state(page, "saved")
    for position, choice in given.items():
        assert page.locator(f'[data-question="{position}"] input:checked').get_attribute("value") == choice
    expect(page.locator("[data-answered]")).to_have_text("4")
    assert {key: value for key, value in stored(live, public_id).items() if value} == {
        position: [choice] for position, choice in given.items()
    }
    hand_in(page)
    assert page.locator(".review__question").count() == QUESTIONS
    assert page.evaluate("Object.keys(localStorage).filter(key => key.includes('attempt')).length") == 0


def test_the_line_comes_back_without_a_reload(context, live, unblocked):
    browser = context()
    page = browser.new_page()
    public_id = start(page, live)
    cut_the_line(page)
    choice = choose(page, 5)
    state(page, "offline")
    browser.set_offline(False)
    state(page, "saved")
    assert stored(live, public_id)[5] == [choice]
    hand_in(page)


def test_a_second_tab_takes_the_pen_and_gives_it_back(context, live, unblocked):
    browser = context()
    first = browser.new_page()
    public_id = start(first, live)
    choose(first, 1)
    state(first, "saved")
    second = browser.new_page()
    second.goto(first.url)
    state(second, "saved")
    state(first, "stale")
    expect(first.locator('[data-alert="stale"]')).to_be_visible()
    expect(first.locator('[data-question="2"] input').first).to_be_disabled()
    chosen = choose(second, 2, 1)
    state(second, "saved")
    first.locator("[data-take-over]").click()
    state(first, "saved")
    assert first.locator('[data-question="2"] input:checked').get_attribute("value") == chosen
    state(second, "stale")
    choose(first, 3)
    state(first, "saved")
    assert stored(live, public_id)[2] == [chosen]
    hand_in(first)


def test_another_device_takes_the_pen_and_the_old_one_is_told_when_it_saves(context, live, unblocked):
    here, there = context().new_page(), context(viewport=PHONE).new_page()
    public_id = start(here, live)
    there.goto(f"/kiem-tra/luot/{public_id}/")
    state(there, "saved")
    newer = choose(there, 1, 1)
    state(there, "saved")
    choose(here, 1, 0)
    state(here, "stale")
    here.locator("[data-take-over]").click()
    state(here, "saved")
    # The other device's answer came first to the server; this one's was never taken, and says so.
    expect(here.locator('[data-alert="notice"]')).to_be_visible()
    assert here.locator('[data-question="1"] input:checked').get_attribute("value") == newer
    hand_in(here)


def test_the_quiz_is_handed_in_by_itself_when_the_time_is_up(context, live, unblocked):
    page = context().new_page()
    public_id = start(page, live)
    choice = choose(page, 1)
    state(page, "saved")
    with live.database():
        soon = timezone.now() + timedelta(seconds=3)
        Attempt.objects.filter(public_id=public_id).update(
            closes_at=soon, accepts_until=soon + timedelta(seconds=10)
        )
    page.reload()
    page.wait_for_url(re.compile(r"/ket-qua/$"))
    with live.database():
        attempt = Attempt.objects.get(public_id=public_id)
        assert attempt.submitted_by_clock
        assert attempt.questions.get(position=1).answer == {"choices": [choice]}


def test_a_quiz_can_be_sat_by_keyboard_alone(context, live, unblocked):
    page = context().new_page()
    public_id = start(page, live)
    page.locator('[data-question="1"] input').first.focus()
    page.keyboard.press("Space")
    page.locator('[data-goto="2"]').focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    state(page, "saved")
    expect(page.locator("[data-answered]")).to_have_text("2")
    page.locator("[data-submit-form] button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#hand-in")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/ket-qua/$"))
    assert sum(bool(choices) for choices in stored(live, public_id).values()) == 2


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_nothing_on_the_pages_of_a_quiz(context, live, unblocked, viewport):
    page = context(viewport=viewport).new_page()
    rules = f"/kiem-tra/bai/{live.world['quiz'].pk}/{live.world['enrolment'].pk}/"
    page.goto(rules)
    assert faults(page) == []
    start(page, live)
    choose(page, 1)
    page.locator('[data-question="2"] [data-flag]').click()
    state(page, "saved")
    assert faults(page) == []
    width = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width[0] <= width[1]
    page.locator("[data-submit-form] button").click()
    assert faults(page) == []
    page.locator("[data-hand-in]").click()
    page.wait_for_url(re.compile(r"/ket-qua/$"))
    assert faults(page) == []
    page.goto(rules)
    assert faults(page) == []

"""Public pages of the demo world in a real browser, on a phone and on a desk."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import DESKTOP, PHONE, axe_faults

COURSE = "/khoa-hoc/ung-dung-cntt-va-cai-cach-hanh-chinh/"
PAGES = [
    "/",
    "/en/",
    "/khoa-hoc/",
    COURSE,
    "/en" + COURSE,
    "/tin-tuc/",
    "/tin-tuc/ba-chi-so-ba-cau-hoi/",
    "/huong-dan/",
    "/tim-kiem/?q=chu+ky+so",
    "/tim-kiem/?q=khong-co-gi-nhu-the",
]


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_public_pages_have_no_axe_faults_and_do_not_overflow(new_page: Callable[..., Page], viewport):
    page = new_page(viewport=viewport)
    for address in PAGES:
        assert page.goto(address).status == 200
        assert axe_faults(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], address


def test_typing_in_the_catalogue_narrows_the_list_and_the_address_keeps_it(page: Page):
    page.goto("/khoa-hoc/")
    cards = page.locator("#results .course-card")
    expect(cards).to_have_count(4)
    page.get_by_label("Tìm kiếm").fill("an toan thong tin")
    page.wait_for_url(lambda url: "q=an+toan+thong+tin" in url and "topic=" not in url)
    expect(page.locator("#filter-count")).not_to_have_text("4 kết quả")
    found = cards.count()
    page.reload()
    expect(cards).to_have_count(found)
    expect(page.get_by_label("Tìm kiếm")).to_have_value("an toan thong tin")


def test_the_language_switch_stays_on_the_page(page: Page):
    page.goto("/huong-dan/")
    page.get_by_role("link", name="English").first.click()
    page.wait_for_url(lambda url: url.endswith("/en/huong-dan/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Help")


def test_the_front_page_checks_a_certificate(page: Page):
    page.goto("/")
    page.get_by_label("Số chứng chỉ").fill("9999/2019/CC-ĐTBD")
    page.get_by_label("Họ và tên ghi trên chứng chỉ").fill("Không Có Ai")
    page.locator(".home-check button[type=submit]").click()
    page.wait_for_url(lambda url: url.endswith("/chung-chi/xac-thuc/"))
    expect(page.locator(".alert, [role=alert]").first).to_be_visible()

"""Single sign-on in a real browser, against a real provider."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from lms.users.models import User
from tests.assessments.live import LiveSite, live_site
from tests.browser import DESKTOP, PHONE, assert_sound, visitors
from tests.factories.organisations import PASSWORD, make_person, make_unit

from .oidc_provider import free_port, running_provider

pytestmark = pytest.mark.browser
LOGIN, LINKS = reverse("account_login"), reverse("single_sign_on")
CONFIGURATION = """
- id: cong-bo
  name: Cổng thông tin của Bộ
  server: http://localhost:{port}
  client_id: boiduongso
  client_secret_env: TEST_PROVIDER_SECRET
  claims: {{staff_code: ma_can_bo}}
- id: vneid
  name: VNeID
  server: http://localhost:{port}
  client_id: boiduongso
  client_secret_env: TEST_PROVIDER_SECRET
  subject: personal_identifier
  keep_subject_secret: true
  scope: [openid, profile]
  match: []
"""


def build() -> list[str]:
    unit = make_unit("Vụ Pháp chế", code="VPC")
    return [make_person("Bùi Đức Bình", unit=unit, staff_code="VPC001").email]


@pytest.fixture(scope="module")
def live(django_db_setup: None, django_db_blocker, tmp_path_factory) -> Iterator[LiveSite]:
    port = free_port()
    path: Path = tmp_path_factory.mktemp("sso") / "single-sign-on.yaml"
    path.write_text(CONFIGURATION.format(port=port))
    extra = {"SINGLE_SIGN_ON": str(path), "TEST_PROVIDER_SECRET": "chi-de-kiem-thu"}
    with django_db_blocker.unblock(), live_site(build, **extra) as site:
        callbacks = [
            site.url + reverse("openid_connect_callback", args=[name]) for name in ("cong-bo", "vneid")
        ]
        with running_provider(port, callbacks):
            yield site


@pytest.fixture
def visit(browser, live: LiveSite) -> Iterator[Callable[[str | None, dict], Page]]:
    with visitors(browser, live.url, password=PASSWORD, expected=["another host", "script error"]) as enter:
        yield enter


def confirm_there(page: Page, who: str) -> None:
    """At the provider: who one is, and that our site may know."""
    page.wait_for_url(re.compile("^http://localhost:"))
    page.locator("[name=login]").fill(who)
    page.locator("[name=password]").fill("gi-cung-duoc")
    page.locator("button[type=submit]").click()
    page.get_by_role("button", name="Continue").click()


def test_an_official_signs_in_through_the_portal_and_keeps_the_name(visit, live: LiveSite):
    page = visit(None, PHONE)
    assert_sound(page, [LOGIN])
    page.get_by_role("link", name="Đăng nhập bằng Cổng thông tin của Bộ").click()
    confirm_there(page, "binh")
    page.wait_for_url("**/hoc/")
    assert_sound(page, [LINKS])
    expect(page.locator("main")).to_contain_text("đã liên kết")
    with live.database():
        assert User.objects.get(staff_code="VPC001").get_full_name() == "Bùi Đức Bình"


def test_a_stranger_is_named_in_the_right_order_and_not_let_in(visit, live: LiveSite):
    page = visit(None, DESKTOP)
    page.goto(LOGIN)
    page.get_by_role("link", name="Đăng nhập bằng Cổng thông tin của Bộ").click()
    confirm_there(page, "la")
    page.wait_for_url(f"**{LOGIN}")
    expect(page.locator("main")).to_contain_text("đã xác nhận Lê Văn Lạ")
    with live.database():
        assert User.objects.count() == 1


def test_an_identity_keyed_by_the_personal_identifier_is_linked_by_its_owner(visit, live: LiveSite):
    page = visit(live.world[0], DESKTOP)
    page.goto(LINKS)
    page.locator(f"a[href='{reverse('link_single_sign_on', args=['vneid'])}']").click()
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Xác nhận").click()
    page.wait_for_url(f"**{reverse('link_single_sign_on', args=['vneid'])}")
    assert_sound(page, [page.url])
    page.get_by_role("link", name="Sang VNeID").click()
    confirm_there(page, "binh")
    page.wait_for_url(f"**{LINKS}")
    expect(page.locator("main")).to_contain_text("đăng nhập được bằng VNeID")
    assert_sound(page, [LINKS])

    other = visit(None, PHONE)
    other.goto(LOGIN)
    other.get_by_role("link", name="Đăng nhập bằng VNeID").click()
    confirm_there(other, "binh")
    other.wait_for_url("**/hoc/")

    page.get_by_role("button", name="Hủy liên kết").last.click()
    page.get_by_role("dialog").get_by_role("button", name="Hủy liên kết").click()
    expect(page.locator("main")).to_contain_text("Đã hủy liên kết")

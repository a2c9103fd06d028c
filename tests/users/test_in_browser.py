"""The second step of signing in, in a real browser: an app and a passkey, on a phone and at a desk."""

import time
from collections.abc import Callable, Iterator

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.urls import reverse
from playwright.sync_api import Page, expect

from lms.organisations.models import Role
from tests.assessments.live import LiveSite, live_site
from tests.browser import DESKTOP, PHONE, assert_sound, visitors
from tests.factories.organisations import PASSWORD, make_person, make_unit

pytestmark = pytest.mark.browser
INDEX, LOGIN = reverse("mfa_index"), reverse("account_login")


def build() -> list[str]:
    unit = make_unit("Vụ Pháp chế", code="VPC")
    people = [
        make_person(name, unit=unit, roles=[Role.COORDINATOR]) for name in ("Bùi Đức Bình", "Lê Thị An")
    ]
    return [person.email for person in people]


@pytest.fixture(scope="module")
def live(django_db_setup: None, django_db_blocker) -> Iterator[LiveSite]:
    with django_db_blocker.unblock(), live_site(build, REQUIRE_SECOND_FACTOR="1") as site:
        yield site


@pytest.fixture
def visit(browser, live: LiveSite) -> Iterator[Callable[[str | None, dict], Page]]:
    # Browsers give passkeys to names, not to addresses of machines.
    with visitors(browser, live.url.replace("127.0.0.1", "localhost"), password=PASSWORD) as enter:
        yield enter


def say_who(page: Page, email: str) -> None:
    page.goto(LOGIN)
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()


def say_password_again(page: Page) -> None:
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Xác nhận").click()


def code_of(secret: str, *, periods_ago: int = 0) -> str:
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 - periods_ago))


@pytest.fixture
def device(visit) -> Page:
    """A desk with a device that knows its owner by fingerprint."""
    page = visit(None, DESKTOP)
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    line.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return page


def test_an_app_is_set_up_on_a_phone_and_signs_in(visit, live: LiveSite):
    page = visit(None, PHONE)
    say_who(page, live.world[0])
    page.wait_for_url(f"**{INDEX}")
    assert_sound(page, [INDEX])
    page.get_by_role("link", name="Thiết lập ứng dụng").click()
    say_password_again(page)
    page.wait_for_url(f"**{reverse('mfa_activate_totp')}")
    assert_sound(page, [reverse("mfa_activate_totp")])
    secret = page.locator(".totp-key").inner_text()
    page.locator("[name=code]").fill(code_of(secret, periods_ago=1))
    page.get_by_role("button", name="Hoàn tất thiết lập").click()
    page.wait_for_url(f"**{reverse('mfa_view_recovery_codes')}")
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    assert_sound(
        page, [reverse("mfa_view_recovery_codes"), reverse("mfa_generate_recovery_codes"), INDEX, "/hoc/"]
    )

    other = visit(None, PHONE)
    say_who(other, live.world[0])
    other.wait_for_url(f"**{reverse('mfa_authenticate')}")
    assert_sound(other, [reverse("mfa_authenticate")])
    other.locator("[name=code]").fill("12")
    other.get_by_role("button", name="Đăng nhập", exact=True).click()
    expect(other.locator(".field--error")).to_contain_text("Mã không đúng")
    other.locator("[name=code]").fill(code_of(secret))
    other.get_by_role("button", name="Đăng nhập", exact=True).click()
    other.wait_for_url("**/hoc/")


def test_a_passkey_is_set_up_and_signs_in_with_and_without_the_password(device: Page, live: LiveSite):
    email = live.world[1]
    say_who(device, email)
    device.wait_for_url(f"**{INDEX}")
    device.get_by_role("link", name="Thêm khóa truy cập").click()
    say_password_again(device)
    device.wait_for_url(f"**{reverse('mfa_add_webauthn')}")
    assert_sound(device, [reverse("mfa_add_webauthn")])
    device.locator("[name=name]").fill("Máy cơ quan")
    device.locator("[name=passwordless]").check()
    device.get_by_role("button", name="Thêm khóa truy cập").click()
    device.wait_for_url(f"**{reverse('mfa_view_recovery_codes')}")
    assert_sound(device, [INDEX])
    expect(device.locator("main")).to_contain_text("Máy cơ quan")

    device.context.clear_cookies()
    say_who(device, email)
    device.wait_for_url(f"**{reverse('mfa_authenticate')}")
    assert_sound(device, [reverse("mfa_authenticate")])
    device.get_by_role("button", name="Dùng khóa truy cập").click()
    device.wait_for_url("**/hoc/")

    device.context.clear_cookies()
    device.goto(LOGIN)
    device.get_by_role("button", name="Đăng nhập bằng khóa truy cập").click()
    device.wait_for_url("**/hoc/")


def test_a_device_that_does_not_know_its_owner_says_so_and_leaves_other_ways(visit, live: LiveSite):
    page = visit(None, PHONE)
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    line.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": False,
            }
        },
    )
    page.goto(LOGIN)
    page.get_by_role("button", name="Đăng nhập bằng khóa truy cập").click()
    expect(page.locator(".toast")).to_contain_text("Khóa truy cập không được chấp nhận")
    expect(page.locator("[name=password]")).to_be_visible()

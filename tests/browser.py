"""A real browser for tests: Debian's Chromium, driven by Playwright, against a site in processes of its own.

Without a Chromium the tests are skipped by name; with ``REQUIRE_BROWSER=1`` they fail instead.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    sync_playwright,
)

from tests.site import DemoSite

CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 800}


def chromium_path() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, CANDIDATES)), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Open for one module: while it is, an event loop runs in this thread and Django must be told that this is fine."""
    path = chromium_path()
    if path is None:
        reason = "no Chromium found: install Debian's chromium, or name one in CHROMIUM"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        opened = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield opened
        opened.close()


class Watch:
    """Notes what must not happen on any page: script errors, failing responses, anything from another host."""

    def __init__(self, home: str) -> None:
        self.home = urlsplit(home).netloc
        self.faults: list[str] = []
        self.expected: list[str] = []

    def attach(self, page: Page) -> None:
        page.on("console", self.console)
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        page.on("request", self.request)
        page.on("response", self.response)

    def expect(self, *parts: str) -> None:
        """Faults whose text holds one of these are part of the test."""
        self.expected += parts

    def console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(f"console: {message.text}")

    def request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc != self.home:
            self.faults.append(f"another host: {request.url}")

    def response(self, response: Response) -> None:
        missing = response.status == 404 and response.request.resource_type != "document"
        if response.status >= 500 or missing:
            self.faults.append(f"{response.status}: {response.url}")

    def unexpected(self) -> list[str]:
        return [fault for fault in self.faults if not any(part in fault for part in self.expected)]


@contextmanager
def visitors(
    browser: Browser, base_url: str, *, password: str, expected: Iterable[str] = ()
) -> Iterator[Callable[[str | None, dict], Page]]:
    """Opens a browser of its own for each visitor, signed in where an address of mail is given.

    Whatever goes wrong on a page of theirs fails at the end, but faults whose text holds one of ``expected``.
    """
    opened: list[BrowserContext] = []
    watch = Watch(base_url)
    watch.expect(*expected)

    def enter(email: str | None, viewport: dict) -> Page:
        context = browser.new_context(base_url=base_url, locale="vi-VN", viewport=viewport)
        context.set_default_timeout(20_000)
        opened.append(context)
        page = context.new_page()
        watch.attach(page)
        if email:
            page.goto("/tai-khoan/login/")
            page.locator('input[name="login"]').fill(email)
            page.locator('input[name="password"]').fill(password)
            page.locator('main button[type="submit"]').first.click()
            page.wait_for_url("**/hoc/")
        return page

    yield enter
    for context in opened:
        context.close()
    assert not watch.unexpected(), "\n".join(watch.unexpected())


def cut_the_line(page: Page) -> None:
    """Take the page's browser off line, and wait until it is: for a moment after it was told so, requests still get out."""
    page.context.set_offline(True)
    page.wait_for_function("() => fetch('/healthz').then(() => false, () => true)")


def axe_faults(page: Page) -> list[str]:
    """What axe finds on the page as it stands, one line each: rule, what it says, where."""
    return [
        f"{fault['id']}: {fault['help']} at {node['target']}"
        for fault in Axe().run(page).response["violations"]
        for node in fault["nodes"]
    ]


def assert_sound(page: Page, addresses: Iterable[str]) -> None:
    """Each address opens, axe finds nothing on it, and it does not overflow the window."""
    for address in addresses:
        assert page.goto(address).status == 200, address
        assert axe_faults(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], address


@pytest.fixture
def watch(demo_site: DemoSite) -> Watch:
    return Watch(demo_site.url)


@pytest.fixture
def new_page(browser: Browser, demo_site: DemoSite, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Opens pages with cookies of their own: ``new_page(viewport=PHONE)``; each is a different person's browser."""
    contexts = []

    def open_page(base_url: str = demo_site.url, **options: object) -> Page:
        defaults = {"locale": "vi-VN", "timezone_id": "Asia/Ho_Chi_Minh", "viewport": DESKTOP}
        context = browser.new_context(base_url=base_url, **(defaults | options))
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        watch.attach(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not watch.unexpected(), "\n".join(watch.unexpected())


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()

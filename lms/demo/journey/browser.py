"""A person's browser: cookies, pages, forms. Every answer that is not what a browser hopes for is an error."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

import httpx
import lxml.html

Values = Mapping[str, str | list[str]]


class Stopped(Exception):
    """A person could not go on. Already counted."""


@dataclass
class Tally:
    """What all browsers together have asked, and what went wrong."""

    requests: int = 0
    errors: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def asked(self, count: int) -> None:
        with self._lock:
            self.requests += count

    def failed(self, what: str) -> None:
        with self._lock:
            self.errors.append(what)


class Page:
    """An HTML page as its reader sees it. Elements are chosen by XPath or by their class."""

    def __init__(self, response: httpx.Response):
        self.response = response
        self.path = response.url.path

    @cached_property
    def document(self) -> lxml.html.HtmlElement:
        return lxml.html.document_fromstring(
            self.response.content, parser=lxml.html.HTMLParser(encoding="utf-8")
        )

    def all(self, path: str) -> list[lxml.html.HtmlElement]:
        return self.document.xpath(path)

    def one(self, path: str) -> lxml.html.HtmlElement:
        """The first that fits; raises LookupError with the place."""
        found = self.all(path)
        if not found:
            raise LookupError(f"{self.path}: nothing fits {path}")
        return found[0]

    def of_class(self, name: str) -> list[lxml.html.HtmlElement]:
        return self.document.find_class(name)

    def links(self, part: str) -> list[str]:
        """Addresses of links that hold a part, in the page's order, each once."""
        found = [link.get("href") for link in self.all("//a[@href]") if part in link.get("href")]
        return list(dict.fromkeys(found))

    def form(self, part: str) -> lxml.html.FormElement:
        """The first form whose address holds the part; raises LookupError."""
        for form in self.document.forms:
            if part in (form.action or self.path):
                return form
        raise LookupError(f"{self.path}: no form that goes to {part}")

    @property
    def csrf_token(self) -> str:
        return self.one("//input[@name='csrfmiddlewaretoken']").get("value")


def text_of(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


class Browser:
    """One person's cookies. Closed by ``with``."""

    def __init__(self, base_url: str, tally: Tally, *, who: str):
        self.who = who
        self.tally = tally
        self.client = httpx.Client(
            base_url=base_url, follow_redirects=True, timeout=90, headers={"Accept-Language": "vi"}
        )

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *exception: object) -> None:
        self.client.close()

    def ask(
        self, method: str, address: str, *, accept: tuple[int, ...] = (200,), **what: Any
    ) -> httpx.Response:
        """Redirects are followed and counted; another status than those accepted stops the person."""
        try:
            response = self.client.request(method, address, **what)
        except httpx.HTTPError as error:
            self.tally.asked(1)
            raise self.stop(f"{method} {address}: {type(error).__name__} {error}") from error
        self.tally.asked(1 + len(response.history))
        if response.status_code not in accept:
            raise self.stop(f"{method} {address} → {response.status_code} {response.url.path}")
        return response

    def stop(self, why: str) -> Stopped:
        self.tally.failed(f"{self.who}: {why}")
        return Stopped(why)

    def open(self, address: str) -> Page:
        return Page(self.ask("GET", address))

    def submit(self, page: Page, form: lxml.html.FormElement, values: Values | None = None) -> Page:
        """Send a form of the page as it stands, with some fields filled in anew."""
        values = values or {}
        data: dict[str, list[str]] = {}
        for name, value in form.form_values():
            if name not in values:
                data.setdefault(name, []).append(value)
        data |= {name: [value] if isinstance(value, str) else list(value) for name, value in values.items()}
        address = urljoin(str(page.response.url), form.action or "")
        return Page(self.ask(form.method, address, data=data))

    def post(
        self, address: str, fields: Values, *, csrf_token: str, accept: tuple[int, ...] = (200,)
    ) -> httpx.Response:
        """What a script of the page sends."""
        return self.ask("POST", address, data=fields, headers={"X-CSRFToken": csrf_token}, accept=accept)

    def sign_in(self, email: str, password: str) -> Page:
        """Gives the page the person lands on."""
        page = self.open("/tai-khoan/login/")
        landed = self.submit(page, page.form("login"), {"login": email, "password": password})
        if "login" in landed.path:
            raise self.stop("sign-in was refused")
        return landed

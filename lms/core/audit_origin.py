"""Where a change comes from: the address of its request, and in which role its actor acts.

Set once for a request or a job, read by ``lms.core.audit``; services know nothing of it. What runs outside both, such as
a command, leaves no origin: its events have neither address nor role.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from .throttle import client_address

_address: ContextVar[str | None] = ContextVar("audit_address", default=None)
# Roles are known to an upper room: it says here how an actor's are written, (roles, units).
_describe: Callable[[object], tuple[str, str]] = lambda actor: ("", "")  # noqa: E731
_role_words: Callable[[str], str] = lambda codes: codes  # noqa: E731


@dataclass(frozen=True)
class Origin:
    role: str = ""
    unit: str = ""
    address: str = ""


def register_actor_description(
    describe: Callable[[object], tuple[str, str]], role_words: Callable[[str], str]
) -> None:
    """``describe(actor)`` gives the codes of the roles the actor holds today and of their units, with one query at most in
    a request; ``role_words(codes)`` says them in the reader's language."""
    global _describe, _role_words
    _describe, _role_words = describe, role_words


def words_of_roles(codes: str) -> str:
    """What an event keeps as its actor's roles, in words."""
    return _role_words(codes) if codes else ""


@contextmanager
def coming_from(address: str) -> Iterator[None]:
    """Everything recorded inside comes from the address ("" for work in the background)."""
    token = _address.set(address)
    try:
        yield
    finally:
        _address.reset(token)


def origin_of(actor, *, in_no_role: bool = False) -> Origin:
    address = _address.get()
    if address is None:
        return Origin()
    role, unit = ("", "") if actor is None or in_no_role else _describe(actor)
    return Origin(role[:120], unit[:120], address[:45])


class AuditOriginMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with coming_from(client_address(request)):
            return self.get_response(request)

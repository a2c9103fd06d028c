"""The menus of the shell: rooms register their entries, the shell shows them in order.

A lower room never knows the upper ones; this registry is how they meet.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise


@dataclass(frozen=True)
class MenuEntry:
    """``visible(request)`` says who sees it; ``icon`` is a lucide name; smaller ``order`` stands first."""

    menu: str  # "main" (public) or "app" (signed in)
    order: int
    title: str | Promise
    url_name: str
    icon: str = ""
    visible: Callable[[HttpRequest], bool] = lambda request: True


_entries: list[MenuEntry] = []


def register_menu_entry(entry: MenuEntry) -> None:
    if entry not in _entries:
        _entries.append(entry)


def menu(name: str, request: HttpRequest) -> list[dict]:
    """The visible entries as the templates want them: title, url, icon, active."""
    entries = [e for e in sorted(_entries, key=lambda e: e.order) if e.menu == name and e.visible(request)]
    urls = [reverse(entry.url_name) for entry in entries]
    # Of two entries that lead to this page, the nearer one is where the reader is.
    here = max((url for url in urls if request.path.startswith(url)), key=len, default=None)
    return [
        {"title": entry.title, "url": url, "icon": entry.icon, "active": url == here}
        for entry, url in zip(entries, urls, strict=True)
    ]

"""Parts of the front page that other rooms bring: courses, runs, the check of a certificate.

A room above registers a panel in its ``AppConfig.ready``; the front page shows them in order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True)
class HomePanel:
    """``place`` is where it stands: "hero" (under the headline), "main" (below it) or "lower" (before the news).

    ``context(request)`` gives what the template reads as ``panel``; None leaves the panel out.
    """

    key: str
    order: int
    template: str
    context: Callable[[HttpRequest], dict[str, Any] | None]
    place: str = "main"


_panels: dict[str, HomePanel] = {}


def register_home_panel(panel: HomePanel) -> None:
    _panels[panel.key] = panel


def home_panels(request: HttpRequest, place: str) -> list[dict[str, Any]]:
    """The panels that have something to show: ``template`` and ``context`` of each."""
    shown = []
    for panel in sorted((p for p in _panels.values() if p.place == place), key=lambda p: (p.order, p.key)):
        context = panel.context(request)
        if context is not None:
            shown.append({"key": panel.key, "template": panel.template, "context": context})
    return shown

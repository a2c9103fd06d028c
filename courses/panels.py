"""What upper rooms add to the learner's pages (certificates, and later others).

A dashboard panel is called with the request and gives None when it has nothing to show, or a dict holding ``template``
and what that template reads. Record links are asked for all enrolments on the page at once. Both must take a constant
number of queries. A lesson panel stands below the text of a lesson.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists
from django.http import HttpRequest
from django.utils.functional import Promise

if TYPE_CHECKING:
    from .models import Enrolment, LessonPage


@dataclass(frozen=True)
class RecordLink:
    """What an enrolment in the training record leads to, such as its certificate."""

    label: str | Promise
    url: str
    icon: str = ""


@dataclass(frozen=True)
class LessonPanel:
    """``exists`` says by a subquery over enrolments (``OuterRef("run")`` …) whether the lesson with this id has such a panel:
    it travels with the enrolment, so that lessons without one pay no query. ``content`` gives a dict of ``template``,
    ``stylesheet`` and what the template reads; its lesson is that of the source language.
    """

    name: str
    exists: Callable[[int], Exists]
    content: Callable[[HttpRequest, "Enrolment", "LessonPage"], dict[str, Any]]

    @property
    def mark(self) -> str:
        return f"has_{self.name}"


DashboardPanel = Callable[[HttpRequest], dict[str, Any] | None]
RecordLinks = Callable[[HttpRequest, "Sequence[Enrolment]"], dict[int, RecordLink]]  # by enrolment id
_panels: list[DashboardPanel] = []
_lesson_panels: list[LessonPanel] = []
_record_links: list[RecordLinks] = []


def register_dashboard_panel(panel: DashboardPanel) -> None:
    if panel not in _panels:
        _panels.append(panel)


def dashboard_panels(request: HttpRequest) -> list[dict[str, Any]]:
    """What is to be shown, in the order of registration."""
    shown = (panel(request) for panel in _panels)
    return [context for context in shown if context]


def register_lesson_panel(panel: LessonPanel) -> None:
    if panel not in _lesson_panels:
        _lesson_panels.append(panel)


def lesson_panels(request: HttpRequest, enrolment: "Enrolment", lesson: "LessonPage") -> list[dict[str, Any]]:
    return [
        panel.content(request, enrolment, lesson)
        for panel in _lesson_panels
        if getattr(enrolment, panel.mark)
    ]


def lesson_panel_marks(lesson_id: int) -> dict[str, Exists]:
    """To annotate the enrolments that ``lesson_panels`` is given."""
    return {panel.mark: panel.exists(lesson_id) for panel in _lesson_panels}


def register_record_links(links: RecordLinks) -> None:
    if links not in _record_links:
        _record_links.append(links)


def record_links(request: HttpRequest, enrolments: "Sequence[Enrolment]") -> dict[int, list[RecordLink]]:
    """By enrolment id, in the order of registration."""
    found: dict[int, list[RecordLink]] = defaultdict(list)
    for links in _record_links:
        for enrolment_id, link in links(request, enrolments).items():
            found[enrolment_id].append(link)
    return dict(found)

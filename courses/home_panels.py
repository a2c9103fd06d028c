"""What this room brings to the front page: the way in, figures, courses and the next runs."""

from typing import Any

from django.core.cache import cache
from django.db.models import Count, Q
from django.db.models.functions import Substr
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from cms.panels import HomePanel, register_home_panel

from .catalogue import course_cards, open_runs, with_images
from .models import CatalogPage, CoursePage, Enrolment, Run

COURSES_ON_FRONT_PAGE = 3
RUNS_ON_FRONT_PAGE = 4
# Figures of the whole installation are counted anew at most this often, in seconds.
FIGURES_KEPT_FOR = 300
# A path names four digits per level: the ministry, then the units right under it.
FIRST_LEVEL_PATH = 8


def catalogue_of(request: HttpRequest) -> CatalogPage | None:
    """The catalogue in the reader's language, asked for once per request."""
    if not hasattr(request, "_catalogue"):
        request._catalogue = CatalogPage.objects.live().filter(locale__language_code=get_language()).first()
    return request._catalogue


def way_in(request: HttpRequest) -> dict[str, Any] | None:
    catalog = catalogue_of(request)
    return {"catalogue_url": catalog.get_url(request)} if catalog else None


def figures() -> dict[str, int]:
    """Participations completed, distinct persons among them, and units right under the ministry they came from."""
    completed = Q(state=Enrolment.State.COMPLETED)
    return Enrolment.objects.filter(completed).aggregate(
        participations=Count("pk"),
        people=Count("learner", distinct=True),
        units=Count(Substr("unit__path", 1, FIRST_LEVEL_PATH), distinct=True),
    )


def figures_panel(request: HttpRequest) -> dict[str, Any] | None:
    """Nothing before the first course is completed: a row of zeros helps nobody."""
    counted = cache.get_or_set("courses.home.figures", figures, FIGURES_KEPT_FOR)
    if not counted["participations"]:
        return None
    return {**counted, "on": timezone.localdate()}


def courses_panel(request: HttpRequest) -> dict[str, Any] | None:
    catalog = catalogue_of(request)
    if catalog is None:
        return None
    courses = with_images(CoursePage.objects.live().child_of(catalog).order_by("path"))[
        :COURSES_ON_FRONT_PAGE
    ]
    cards = course_cards(courses, request, on=timezone.localdate())
    return {"cards": cards, "catalogue_url": catalog.get_url(request)} if cards else None


def runs_panel(request: HttpRequest) -> dict[str, Any] | None:
    """The runs people may still join, soonest to close first, with their courses in the reader's language."""
    today = timezone.localdate()
    runs = list(
        open_runs(on=today)
        .select_related("course")
        .with_seats_taken()
        .order_by("closes_on", "pk")[:RUNS_ON_FRONT_PAGE]
    )
    if not runs:
        return None
    pages = CoursePage.objects.live().filter(
        translation_key__in=[run.course.translation_key for run in runs], locale__language_code=get_language()
    )
    course_by_key = {page.translation_key: page for page in pages}
    lines = []
    for run in runs:
        course = course_by_key.get(run.course.translation_key, run.course)
        left = None if run.capacity is None else max(0, run.capacity - run.seats_taken)
        lines.append(
            {
                "title": run.display_title,
                "course": course.title,
                "url": course.get_url(request),
                "run": run,
                "is_self": run.policy == Run.Policy.SELF,
                "opens_later": run.opens_on > today,
                "places_left": left,
            }
        )
    return {"lines": lines}


def register_home_panels() -> None:
    for panel in [
        HomePanel("way-in", 10, "courses/home/way_in.html", way_in, place="hero"),
        HomePanel("figures", 10, "courses/home/figures.html", figures_panel),
        HomePanel("courses", 20, "courses/home/courses.html", courses_panel),
        HomePanel("runs", 30, "courses/home/runs.html", runs_panel),
    ]:
        register_home_panel(panel)

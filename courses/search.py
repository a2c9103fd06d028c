"""What this room brings to the search over everything public: courses, and lessons with the place they stand in."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from cms.search import Hit, SearchGroup, register_search_group

from .models import CoursePage, LessonPage


def course_hits(pages: Iterable[CoursePage], request: HttpRequest) -> list[Hit]:
    return [
        Hit(title=page.title, url=page.get_url(request), summary=page.summary, place=page.code)
        for page in pages
    ]


def lesson_hits(pages: Iterable[LessonPage], request: HttpRequest) -> list[Hit]:
    """Each lesson with its course and module; one query for all of them."""
    lessons = list(pages)
    above = {
        path for page in lessons for path in (page.path[: -page.steplen], page.path[: -2 * page.steplen])
    }
    titles = dict(Page.objects.filter(path__in=above).values_list("path", "title"))
    return [
        Hit(
            title=page.title,
            url=page.get_url(request),
            summary=page.summary,
            place=" · ".join(
                filter(
                    None, [titles.get(page.path[: -2 * page.steplen]), titles.get(page.path[: -page.steplen])]
                )
            ),
        )
        for page in lessons
    ]


def register_search_groups() -> None:
    register_search_group(
        SearchGroup(
            key="courses",
            order=10,
            title=_("Courses"),
            icon="graduation-cap",
            pages=CoursePage.objects.all,
            hits=course_hits,
        )
    )
    register_search_group(
        SearchGroup(
            key="lessons",
            order=20,
            title=_("Lessons"),
            icon="book-open",
            pages=LessonPage.objects.defer_streamfields,
            hits=lesson_hits,
        )
    )

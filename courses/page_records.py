"""What learners and classes hold on to in the page tree, and therefore may neither vanish nor leave its course."""

from collections.abc import Iterable

from django.db.models import Q
from wagtail.models import Page

from .models import CoursePage, Criterion, LessonProgress, Run


def pages_with_records(pages: Iterable[Page]) -> list[Page]:
    """Those of the pages that, with what stands below them, carry classes, tests or study records."""
    return [page for page in pages if _carries_records(page)]


def _carries_records(page: Page) -> bool:
    """At most three queries, so that a bulk action over a listing stays quick."""
    in_module = Q(module__path__startswith=page.path)
    return (
        LessonProgress.objects.filter(lesson__path__startswith=page.path).exists()
        or Run.objects.filter(course__path__startswith=page.path).exists()
        or Criterion.objects.filter(Q(course__path__startswith=page.path) | in_module).exists()
    )


def course_path_of(page: Page) -> str | None:
    """The path of the course a page is or stands in; None outside courses."""
    at_or_above = [page.path[:end] for end in range(Page.steplen, len(page.path) + 1, Page.steplen)]
    return CoursePage.objects.filter(path__in=at_or_above).values_list("path", flat=True).first()

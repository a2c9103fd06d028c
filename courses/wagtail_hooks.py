"""What this room adds to Wagtail: the way to the catalogue, pages that learners' records keep in their place, lessons
served by their own view, and gone steps noticed."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.models import Page

from .models import CatalogPage, CoursePage, LessonPage, ModulePage
from .page_records import course_path_of, pages_with_records
from .services.progress import complete_those_done, count_new_step
from .steps import STEP_LENGTH
from .views.lessons import lesson_response

# Of many pages named in a message.
NAMED_PAGES = 5


class CoursesMenuItem(MenuItem):
    """Leads to the catalogue in the editor's explorer; shown to whoever may change pages there."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("wagtailadmin.access_admin")


@hooks.register("register_admin_urls")
def courses_url() -> list[URLPattern]:
    return [path("khoa-hoc/", explore_catalogue, name="courses_explore")]


def explore_catalogue(request: HttpRequest) -> HttpResponse:
    """The children of the catalogue, in the source language; the whole tree before there is one."""
    catalog = CatalogPage.objects.order_by("path").first()
    return redirect("wagtailadmin_explore", catalog.pk) if catalog else redirect("wagtailadmin_explore_root")


@hooks.register("register_admin_menu_item")
def courses_menu_item() -> MenuItem:
    return CoursesMenuItem(
        gettext_lazy("Courses"),
        reverse("courses_explore"),
        name="courses",
        icon_name="clipboard-list",
        order=90,
    )


def _refuse(request: HttpRequest, pages: Iterable[Page], sentence: str) -> HttpResponse:
    """Say why, naming the pages, and go back to where they are listed."""
    listed = list(pages)
    names = [f"“{page.get_admin_display_title()}”" for page in listed[:NAMED_PAGES]]
    if len(listed) > NAMED_PAGES:
        names.append("…")
    messages.error(request, sentence % {"pages": get_text_list(names, _("and"))})
    return redirect("wagtailadmin_explore", listed[0].get_parent().pk)


def refuse_deletion(request: HttpRequest, pages: Iterable[Page]) -> HttpResponse | None:
    if held := pages_with_records(pages):
        return _refuse(
            request,
            held,
            _(
                "%(pages)s cannot be deleted: classes, tests or learners' records belong to it. "
                "Unpublish it instead; what learners have done is then kept."
            ),
        )
    return None


def refuse_removal_from_course(
    request: HttpRequest, pages: Iterable[Page], destination: Page
) -> HttpResponse | None:
    """Within its course a page may be moved freely; records would not follow it into another one."""
    target = course_path_of(destination)
    leaving = [page for page in pages if (own := course_path_of(page)) and own != page.path and own != target]
    if held := pages_with_records(leaving):
        return _refuse(
            request,
            held,
            _(
                "%(pages)s cannot be moved to another course: learners' records belong to it. Copy it instead."
            ),
        )
    return None


@hooks.register("before_delete_page")
def keep_pages_with_records(request: HttpRequest, page: Page) -> HttpResponse | None:
    return refuse_deletion(request, [page])


@hooks.register("before_move_page")
def keep_pages_in_their_course(request: HttpRequest, page: Page, destination: Page) -> HttpResponse | None:
    return refuse_removal_from_course(request, [page], destination)


@hooks.register("before_bulk_action")
def keep_pages_from_bulk_actions(
    request: HttpRequest, action_type: str, objects: list, action
) -> HttpResponse | None:
    pages = [page for page in objects if isinstance(page, Page)]
    if action_type == "delete":
        return refuse_deletion(request, pages)
    if action_type == "move" and pages:
        return refuse_removal_from_course(request, pages, action.cleaned_form.cleaned_data["chooser"])
    return None


@hooks.register("before_serve_page", order=1000)
def serve_lesson(page: Page, request: HttpRequest, args, kwargs) -> HttpResponse | None:
    """After Wagtail's own hooks, which keep private pages private."""
    return lesson_response(request, page) if isinstance(page, LessonPage) else None


def _courses_above(page: Page) -> QuerySet[CoursePage]:
    """The course a lesson or module stands in; none for other pages."""
    if not isinstance(page.specific_deferred, LessonPage | ModulePage):
        return CoursePage.objects.none()
    ends = range(STEP_LENGTH, len(page.path), STEP_LENGTH)
    return CoursePage.objects.filter(path__in=[page.path[:end] for end in ends])


@hooks.register("after_publish_page")
def notice_new_step(request: HttpRequest, page: Page) -> None:
    """A lesson more is to be done by those who are not through yet."""
    for course in _courses_above(page):
        count_new_step(course=course)


@hooks.register("after_unpublish_page")
@hooks.register("after_delete_page")
def notice_gone_step(request: HttpRequest, page: Page) -> None:
    """Who had done all but the lesson that has gone is not left waiting for it."""
    for course in _courses_above(page):
        complete_those_done(course=course, actor=request.user, now=timezone.now())

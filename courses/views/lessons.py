"""The lesson: served at its page's address by a lean path, completed by POST, its position saved by a hot one."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language, gettext, override
from django.views.decorators.http import require_POST
from wagtail.models import Page

from cms.blocks import sections
from cms.sites import root_paths, site_for
from cms.views import page_by_path
from courses.models import Enrolment, LessonPage, LessonProgress, Run
from courses.outline import CriterionOutline, LessonOutline, Outline, outline_for, outline_of_course
from courses.page_links import page_links
from courses.panels import lesson_panels
from courses.permissions import may_read_all_lessons
from courses.reading import course_at, course_path_of, enrolments_in, reading_enrolment
from courses.services.progress import (
    complete_lesson,
    is_open_for_study,
    open_lesson,
    reopen_lesson,
    save_position,
)
from lms.core.errors import DomainError, NotAllowed

State = Enrolment.State


def lesson_by_path(request: HttpRequest, path: str) -> HttpResponse:
    """A lesson's page for someone signed in, found by its whole address in one query.

    Whatever is not a lesson the reader is enrolled for goes the way of every page, with Wagtail's privacy rules and hooks.
    """
    if request.user.is_authenticated and request.method in ("GET", "HEAD"):
        site_for(request)  # with its names, before the addresses below ask for it alone
        roots = [root for root in root_paths(request) if root.language_code == get_language()]
        url_paths = [root.root_path + path for root in roots]
        lessons = LessonPage.objects.live()
        # ``url_path`` has no index, ``slug`` has one.
        slug = path.rstrip("/").rpartition("/")[2]
        keys = Page.objects.filter(slug=slug, url_path__in=url_paths).values("translation_key")
        versions = list(lessons.filter(translation_key__in=keys).select_related("locale"))
        here = [version for version in versions if version.url_path in url_paths]
        if len(here) == 1:
            response = _enrolled_response(request, here[0], _by_language(versions), now=timezone.now())
            if response is not None:
                return response
    return page_by_path(request, path)


def lesson_response(request: HttpRequest, page: LessonPage) -> HttpResponse:
    """A lesson as Wagtail serves it: the text for those who may read, else what it is and how to come in."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    now = timezone.now()
    others = LessonPage.objects.live().filter(translation_key=page.translation_key).exclude(pk=page.pk)
    versions = _by_language([page, *others.select_related("locale")])
    response = _enrolled_response(request, page, versions, now=now)
    return response or _guest_response(request, page, versions.get(settings.LANGUAGE_CODE, page), now=now)


def _by_language(versions: list[LessonPage]) -> dict[str, LessonPage]:
    """A page and its published translations by language; the progress belongs to the source language's."""
    return {version.locale.language_code: version for version in versions}


def _enrolled_response(
    request: HttpRequest, page: LessonPage, versions: dict[str, LessonPage], *, now: datetime
) -> HttpResponse | None:
    """None when no enrolment lets the user read."""
    if not request.user.is_authenticated:
        return None
    source = versions.get(settings.LANGUAGE_CODE, page)
    mine = enrolments_in(request.user, course_path=course_path_of(source), lesson_id=source.pk)
    enrolment = reading_enrolment(mine, now=now)
    if enrolment is None:
        return None
    my_course_url = _my_course_url(enrolment)
    # The language switch leads to the translation, or where there is none to the course in that language.
    request.page_translations = {
        code: versions[code].get_url(request)
        if code in versions
        else _my_course_url(enrolment, language=code)
        for code, _label in settings.LANGUAGES
    }
    counts = is_open_for_study(enrolment, now=now)
    # A browser that loads a link ahead has not opened the lesson.
    if counts and request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", ""):
        known = reopen_lesson(enrolment=enrolment, lesson=source, now=now)
        if not known:
            open_lesson(enrolment=enrolment, lesson=source, now=now)
    outline = outline_for(enrolment, current_lesson_id=source.pk, with_criterion_states=False)
    context = _reading_context(page, source, outline) | {
        "enrolment": enrolment,
        "counts": counts,
        "course": {"title": outline.course_title, "url": my_course_url},
        "progress": {"percent": outline.percent, "done": outline.done, "total": outline.total},
        "panels": lesson_panels(request, enrolment, source),
    }
    if counts and not context["lesson"].done:
        last = context["next"] is None
        context["next_form"] = {
            "action": reverse("courses:complete_lesson", kwargs={"pk": enrolment.pk, "lesson_id": source.pk}),
            "label": gettext("Mark as read") if last else gettext("Mark as read & continue"),
        }
    elif context["next"] is None:
        context["next"] = {"title": outline.course_title, "url": my_course_url}
    return _private(render(request, "courses/lesson_page.html", context))


def _my_course_url(enrolment: Enrolment, *, language: str | None = None) -> str:
    with override(language or get_language()):
        return reverse("courses:my_course", kwargs={"pk": enrolment.pk})


def _guest_response(
    request: HttpRequest, page: LessonPage, source: LessonPage, *, now: datetime
) -> HttpResponse:
    course = course_at(course_path_of(source))
    if course is None:
        raise Http404
    link = page_links([course])[course.pk]
    outline = outline_of_course(course, current_lesson_id=source.pk)
    context = _reading_context(page, source, outline)
    if may_read_all_lessons(request.user, course):
        context |= {"course": {"title": link.title, "url": link.url}, "reads_as_staff": True}
        return _private(render(request, "courses/lesson_page.html", context))
    today = timezone.localdate(now)
    mine = enrolments_in(request.user, course_path=course.path)
    response = render(
        request,
        "courses/lesson_closed.html",
        {
            "page": page,
            "breadcrumbs": [
                {"title": link.title, "url": link.url},
                {"title": page.title},
            ],
            "summary": page.summary or source.summary,
            "minutes": source.minutes,
            "module": context["module"],
            "number": context["number"],
            "lesson_count": context["lesson_count"],
            "link": link,
            "course_page": course,
            "waiting": next((row for row in mine if row.state in (State.NOMINATED, State.APPROVED)), None),
            "starting": next(
                (row for row in mine if row.state == State.ENROLLED and row.run.opens_on > today), None
            ),
            "runs": Run.objects.open_for_enrolment(on=today)
            .filter(course=course)
            .order_by("closes_on", "pk"),
            "nomination_runs": Run.objects.open_for_nomination(on=today)
            .filter(course=course)
            .order_by("closes_on", "pk"),
        },
    )
    return _private(response) if request.user.is_authenticated else response


def _reading_context(page: LessonPage, source: LessonPage, outline: Outline) -> dict[str, Any]:
    """What the page shows whoever reads it. A translation without a body shows the source's, marked as such."""
    body, body_language = page.body, page.locale.language_code
    if not body and source != page:
        body, body_language = source.body, settings.LANGUAGE_CODE
    previous, following = _reading_order(outline, source.pk)
    module, lesson = next(
        (
            (part, lesson)
            for part in outline.modules
            for lesson in part.lessons
            if lesson.page_id == source.pk
        ),
        (None, None),
    )
    lessons = outline.lessons
    return {
        "page": page,
        "body": body,
        "body_language": body_language,
        "sections": [section for section in sections(body) if section.level == 2],
        "is_fallback": body_language != page.locale.language_code,
        "source": source,
        "may_read": True,
        "lesson": lesson,
        "module": module,
        "number": lessons.index(lesson) + 1 if lesson else None,
        "lesson_count": len(lessons),
        "outline": _outline_items(outline),
        "previous": previous,
        "next": following,
    }


def _reading_order(outline: Outline, lesson_id: int) -> tuple[dict[str, str] | None, dict[str, str] | None]:
    """What stands before and after a lesson, as title and url; a step without an address is passed over."""
    steps = [step for module in outline.modules for step in [*module.lessons, *module.criteria]]
    at = next(
        (n for n, s in enumerate(steps) if isinstance(s, LessonOutline) and s.page_id == lesson_id), None
    )
    if at is None:
        return None, None
    return _first_link(reversed(steps[:at])), _first_link(steps[at + 1 :])


def _first_link(steps: Iterable[LessonOutline | CriterionOutline]) -> dict[str, str] | None:
    return next(({"title": step.title, "url": step.url} for step in steps if step.url), None)


def _outline_items(outline: Outline) -> list[dict[str, Any]]:
    """The outline as ``components/outline.html`` wants it."""
    groups = []
    for module in outline.modules:
        items = [
            {
                "title": lesson.title,
                "url": lesson.url,
                "minutes": lesson.minutes,
                "state": "done" if lesson.done else "current" if lesson.current else "open",
                "current": lesson.current,
            }
            for lesson in module.lessons
        ]
        items += [
            {
                "title": step.title,
                "url": step.url,
                "state": "done" if step.done else "open" if step.url else "locked",
            }
            for step in module.criteria
        ]
        if items:
            groups.append({"title": module.title or gettext("For the whole course"), "items": items})
    return groups


def _private(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, private=True, no_cache=True)
    return response


# --- Writing --------------------------------------------------------------------------------------------------


def _own_lesson(request: HttpRequest, pk: int, lesson_id: int) -> tuple[Enrolment, LessonPage]:
    """The reader's enrolment and a published lesson of its course, or 404."""
    enrolment = get_object_or_404(Enrolment.objects.of(request.user).select_related("run__course"), pk=pk)
    enrolment.learner = request.user
    lessons = (
        LessonPage.objects.live().filter(path__startswith=enrolment.run.course.path).defer_streamfields()
    )
    return enrolment, get_object_or_404(lessons.select_related("locale"), pk=lesson_id)


@login_required
@require_POST
def complete(request: HttpRequest, pk: int, lesson_id: int) -> HttpResponse:
    """The lesson is read; go on to what follows it, or to the course when it was the last."""
    enrolment, lesson = _own_lesson(request, pk, lesson_id)
    was_completed = enrolment.state == State.COMPLETED
    try:
        complete_lesson(enrolment=enrolment, lesson=lesson, actor=request.user, now=timezone.now())
    except NotAllowed as error:
        raise PermissionDenied from error
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("courses:my_course", pk=pk)
    if enrolment.state == State.COMPLETED and not was_completed:
        messages.success(request, gettext("You have completed the course."))
        return redirect("courses:my_course", pk=pk)
    outline = outline_for(enrolment, current_lesson_id=lesson.pk, with_criterion_states=False)
    following = _reading_order(outline, lesson.pk)[1]
    return redirect(following["url"]) if following else redirect("courses:my_course", pk=pk)


@login_required
@require_POST
def position(request: HttpRequest, pk: int, lesson_id: int) -> HttpResponse:
    """Keep how far the text was read. 204 means committed; 409 that the class no longer counts it."""
    enrolment = get_object_or_404(Enrolment.objects.of(request.user).select_related("run"), pk=pk)
    try:
        percent = int(request.POST.get("position", ""))
    except ValueError:
        return JsonResponse({"error": "position"}, status=400)
    try:
        save_position(
            enrolment=enrolment, lesson=LessonPage(pk=lesson_id), position=percent, now=timezone.now()
        )
    except LessonProgress.DoesNotExist:
        return JsonResponse({"error": "lesson"}, status=404)
    except DomainError as error:
        return JsonResponse({"error": str(error)}, status=409)
    return HttpResponse(status=204)

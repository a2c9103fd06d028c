"""What the pages of those who supervise a quiz share: the class and quiz they may, and the frame."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from assessments.models import Quiz
from assessments.permissions import can_conduct
from assessments.results import quizzes_of
from courses.models import Run
from courses.run_tabs import run_page_context


def supervised_quiz(request: HttpRequest, code: str, quiz_id: int) -> tuple[Run, Quiz]:
    """404 for a class the person does not see and a quiz of another course, 403 for who only reads the class."""
    run = get_object_or_404(Run.objects.visible_to(request.user).with_course(), code=code)
    if not can_conduct(request.user, run):
        raise PermissionDenied
    return run, get_object_or_404(quizzes_of(run).select_related("module"), pk=quiz_id)


def supervised_page(request: HttpRequest, run: Run, quiz: Quiz, *, title: str) -> dict[str, Any]:
    results = f"{reverse('assessments:results', kwargs={'code': run.code})}?quiz={quiz.pk}"
    context = run_page_context(request, run, active="quizzes")
    parents = [
        *context["breadcrumbs"][:1],
        {"title": run.display_title, "url": results},
        {"title": title},
    ]
    return context | {"quiz": quiz, "breadcrumbs": parents, "title": title}

"""What the pages about a run's quizzes begin with: the run in sight, and the quiz asked for."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from assessments.models import Quiz
from assessments.results import quizzes_of
from courses.models import Enrolment, Run


def run_read_by(request: HttpRequest, code: str, *, may: Callable[..., bool]) -> Run:
    """The run, where ``may(user, run)``; else 403 for who sees somebody in it, 404 for anybody else."""
    run = get_object_or_404(Run.objects.with_course(), code=code)
    if not may(request.user, run):
        if Enrolment.objects.visible_to(request.user).filter(run=run).exists():
            raise PermissionDenied
        raise Http404
    return run


def quizzes_asked_for(request: HttpRequest, run: Run) -> tuple[list[Quiz], Quiz | None]:
    """The quizzes of the run's course, and the one of the address: the first when it names none of them."""
    quizzes = list(quizzes_of(run))
    chosen = next((quiz for quiz in quizzes if str(quiz.pk) == request.GET.get("quiz")), None)
    return quizzes, chosen or (quizzes[0] if quizzes else None)

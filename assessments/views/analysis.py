"""How the questions of a quiz did: in a run for who teaches it, over all runs for the school."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assessments.analysis import LARGEST, AnalysedQuestion, QuizAnalysis, analysis_of
from assessments.analysis_words import REMARKS
from assessments.forms import AnalysisFilter
from assessments.item_figures import THRESHOLDS
from assessments.models import Quiz
from assessments.permissions import can_read_analysis, can_read_keys, why_not_regrade
from courses.models import Run
from courses.run_tabs import run_page_context
from lms.core.charts import column_chart

from .runs import quizzes_asked_for, run_read_by

PAGE_SIZE = 50
SORTS = {
    "code": lambda question: (question.code, question.version.number),
    "learners": lambda question: question.figures.learners,
    "facility": lambda question: question.figures.facility,
    # What cannot be computed stands below every figure.
    "discrimination": lambda question: _none_last(question.figures.discrimination),
    "time": lambda question: _none_last(question.figures.seconds_between_answers),
}


def _none_last(value: float | None) -> tuple[bool, float]:
    return value is not None, value or 0.0


def _page_context(
    request: HttpRequest, analysis: QuizAnalysis, *, quiz: Quiz, form: AnalysisFilter
) -> dict[str, Any]:
    sort = request.GET.get("sort", "code")
    order = SORTS.get(sort.removeprefix("-"), SORTS["code"])
    rows = sorted(form.narrow(analysis.questions), key=order, reverse=sort.startswith("-"))
    figures = analysis.figures
    bands = [(f"{10 * tenth}–{10 * tenth + 10}", count) for tenth, count in enumerate(figures.bands)]
    return {
        "quiz": quiz,
        "analysis": analysis,
        "figures": figures,
        "remarks": [
            str(REMARKS[remark]) % {"count": THRESHOLDS.fewest_for_reliability}
            for remark in figures.reliability.remarks
        ],
        "bands": bands,
        "chart": column_chart(bands),
        "thresholds": THRESHOLDS,
        "largest": LARGEST,
        "form": form,
        "sort": sort,
        "page_obj": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
    }


def _run_context(request: HttpRequest, run: Run, quiz: Quiz | None, *last: dict[str, str]) -> dict[str, Any]:
    context = run_page_context(request, run, active="quizzes")
    results = reverse("assessments:results", kwargs={"code": run.code})
    query = f"?quiz={quiz.pk}" if quiz else ""
    trail = [*context["breadcrumbs"][:1], {"title": run.display_title, "url": f"{results}{query}"}, *last]
    return context | {"quiz": quiz, "breadcrumbs": trail}


@login_required
@require_safe
def of_run(request: HttpRequest, code: str) -> HttpResponse:
    """The questions of one quiz as the learners of a run answered them."""
    run = run_read_by(request, code, may=can_read_analysis)
    quizzes, quiz = quizzes_asked_for(request, run)
    context = _run_context(request, run, quiz, {"title": _("Item analysis")})
    if quiz is None:
        return render(request, "assessments/analysis.html", context)
    form = AnalysisFilter({**request.GET.dict(), "quiz": quiz.pk}, quizzes=quizzes)
    context |= _page_context(request, analysis_of(quiz, run=run), quiz=quiz, form=form)
    context |= {
        "may_read_keys": can_read_keys(request.user, run),
        "of_all_runs": can_read_analysis(request.user, None),
        "reset_url": f"{request.path}?quiz={quiz.pk}",
    }
    return render(request, "assessments/analysis.html", context)


@login_required
@require_safe
def of_quiz(request: HttpRequest, quiz_id: int) -> HttpResponse:
    """The same over all runs."""
    if not can_read_analysis(request.user, None):
        raise PermissionDenied
    quiz = get_object_or_404(Quiz.objects.select_related("module"), pk=quiz_id)
    form = AnalysisFilter(request.GET)
    context = _page_context(request, analysis_of(quiz), quiz=quiz, form=form)
    context |= {
        "may_read_keys": can_read_keys(request.user, None),
        "reset_url": request.path,
        "breadcrumbs": [
            {"title": _("Quiz results"), "url": reverse("assessments:results_index")},
            {"title": quiz.display_title},
        ],
    }
    return render(request, "assessments/quiz_analysis.html", context)


def _refusal(request: HttpRequest, quiz: Quiz) -> str:
    refusal = why_not_regrade(request.user, quiz)
    return str(refusal.message) if refusal else ""


def _question_of(analysis: QuizAnalysis, version_id: int) -> AnalysedQuestion:
    for question in analysis.questions:
        if question.version.pk == version_id:
            return question
    raise Http404


@login_required
@require_safe
def question_of_run(request: HttpRequest, code: str, quiz_id: int, version_id: int) -> HttpResponse:
    """One question with its key, and who chose what."""
    run = run_read_by(request, code, may=can_read_keys)
    quiz = get_object_or_404(Quiz, pk=quiz_id, module__path__startswith=run.course.path)
    question = _question_of(analysis_of(quiz, run=run), version_id)
    url = reverse("assessments:analysis", kwargs={"code": code})
    context = _run_context(
        request,
        run,
        quiz,
        {"title": _("Item analysis"), "url": f"{url}?quiz={quiz.pk}"},
        {"title": question.code},
    )
    context |= {
        "question": question,
        "back_url": f"{url}?quiz={quiz.pk}",
        "regrade_refusal": _refusal(request, quiz),
    }
    return render(request, "assessments/analysis_question.html", context)


@login_required
@require_safe
def question_of_quiz(request: HttpRequest, quiz_id: int, version_id: int) -> HttpResponse:
    """The same over all runs."""
    if not can_read_keys(request.user, None):
        raise PermissionDenied
    quiz = get_object_or_404(Quiz.objects.select_related("module"), pk=quiz_id)
    question = _question_of(analysis_of(quiz), version_id)
    url = reverse("assessments:quiz_analysis", kwargs={"quiz_id": quiz.pk})
    context = {
        "quiz": quiz,
        "question": question,
        "back_url": url,
        "regrade_refusal": _refusal(request, quiz),
        "breadcrumbs": [
            {"title": _("Quiz results"), "url": reverse("assessments:results_index")},
            {"title": quiz.display_title, "url": url},
            {"title": question.code},
        ],
    }
    return render(request, "assessments/quiz_analysis_question.html", context)

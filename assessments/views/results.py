"""Results of quizzes for those who teach, run or answer for the learners."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assessments.exports import results_workbook
from assessments.forms import ResultFilter
from assessments.marking_queue import Waiting
from assessments.models import Quiz
from assessments.permissions import (
    ALL_RESULTS_ROLES,
    RESULT_ROLES,
    can_conduct,
    can_mark,
    can_read_analysis,
    can_read_keys,
    can_read_results,
)
from assessments.results import figures_of, with_quiz_results
from courses.models import Enrolment, Run, RunTrainer
from courses.run_tabs import run_page_context
from lms.core.spreadsheets import XLSX_TYPE
from lms.organisations.access import access_for

from .runs import quizzes_asked_for, run_read_by

PAGE_SIZE = 30
# Shown: whoever holds or held a place.
SHOWN_STATES = [
    Enrolment.State.ENROLLED,
    Enrolment.State.IN_PROGRESS,
    Enrolment.State.COMPLETED,
    Enrolment.State.FAILED,
    Enrolment.State.EXPIRED,
]
SORTS = {
    "name": ("learner__name_key",),
    "-name": ("-learner__name_key",),
    "score": (F("counted_score").asc(nulls_first=True), "learner__name_key"),
    "-score": (F("counted_score").desc(nulls_last=True), "learner__name_key"),
    "attempts": ("attempts_used", "learner__name_key"),
    "-attempts": ("-attempts_used", "learner__name_key"),
    "last": (F("last_at").asc(nulls_first=True), "learner__name_key"),
    "-last": (F("last_at").desc(nulls_last=True), "learner__name_key"),
}


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The classes whose quiz results this person reads."""
    access = access_for(request.user)
    if not access.has(*RESULT_ROLES):
        raise PermissionDenied
    runs = Run.objects.exclude(state=Run.State.DRAFT)
    if not access.has(*ALL_RESULTS_ROLES):
        enrolled = Enrolment.objects.filter(access.units_q("unit"), run=OuterRef("pk"))
        taught = RunTrainer.objects.filter(run=OuterRef("pk"), person_id=request.user.pk)
        runs = runs.filter(Exists(taught) | Exists(enrolled))
    visible = Q(enrolments__in=Enrolment.objects.visible_to(request.user), enrolments__state__in=SHOWN_STATES)
    runs = (
        runs.annotate(learners=Count("enrolments", filter=visible, distinct=True))
        .with_course()
        .order_by("-opens_on", "code")
    )
    page = Paginator(runs, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "assessments/results_index.html", {"page_obj": page})


def _asked_for(
    request: HttpRequest, run: Run, quizzes: list[Quiz], quiz: Quiz
) -> tuple[ResultFilter, QuerySet]:
    """The filter form, and the learners it lets through with their results in the order asked for."""
    form = ResultFilter({**request.GET.dict(), "quiz": quiz.pk}, quizzes=quizzes)
    rows = form.narrow(with_quiz_results(_learners(request, run).select_related("learner", "unit"), quiz))
    return form, rows.order_by(*SORTS.get(request.GET.get("sort", ""), SORTS["name"]), "pk")


def _learners(request: HttpRequest, run: Run) -> QuerySet[Enrolment]:
    return Enrolment.objects.visible_to(request.user).filter(run=run, state__in=SHOWN_STATES)


@login_required
@require_safe
def run(request: HttpRequest, code: str) -> HttpResponse:
    """One quiz of a run: its learners within the reader's sight, with the score that counts, attempts, pass."""
    run = run_read_by(request, code, may=can_read_results)
    quizzes, quiz = quizzes_asked_for(request, run)
    context = {
        "run": run,
        "quiz": quiz,
        "may_print": can_read_keys(request.user, run),
        "may_analyse": can_read_analysis(request.user, run),
        "breadcrumbs": [
            {"title": _("Quiz results"), "url": reverse("assessments:results_index")},
            {"title": run.display_title},
        ],
    }
    # A coordinator reads the own subtree's results without seeing the class itself.
    if Run.objects.visible_to(request.user).filter(pk=run.pk).exists():
        context |= run_page_context(request, run, active="quizzes")
    if quiz is None:
        return render(request, "assessments/results.html", context)
    form, rows = _asked_for(request, run, quizzes, quiz)
    context |= {
        "form": form,
        "sort": request.GET.get("sort", "name"),
        "may_conduct": can_conduct(request.user, run),
        "figures": figures_of(_learners(request, run), quiz),
        "page_obj": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "reset_url": f"{request.path}?quiz={quiz.pk}",
        "may_mark": can_mark(request.user, run),
        "waiting_for_marks": Waiting.by_quiz(run).get(quiz.pk, 0),
    }
    return render(request, "assessments/results.html", context)


@login_required
@require_safe
def export(request: HttpRequest, code: str) -> HttpResponse:
    """The list as filtered, all of it, as xlsx; with marks per question for who reads the item analysis."""
    run = run_read_by(request, code, may=can_read_results)
    quizzes, quiz = quizzes_asked_for(request, run)
    if quiz is None:
        raise Http404
    _form, rows = _asked_for(request, run, quizzes, quiz)
    workbook = results_workbook(
        rows, run=run, quiz=quiz, with_questions=can_read_analysis(request.user, run), now=timezone.now()
    )
    name = f"{run.code}-ket-qua-{quiz.pk}.xlsx"
    return HttpResponse(
        workbook,
        content_type=XLSX_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )

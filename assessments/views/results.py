"""Results of quizzes for those who teach, run or answer for the learners."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Exists, F, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assessments.forms import ResultFilter
from assessments.permissions import ALL_RESULTS_ROLES, RESULT_ROLES, can_conduct, can_read_results
from assessments.results import figures_of, quizzes_of, with_quiz_results
from courses.models import Enrolment, Run, RunTrainer
from courses.run_tabs import run_page_context
from lms.organisations.access import access_for

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


@login_required
@require_safe
def run(request: HttpRequest, code: str) -> HttpResponse:
    """One quiz of a run: its learners within the reader's sight, with the score that counts, attempts, pass."""
    run = get_object_or_404(Run.objects.with_course(), code=code)
    enrolments = Enrolment.objects.visible_to(request.user).filter(run=run)
    if not can_read_results(request.user, run):
        if enrolments.exists():
            raise PermissionDenied
        raise Http404
    quizzes = list(quizzes_of(run))
    chosen = next((quiz for quiz in quizzes if str(quiz.pk) == request.GET.get("quiz")), None)
    quiz = chosen or (quizzes[0] if quizzes else None)
    context = {
        "run": run,
        "quiz": quiz,
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
    enrolments = enrolments.filter(state__in=SHOWN_STATES)
    form = ResultFilter({**request.GET.dict(), "quiz": quiz.pk}, quizzes=quizzes)
    sort = request.GET.get("sort", "name")
    rows = form.narrow(with_quiz_results(enrolments.select_related("learner", "unit"), quiz))
    rows = rows.order_by(*SORTS.get(sort, SORTS["name"]), "pk")
    context |= {
        "form": form,
        "sort": sort,
        "may_conduct": can_conduct(request.user, run),
        "figures": figures_of(enrolments, quiz),
        "page_obj": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "reset_url": f"{request.path}?quiz={quiz.pk}",
    }
    return render(request, "assessments/results.html", context)

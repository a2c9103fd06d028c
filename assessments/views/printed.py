"""A quiz on paper: variants drawn for a class, their sheets to print, the key apart."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.forms import DrawPapersForm
from assessments.models import Attempt, PrintedPaper
from assessments.paper_forms import PaperForm
from assessments.permissions import can_read_keys
from assessments.printed_papers import keys_of, questions_of
from assessments.services.paper_results import PaperInvalid, enter_paper
from assessments.services.printed_papers import draw_papers
from assessments.templatetags.marks import points
from courses.models import Enrolment, Run
from courses.run_tabs import run_page_context
from lms.core.errors import DomainError, NotAllowed

from .runs import quizzes_asked_for, run_read_by

PAGE_SIZE = 50


@login_required
@require_safe
def papers(request: HttpRequest, code: str) -> HttpResponse:
    """The variants drawn so far, and a form for more. Reading it draws nothing."""
    run = run_read_by(request, code, may=can_read_keys)
    quizzes, quiz = quizzes_asked_for(request, run)
    context = run_page_context(request, run, active="quizzes")
    results = reverse("assessments:results", kwargs={"code": run.code})
    context["breadcrumbs"] = [
        *context["breadcrumbs"][:1],
        {"title": run.display_title, "url": f"{results}?quiz={quiz.pk}" if quiz else results},
        {"title": _("Papers to print")},
    ]
    drawn = PrintedPaper.objects.filter(quiz=quiz, run=run).select_related("drawn_by")
    context |= {
        "quiz": quiz,
        "quizzes": quizzes,
        "form": DrawPapersForm(),
        "draw_url": f"{reverse('assessments:draw_papers', kwargs={'code': run.code})}?quiz={quiz.pk if quiz else ''}",
        "page_obj": Paginator(drawn, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "assessments/printed_papers.html", context)


@login_required
@require_POST
def draw(request: HttpRequest, code: str) -> HttpResponse:
    """Draw more variants of the quiz in the address."""
    run = run_read_by(request, code, may=can_read_keys)
    _quizzes, quiz = quizzes_asked_for(request, run)
    if quiz is None:
        raise Http404
    form = DrawPapersForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(form.errors.get("count", [])))
    else:
        try:
            count = len(
                draw_papers(
                    quiz=quiz,
                    run=run,
                    count=form.cleaned_data["count"],
                    actor=request.user,
                    now=timezone.now(),
                )
            )
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except DomainError as refusal:
            messages.error(request, str(refusal.message))
        else:
            messages.success(
                request,
                ngettext("%(count)d variant was drawn.", "%(count)d variants were drawn.", count)
                % {"count": count},
            )
    url = reverse("assessments:printed_papers", kwargs={"code": run.code})
    return redirect(f"{url}?quiz={quiz.pk}")


def _paper_of(request: HttpRequest, code: str, paper_id: int) -> tuple[Run, PrintedPaper]:
    run = run_read_by(request, code, may=can_read_keys)
    paper = get_object_or_404(PrintedPaper.objects.select_related("quiz"), pk=paper_id, run=run)
    return run, paper


@login_required
@never_cache
@require_safe
def sheets(request: HttpRequest, code: str, paper_id: int) -> HttpResponse:
    """The questions and the answer sheet; no key stands in the page."""
    run, paper = _paper_of(request, code, paper_id)
    questions = questions_of(paper)
    context = {"run": run, "paper": paper, "quiz": paper.quiz, "questions": questions}
    return render(request, "assessments/printed_sheets.html", context)


@login_required
@never_cache
@require_safe
def key(request: HttpRequest, code: str, paper_id: int) -> HttpResponse:
    """The key of a variant, for who marks by hand."""
    run, paper = _paper_of(request, code, paper_id)
    context = {"run": run, "paper": paper, "quiz": paper.quiz, "keys": keys_of(paper)}
    return render(request, "assessments/printed_key.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, code: str, paper_id: int) -> HttpResponse:
    """Type in an answer sheet of the variant; saving leads to the next one."""
    run, paper = _paper_of(request, code, paper_id)
    enrolments = (
        Enrolment.objects.filter(run=run, state__in=Enrolment.STUDYING_STATES)
        .exclude(learner_id=request.user.pk)
        .select_related("learner", "unit")
        .order_by("learner__name_key")
    )
    questions = questions_of(paper)
    form = PaperForm(
        request.POST or None,
        questions=questions,
        enrolments=enrolments,
        initial={"sat_on": request.GET.get("ngay") or timezone.localdate()},
    )
    if request.method == "POST" and form.is_valid():
        sat_on = form.cleaned_data["sat_on"]
        try:
            attempt = enter_paper(
                paper=paper,
                enrolment=form.cleaned_data["enrolment"],
                answers=form.answers,
                sat_on=sat_on,
                actor=request.user,
                now=timezone.now(),
            )
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except PaperInvalid as fault:
            form.complain(fault)
        except DomainError as refusal:
            form.add_error("enrolment", str(refusal.message))
        else:
            messages.success(request, _entered(attempt))
            url = reverse("assessments:enter_paper", kwargs={"code": code, "paper_id": paper_id})
            return redirect(f"{url}?ngay={sat_on.isoformat()}")
    entered = (
        Attempt.objects.filter(printed_paper=paper)
        .select_related("enrolment__learner", "entered_by")
        .order_by("-pk")
    )
    context = run_page_context(request, run, active="quizzes")
    papers_url = f"{reverse('assessments:printed_papers', kwargs={'code': run.code})}?quiz={paper.quiz_id}"
    context["breadcrumbs"] = [
        *context["breadcrumbs"][:1],
        {"title": _("Papers to print"), "url": papers_url},
        {"title": _("Enter results")},
    ]
    context |= {
        "paper": paper,
        "quiz": paper.quiz,
        "form": form,
        "page_obj": Paginator(entered, PAGE_SIZE).get_page(request.GET.get("page")),
        "papers_url": papers_url,
    }
    return render(request, "assessments/enter_paper.html", context, status=422 if form.errors else 200)


def _entered(attempt: Attempt) -> str:
    name = attempt.enrolment.learner.get_full_name()
    if attempt.score is None:
        return _("%(name)s: entered; the second marker's mark is awaited.") % {"name": name}
    score = f"{points(attempt.score)}/{points(attempt.max_score)}"
    return _("%(name)s: %(score)s points.") % {"name": name, "score": score}

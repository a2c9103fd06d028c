"""Marking what is written: the queue of a class, one answer, the release."""

from urllib.parse import urlencode

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
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.marking_forms import MarkForm, QueueFilter
from assessments.marking_queue import ShownAnswer, Waiting, queue_of, shown_answer, still_waiting
from assessments.models import AttemptQuestion, Quiz
from assessments.permissions import can_decide_marks, can_mark
from assessments.results import quizzes_of
from assessments.services import marking as services
from courses.models import Run
from courses.run_tabs import run_page_context
from lms.core.errors import DomainError, NotAllowed

PAGE_SIZE = 30


def _run_of(request: HttpRequest, code: str) -> Run:
    run = get_object_or_404(Run.objects.visible_to(request.user).with_course(), code=code)
    if not can_mark(request.user, run):
        raise PermissionDenied
    return run


def _breadcrumbs(run: Run, quiz: Quiz | None, *last: str) -> list[dict]:
    """Down to the queue, and further when there is more."""
    results = reverse("assessments:results", kwargs={"code": run.code})
    if quiz:
        results += f"?quiz={quiz.pk}"
    queue = {"title": _("Marking"), "url": _queue_url(run, quiz)}
    above = [{"title": run.display_title, "url": results}]
    return (
        [*above, queue, *({"title": title} for title in last)]
        if last
        else [*above, {"title": queue["title"]}]
    )


def _queue_url(run: Run, quiz: Quiz | None, **filters) -> str:
    url = reverse("assessments:marking", kwargs={"code": run.code})
    return f"{url}?{urlencode({'quiz': quiz.pk, **filters})}" if quiz else url


@login_required
@require_safe
def queue(request: HttpRequest, code: str) -> HttpResponse:
    """The answers of one quiz of a class that wait for a marker, or are marked and wait for the release."""
    run = _run_of(request, code)
    quizzes = list(quizzes_of(run))
    quiz = next((quiz for quiz in quizzes if str(quiz.pk) == request.GET.get("quiz")), None)
    if quiz is None:
        waiting = Waiting.by_quiz(run)
        quiz = next((quiz for quiz in quizzes if waiting.get(quiz.pk)), quizzes[0] if quizzes else None)
    context = {"run": run, "quiz": quiz} | run_page_context(request, run, active="quizzes")
    context["breadcrumbs"] = _breadcrumbs(run, quiz)
    if quiz is None:
        return render(request, "assessments/marking/queue.html", context)
    form = QueueFilter({**request.GET.dict(), "quiz": quiz.pk}, quizzes=quizzes, run=run, quiz=quiz)
    answers = form.narrow(queue_of(quiz=quiz, run=run, marker=request.user))
    page = Paginator(answers, PAGE_SIZE).get_page(request.GET.get("page"))
    context |= {
        "form": form,
        "figures": Waiting.of(quiz=quiz, run=run, marker=request.user),
        "page_obj": page,
        "answers": [shown_answer(row, quiz=quiz, marker=request.user) for row in page],
        "query": request.GET.urlencode(),
        "reset_url": _queue_url(run, quiz),
        "release_fields": [{"name": "quiz", "value": quiz.pk}],
    }
    return render(request, "assessments/marking/queue.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One answer to be marked; saving leads to the next of the same filter."""
    run = _run_of(request, code)
    row = get_object_or_404(
        AttemptQuestion.objects.select_related(
            "version__question", "attempt__quiz", "attempt__enrolment__learner"
        ).prefetch_related("markings__marker"),
        pk=pk,
        attempt__enrolment__run=run,
    )
    quiz = row.attempt.quiz
    filters = QueueFilter({**request.GET.dict(), "quiz": quiz.pk}, quizzes=[quiz], run=run, quiz=quiz)
    rows = queue_of(quiz=quiz, run=run, marker=request.user)
    if not rows.filter(pk=pk).exists():
        # Released meanwhile, never handed in, or one's own: there is nothing to mark here.
        raise Http404
    shown = shown_answer(row, quiz=quiz, marker=request.user)
    form = MarkForm(request.POST or None, row=row, shown=shown, decides=_decides(request, row, shown))
    if request.method == "POST" and form.is_valid():
        try:
            form.save(actor=request.user, now=timezone.now())
        except NotAllowed as error:
            raise PermissionDenied from error
        except services.MarkInvalid as error:
            form.complain(error)
        except services.MarksReleased as error:
            messages.error(request, error.message)
            return redirect(_queue_url(run, quiz))
        else:
            messages.success(request, _("Mark kept."))
            return redirect(_after(request, run, quiz, filters, rows, row))
    context = {
        "run": run,
        "quiz": quiz,
        "row": row,
        "shown": shown,
        "form": form,
        "may_mark": form.decides or shown.own or shown.state in ("waiting", "half"),
        "queue_url": _queue_url(run, quiz, **filters.kept),
    } | run_page_context(request, run, active="quizzes")
    context["breadcrumbs"] = _breadcrumbs(run, quiz, shown.title)
    return render(request, "assessments/marking/answer.html", context, status=422 if form.errors else 200)


def _decides(request: HttpRequest, row: AttemptQuestion, shown: ShownAnswer) -> bool:
    """Whether a mark given here settles the answer: its markers differ, or the school changes what was settled."""
    if shown.state not in ("differs", "marked", "decided") or not can_decide_marks(request.user, row):
        return False
    # Until the release an only marker simply changes the own mark.
    return not (shown.own and row.attempt.quiz.markers == 1 and shown.state == "marked")


def _after(
    request: HttpRequest, run: Run, quiz: Quiz, filters: QueueFilter, rows, row: AttemptQuestion
) -> str:
    """The next answer of the same filter that waits for this marker, else the queue."""
    left = still_waiting(filters.narrow(rows), quiz).exclude(pk=row.pk)
    waiting = list(left.values_list("pk", flat=True))
    if not waiting:
        return _queue_url(run, quiz, **filters.kept)
    ordered = list(filters.narrow(rows).values_list("pk", flat=True))
    here = ordered.index(row.pk) if row.pk in ordered else -1
    later = [pk for pk in ordered[here + 1 :] if pk in set(waiting)]
    url = reverse("assessments:mark_answer", kwargs={"code": run.code, "pk": (later or waiting)[0]})
    return f"{url}?{urlencode(filters.kept)}"


@login_required
@require_POST
def release(request: HttpRequest, code: str) -> HttpResponse:
    """Grade the attempts of the class whose answers are all marked."""
    run = _run_of(request, code)
    quiz = get_object_or_404(quizzes_of(run), pk=request.POST.get("quiz", "0").strip() or "0")
    try:
        released = services.release_marks(quiz=quiz, run=run, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
        return redirect(_queue_url(run, quiz))
    if released.graded:
        done = ngettext(
            "The marks of %(n)d attempt are released.",
            "The marks of %(n)d attempts are released.",
            released.graded,
        )
        messages.success(request, done % {"n": released.graded})
    if released.waiting:
        left = ngettext(
            "%(n)d attempt still waits for a mark.", "%(n)d attempts still wait for a mark.", released.waiting
        )
        messages.warning(request, left % {"n": released.waiting})
    return redirect(_queue_url(run, quiz))

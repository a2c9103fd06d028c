"""Extra time and attempts at a quiz of a class: what stands, granting, withdrawing."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assessments.conduct_forms import GrantForm, LearnerSearch
from assessments.models import Accommodation, Quiz
from assessments.services.accommodations import grant_accommodation, withdraw_accommodation
from courses.models import Enrolment, Run
from courses.views.refusals import refusals_told
from lms.core.errors import DomainError

from .supervising import supervised_page, supervised_quiz

PAGE_SIZE = 30
SHOWN_LEARNERS = 12


def _granted(run: Run, quiz: Quiz):
    return Accommodation.objects.filter(run=run, quiz=quiz).select_related(
        "quiz", "run", "enrolment__learner", "enrolment__unit", "granted_by", "withdrawn_by"
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def accommodations(request: HttpRequest, code: str, quiz_id: int) -> HttpResponse:
    """What was granted, the newest first, and the form to grant more. ``q`` looks for the learner."""
    run, quiz = supervised_quiz(request, code, quiz_id)
    studying = Enrolment.objects.active().filter(run=run).select_related("learner", "unit")
    search = LearnerSearch(request.GET)
    found = search.narrow(studying).order_by("learner__name_key", "pk")
    shown = list(found[:SHOWN_LEARNERS])
    form = GrantForm(request.POST or None, enrolments=shown)
    if request.method == "POST" and form.is_valid():
        try:
            grant_accommodation(
                quiz=quiz,
                run=run,
                enrolment=form.enrolment,
                extra_minutes=form.cleaned_data["extra_minutes"],
                extra_attempts=form.cleaned_data["extra_attempts"],
                reason=form.cleaned_data["reason"],
                actor=request.user,
                now=timezone.now(),
            )
            messages.success(request, _("Granted. Whoever is writing now has the extra minutes already."))
            return redirect("assessments:accommodations", code=run.code, quiz_id=quiz.pk)
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
    context = supervised_page(request, run, quiz, title=_("Extra time and attempts")) | {
        "search": search,
        "form": form,
        "more": max(0, found.count() - len(shown)),
        "page_obj": Paginator(_granted(run, quiz), PAGE_SIZE).get_page(request.GET.get("page")),
    }
    status = 422 if form.is_bound else 200
    return render(request, "assessments/accommodations.html", context, status=status)


@login_required
@require_POST
def withdraw(request: HttpRequest, code: str, quiz_id: int, pk: int) -> HttpResponse:
    run, quiz = supervised_quiz(request, code, quiz_id)
    granted = get_object_or_404(_granted(run, quiz), pk=pk)
    with refusals_told(request):
        withdraw_accommodation(
            accommodation=granted,
            reason=request.POST.get("reason", ""),
            actor=request.user,
            now=timezone.now(),
        )
        messages.success(request, _("Withdrawn. Attempts that are open keep their time."))
    return redirect("assessments:accommodations", code=run.code, quiz_id=quiz.pk)

"""Marking a quiz anew after a key was wrong: what to put in its place, who would change, the reason, what became of it."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from assessments.models import Attempt, KeyCorrection, QuestionVersion, Quiz
from assessments.permissions import ALL_RESULTS_ROLES, OtherClassesToo, why_not_regrade
from assessments.regrade_forms import RegradeForm
from assessments.services import regrading as services
from courses.models import Enrolment
from lms.core.errors import DomainError, NotAllowed
from lms.core.job_cards import job_card
from lms.core.models import AuditEvent, Job
from lms.organisations.access import access_for

PAGE_SIZE = 50


def _quiz_to_correct(request: HttpRequest, quiz_id: int) -> Quiz:
    """404 for who has nothing to do with the quiz; 403 for who sees its results and may not correct its keys."""
    quiz = get_object_or_404(Quiz.objects.select_related("module"), pk=quiz_id)
    refusal = why_not_regrade(request.user, quiz)
    if refusal is None:
        return quiz
    sat = Enrolment.objects.visible_to(request.user).filter(attempts__in=Attempt.objects.filter(quiz=quiz))
    if (
        isinstance(refusal, OtherClassesToo)
        or access_for(request.user).has(*ALL_RESULTS_ROLES)
        or sat.exists()
    ):
        raise PermissionDenied
    raise Http404


def _breadcrumbs(quiz: Quiz, *last: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"title": _("Quiz results"), "url": reverse("assessments:results_index")},
        {"title": quiz.display_title},
        *last,
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def regrade(request: HttpRequest, quiz_id: int, version_id: int) -> HttpResponse:
    """The form; with its values in the address also who would change; by POST with a reason it is done."""
    quiz = _quiz_to_correct(request, quiz_id)
    version = get_object_or_404(
        QuestionVersion.objects.select_related("question__current_version"), pk=version_id
    )
    if not Attempt.objects.filter(quiz=quiz, questions__version=version).exists():
        raise Http404
    standing = KeyCorrection.objects.newest_of(quiz.pk).get(version.pk)
    asked = request.POST if request.method == "POST" else request.GET
    form = RegradeForm(asked if "policy" in asked else None, version=version, standing=standing)
    context = {
        "quiz": quiz,
        "version": version,
        "standing": standing,
        "form": form,
        "breadcrumbs": _breadcrumbs(quiz, {"title": _("Mark anew")}),
    }
    if not form.is_bound or not form.is_valid():
        return render(request, "assessments/regrade.html", context)
    correction = form.correction()
    if request.method == "POST":
        try:
            row, _job = services.correct_key(
                quiz=quiz,
                version=version,
                correction=correction,
                reason=request.POST.get("reason", ""),
                actor=request.user,
                now=timezone.now(),
            )
        except services.ReasonMissing as refusal:
            context["reason_missing"] = refusal.message
        except (services.KeyUnfit, NotAllowed) as refusal:
            _complain(form, refusal)
        else:
            return redirect("assessments:regraded", correction_id=row.pk)
    if not form.errors:
        try:
            preview = services.preview_regrade(
                quiz=quiz, version=version, correction=correction, actor=request.user
            )
        except services.KeyUnfit as refusal:
            _complain(form, refusal)
        else:
            context |= {
                "preview": preview,
                "changes": preview.changes[:PAGE_SIZE],
                "more": max(0, len(preview.changes) - PAGE_SIZE),
                "asked": [(name, value) for name in form.fields for value in asked.getlist(name)],
                "reason": request.POST.get("reason", ""),
            }
    return render(request, "assessments/regrade.html", context)


def _complain(form: RegradeForm, refusal: DomainError) -> None:
    place = getattr(refusal, "place", None)
    if place == "key" and "accepted" in form.fields:
        place = "accepted"
    form.add_error(place if place in form.fields else None, str(refusal.message))


@login_required
@require_safe
def regraded(request: HttpRequest, correction_id: int) -> HttpResponse:
    """How far it is and what became of it: the events of the audit trail, one per test whose marks changed."""
    correction = get_object_or_404(
        KeyCorrection.objects.select_related("quiz__module", "version__question", "corrected_by"),
        pk=correction_id,
    )
    quiz = _quiz_to_correct(request, correction.quiz_id)
    job = Job.objects.filter(
        kind=services.REGRADE_JOB, dedupe_key=services.regrade_job_key(correction)
    ).first()
    events = AuditEvent.objects.filter(
        action="attempt.regraded", object_type="assessments.attempt", data__correction=correction.pk
    ).order_by("pk")
    page = Paginator(events, PAGE_SIZE).get_page(request.GET.get("page"))
    attempts = Attempt.objects.select_related("enrolment__learner", "enrolment__run").in_bulk(
        [int(event.object_id) for event in page]
    )
    context = {
        "quiz": quiz,
        "correction": correction,
        "job": job_card(job) if job and job.state != Job.State.SUCCEEDED else None,
        "counts": job.result if job and job.state == Job.State.SUCCEEDED else None,
        "page_obj": page,
        "rows": [(attempts[int(event.object_id)], event.data) for event in page],
        "breadcrumbs": _breadcrumbs(quiz, {"title": _("Marked anew")}),
    }
    return render(request, "assessments/regraded.html", context)

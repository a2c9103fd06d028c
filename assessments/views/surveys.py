"""Answering a survey: the list of those that wait, the form, the thanks."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from assessments.models import SurveyRun
from assessments.models.surveys import shown
from assessments.services import surveys as services
from assessments.survey_figures import SCALES, is_valid, unanswered
from assessments.survey_panel import waiting_surveys
from courses.models import Run
from lms.core.errors import DomainError, NotAllowed


@login_required
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """The surveys that ask this person today and are not answered yet."""
    return render(
        request,
        "assessments/surveys.html",
        {
            "openings": waiting_surveys(request),
            "breadcrumbs": [
                {"title": _("My learning"), "url": reverse("courses:dashboard")},
                {"title": _("Surveys")},
            ],
        },
    )


def _opening_of(request: HttpRequest, survey_id: int, code: str) -> SurveyRun:
    """The survey as it asks this person; 404 for everybody else."""
    opening = services.opening_for(survey_id, get_object_or_404(Run, code=code))
    if opening is None or not services.may_answer(request.user, opening):
        raise Http404
    return opening


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, survey_id: int, code: str) -> HttpResponse:
    """The form. A sheet with too little answered is shown again with a warning before it is taken."""
    opening = _opening_of(request, survey_id, code)
    sent = request.method == "POST"
    context = {
        "opening": opening,
        "run": opening.run,
        "takes_answers": opening.takes_answers(now=timezone.now()),
        "answered": _has_answered(request, opening),
        "breadcrumbs": [
            {"title": _("Surveys"), "url": reverse("assessments:surveys")},
            {"title": opening.display_title},
        ],
    }
    raw = {key.removeprefix("q"): value for key, value in request.POST.items() if key.startswith("q")}
    if not sent or not context["takes_answers"] or context["answered"]:
        return render(
            request, "assessments/survey.html", context | {"questions": _questions(opening, raw, [])}
        )
    try:
        given = services.clean_answers(opening.items, raw)
        missing = unanswered(opening.items, given)
        if not is_valid(opening.items, given) and "anyway" not in request.POST:
            context |= {"missing": missing, "questions": _questions(opening, raw, missing)}
            return render(request, "assessments/survey.html", context, status=422)
        services.answer_survey(opening=opening, answers=raw, actor=request.user, now=timezone.now())
    except NotAllowed as error:
        raise PermissionDenied from error
    except services.BadAnswers as error:
        context |= {"fault": error.message, "questions": _questions(opening, raw, [])}
        return render(request, "assessments/survey.html", context, status=400)
    except DomainError as error:
        messages.info(request, error.message)
        return redirect("assessments:survey", survey_id=survey_id, code=code)
    return redirect("assessments:survey_thanks", survey_id=survey_id, code=code)


def _has_answered(request: HttpRequest, opening: SurveyRun) -> bool:
    return opening.pk is not None and opening.participations.filter(person=request.user).exists()


def _questions(opening: SurveyRun, raw: dict[str, str], missing: list[int]) -> list[dict]:
    """The lines of the form with what was chosen so far; ``heading`` only where a group begins."""
    questions, heading = [], ""
    for item in opening.items:
        begins = shown(item, "heading")
        value = raw.get(str(item["number"]), "")
        scale = SCALES.get(item["kind"])
        questions.append(
            {
                "number": item["number"],
                "heading": begins if begins and begins != heading else "",
                "text": shown(item, "text"),
                "steps": [{"value": n, "chosen": value == str(n)} for n in range(1, (scale or 0) + 1)],
                "scale": scale,
                "value": value,
                "is_missing": item["number"] in missing,
            }
        )
        heading = begins or heading
    return questions


@login_required
@never_cache
@require_safe
def thanks(request: HttpRequest, survey_id: int, code: str) -> HttpResponse:
    opening = _opening_of(request, survey_id, code)
    if not _has_answered(request, opening):
        return redirect("assessments:survey", survey_id=survey_id, code=code)
    enrolment = opening.run.enrolments.filter(learner=request.user).first()
    context = {
        "opening": opening,
        "run": opening.run,
        "enrolment": enrolment,
        "breadcrumbs": [
            {"title": _("Surveys"), "url": reverse("assessments:surveys")},
            {"title": opening.display_title},
        ],
    }
    return render(request, "assessments/survey_thanks.html", context)

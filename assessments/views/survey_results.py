"""Surveys of a class for those who hold and read them: opening, figures, reminding, closing."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.models import SurveyRun
from assessments.models.surveys import shown
from assessments.permissions import ALL_RESULTS_ROLES, can_hold_surveys, can_read_surveys
from assessments.services import surveys as services
from assessments.services.survey_reminders import remind_people, waiting_people
from assessments.survey_forms import OpenSurveyForm
from assessments.survey_results import (
    BANDS,
    figures_by_trainer,
    free_texts_of,
    index_over_time,
    last_day_of,
    results_of,
    workbook_of,
)
from courses.models import Run
from courses.run_tabs import run_page_context
from courses.views.refusals import refusals_told
from lms.core.errors import DomainError, NotAllowed
from lms.core.spreadsheets import XLSX_TYPE
from lms.core.templatetags.ui import number
from lms.organisations.access import access_for
from lms.users.models import User

TAB = "surveys"


def _readable_run(request: HttpRequest, code: str) -> Run:
    """404 for who does not see the class, 403 for who sees it without the right to its surveys."""
    run = get_object_or_404(Run.objects.visible_to(request.user).with_course(), code=code)
    if not can_read_surveys(request.user, run):
        raise PermissionDenied
    return run


def _opening(request: HttpRequest, code: str, survey_id: int) -> SurveyRun:
    run = _readable_run(request, code)
    opening = get_object_or_404(run.survey_openings.select_related("survey"), survey_id=survey_id)
    opening.run = run
    return opening


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def run_surveys(request: HttpRequest, code: str) -> HttpResponse:
    """The surveys of a class, and the form that opens another."""
    run = _readable_run(request, code)
    may_hold = can_hold_surveys(request.user, run)
    today = timezone.localdate()
    first_day = max(today, run.opens_on)
    initial = {"opens_on": first_day, "closes_on": max(run.closes_on, first_day + timedelta(days=7))}
    form = OpenSurveyForm(request.POST or None, run=run, initial=initial)
    if request.method == "POST":
        if not may_hold:
            raise PermissionDenied
        if form.is_valid():
            try:
                services.open_survey(run=run, **form.cleaned_data, actor=request.user, now=timezone.now())
            except NotAllowed as error:
                raise PermissionDenied from error
            except DomainError as error:
                form.add_error(None, str(error.message))
            else:
                messages.success(request, _("The survey is open to those who are asked."))
                return redirect("assessments:run_surveys", code=code)
    context = run_page_context(request, run, active=TAB) | {
        "rows": _rows(run),
        "form": form if may_hold else None,
        "has_surveys_to_open": form.fields["survey"].queryset.exists(),
    }
    status = 422 if form.errors else 200
    return render(request, "assessments/run_surveys.html", context, status=status)


def _rows(run: Run) -> list[dict]:
    """The surveys of a class with how many were asked and have answered; queries do not grow with their number."""
    now, asked = timezone.now(), {}
    rows = []
    openings = run.survey_openings.select_related("survey").annotate(answered=Count("participations"))
    for opening in openings.order_by("-closes_on", "pk"):
        opening.run = run
        if opening.respondents not in asked:
            asked[opening.respondents] = _asked(opening)
        rows.append(
            {
                "opening": opening,
                "last_day": last_day_of(opening),
                "state": "closed" if opening.is_closed(now=now) else "open",
                "not_yet": opening.opens_on > timezone.localdate(now),
                "answered": opening.answered,
                "asked": asked[opening.respondents],
            }
        )
    return rows


def _asked(opening: SurveyRun) -> int:
    return opening.asked_people(on=timezone.localdate()).count()


@login_required
@require_safe
def survey_results(request: HttpRequest, code: str, survey_id: int) -> HttpResponse:
    """Figures by indicator and group, remarks, the index over time, and what each trainer's classes say."""
    opening, now = _opening(request, code, survey_id), timezone.now()
    shows = opening.shows_figures(now=now)
    answered = opening.participations.count()
    context = run_page_context(request, opening.run, active=TAB) | {
        "opening": opening,
        "shows": shows,
        "is_closed": opening.is_closed(now=now),
        "takes_answers": opening.takes_answers(now=now),
        "last_day": last_day_of(opening),
        "asked": _asked(opening),
        "answered": answered,
        "waiting": waiting_people(opening, on=timezone.localdate(now)).count(),
        "reminded_today": opening.reminded_on == timezone.localdate(now),
        "may_hold": can_hold_surveys(request.user, opening.run),
    }
    if shows:
        results = results_of(opening)
        context |= {
            "results": results,
            "overall": _cells(results.figure),
            "groups": [
                {
                    "heading": shown(group.item, "heading"),
                    "cells": _cells(group.figure),
                    "rows": [
                        {
                            "number": row.item["number"],
                            "text": shown(row.item, "text"),
                            "cells": _cells(row.figure),
                            "spread": list(enumerate(row.spread, start=1)),
                        }
                        for row in group.indicators
                    ],
                }
                for group in results.groups
            ],
            "texts": [(shown(item, "text"), texts) for item, texts in free_texts_of(opening)],
            "points": [
                {"opening": point.opening, "day": last_day_of(point.opening), "cells": _cells(point.figure)}
                for point in index_over_time(opening, Run.objects.visible_to(request.user), now=now)
            ],
            "trainers": [
                {"person": row.person, "classes": row.classes, "cells": _cells(row.figure)}
                for row in figures_by_trainer(opening, _trainers_shown(request, opening.run), now=now)
            ],
        }
    return render(request, "assessments/survey_results.html", context)


def _trainers_shown(request: HttpRequest, run: Run) -> list[User]:
    """A trainer reads the own figures; those who run the school those of every trainer of the class."""
    people = User.objects.filter(run_links__run=run).order_by("name_key", "pk")
    if not access_for(request.user).has(*ALL_RESULTS_ROLES):
        people = people.filter(pk=request.user.pk)
    return list(people)


def _cells(figure) -> dict:
    """A figure as ``assessments/survey_figure.html`` draws it."""
    if figure.mean is None:
        return {"hidden": figure.hidden, "mean": None, "count": figure.count}
    words, tone = BANDS[figure.band]
    mean = round(float(figure.mean), 1)
    return {
        "hidden": False,
        "mean": number(mean, 1),
        "bar": mean,
        "count": figure.count,
        "band": words,
        "tone": tone,
    }


@login_required
@require_safe
def survey_workbook(request: HttpRequest, code: str, survey_id: int) -> HttpResponse:
    opening = _opening(request, code, survey_id)
    if not opening.shows_figures(now=timezone.now()):
        messages.info(request, _("The figures can be read when the survey is closed."))
        return redirect("assessments:survey_results", code=code, survey_id=survey_id)
    return HttpResponse(
        workbook_of(opening, results_of(opening), asked=_asked(opening)),
        content_type=XLSX_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{code}-khao-sat-{survey_id}.xlsx"'},
    )


@login_required
@require_POST
def remind(request: HttpRequest, code: str, survey_id: int) -> HttpResponse:
    opening = _opening(request, code, survey_id)
    with refusals_told(request):
        count = remind_people(opening=opening, actor=request.user, now=timezone.now())
        text = ngettext(
            "A reminder goes to %(count)s person.", "A reminder goes to %(count)s people.", count
        ) % {"count": number(count)}
        messages.success(request, text)
    return redirect("assessments:survey_results", code=code, survey_id=survey_id)


@login_required
@require_POST
def close(request: HttpRequest, code: str, survey_id: int) -> HttpResponse:
    opening = _opening(request, code, survey_id)
    with refusals_told(request):
        services.close_survey(opening=opening, actor=request.user, now=timezone.now())
        messages.success(request, _("The survey is closed. Its figures can be read now."))
    return redirect("assessments:survey_results", code=code, survey_id=survey_id)


@login_required
@require_POST
def stop_requiring(request: HttpRequest, code: str, survey_id: int) -> HttpResponse:
    opening = _opening(request, code, survey_id)
    with refusals_told(request):
        services.stop_requiring(opening=opening, actor=request.user, now=timezone.now())
        messages.success(request, _("The survey is no longer required before the certificate."))
    return redirect("assessments:survey_results", code=code, survey_id=survey_id)

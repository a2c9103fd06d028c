"""The surveys that wait for a person: on the dashboard and as a page."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from .models import SurveyRun


def waiting_surveys(request: HttpRequest) -> list[SurveyRun]:
    """Those that ask this person today and are not answered yet. One query besides the person's roles."""
    rows = SurveyRun.objects.asking(request.user).unanswered_by(request.user)
    return list(rows.open(on=timezone.localdate()).select_related("run").order_by("closes_on", "pk"))


def waiting_surveys_panel(request: HttpRequest) -> dict[str, Any] | None:
    openings = waiting_surveys(request)
    return {"template": "assessments/surveys_panel.html", "openings": openings} if openings else None

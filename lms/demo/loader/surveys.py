"""A learners' survey: closed with figures in the last finished run, open in a run that goes on."""

from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import yaml
from django.utils import timezone

from assessments.models import Survey, SurveyRun
from assessments.models.surveys import ASKED_STATES
from assessments.services.surveys import answer_survey, open_survey, put_survey
from assessments.survey_figures import SCALES
from courses.models import Run
from lms.users.models import User

ANSWERED_AT_MOST = 24


def load_surveys(path: Path, *, now: datetime) -> int:
    """Gives how many classes are asked; a second time changes nothing."""
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    remarks = form.pop("remarks")
    survey = put_survey(actor=None, now=now, **form)
    today = timezone.localdate(now)
    finished = Run.objects.filter(state=Run.State.FINISHED, closes_on__lt=today).order_by("-closes_on", "pk")
    going_on = Run.objects.filter(state=Run.State.OPEN, opens_on__lt=today, closes_on__gt=today)
    for run in [*finished[:1], *going_on.order_by("opens_on", "pk")[:1]]:
        if not SurveyRun.objects.filter(survey=survey, run=run).exists():
            _ask(survey, run, remarks, now=now)
    return survey.openings.count()


def _ask(survey: Survey, run: Run, remarks: list[str], *, now: datetime) -> None:
    """Opened in the last week of the run, or now; answered by half of the learners, 24 at most."""
    over = run.closes_on < timezone.localdate(now)
    asked_at = now - (timezone.localdate(now) - run.closes_on) if over else now
    opens_on = run.closes_on - timedelta(days=7) if over else timezone.localdate(now)
    opening = open_survey(
        survey=survey, run=run, opens_on=opens_on, closes_on=run.closes_on, actor=None, now=asked_at
    )
    random = Random(run.code)
    learners = User.objects.filter(enrolments__run=run, enrolments__state__in=ASKED_STATES, is_active=True)
    people = list(learners.order_by("pk"))
    for person in people[: min(ANSWERED_AT_MOST, len(people) // 2)]:
        answers = {str(item["number"]): _answer(item["kind"], remarks, random) for item in opening.items}
        answer_survey(opening=opening, answers=answers, actor=person, now=asked_at)


def _answer(kind: str, remarks: list[str], random: Random) -> str:
    scale = SCALES.get(kind)
    if scale is None:
        return random.choice([*remarks, *[""] * 4])
    share = min(1.0, max(0.2, random.gauss(0.84, 0.12)))
    return str(max(1, round(share * scale)))

"""Writes to surveys: forms, their opening for classes, answers.

Nothing joins an anonymous answer and a person. ``SurveyParticipation`` says who has answered and on which day,
``SurveyResponse`` what was answered: no link, no time, random keys. Since rows lie in the order they were written, each
new sheet is written anew together with others of the same survey in random order; the audit event tells of the
participation alone.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from random import SystemRandom
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models import (
    Respondents,
    Survey,
    SurveyIndicator,
    SurveyParticipation,
    SurveyResponse,
    SurveyRun,
)
from assessments.permissions import can_hold_surveys, can_keep_banks
from assessments.survey_figures import SCALES, is_valid, scaled
from courses.models import CoursePage, Criterion, Enrolment, Run
from courses.services.progress import drop_criterion, meet_criterion, require_criterion
from lms.core.audit import record_event
from lms.core.errors import DomainError, NotAllowed
from lms.core.vietnamese import nfc

CRITERION_KIND = "survey"
LONGEST_TEXT = 2000
# How many sheets, chosen at random, change place with a new one. A class is smaller; a bound keeps a big one fast.
MIXED_WITH = 200
_random = SystemRandom()


class SurveyInvalid(DomainError):
    message = _("A survey needs at least one indicator answered on a scale.")


class AlreadyOpened(DomainError):
    message = _("This survey has been opened for this class already.")


class WrongDays(DomainError):
    """The days asked for do not fit the class."""


class SurveyClosed(DomainError):
    message = _("This survey takes no answers now.")


class AlreadyAnswered(DomainError):
    message = _("You have answered this survey already. Thank you.")


class BadAnswers(DomainError):
    message = _("An answer does not belong to this form. Please load the page anew.")


class StillRequired(DomainError):
    message = _(
        "This survey is required before the certificate, so it stays open with the class. Stop requiring it first."
    )


# --- Forms -------------------------------------------------------------------------------------------------------


@transaction.atomic
def register_survey(*, survey: Survey, actor, now: datetime, created: bool) -> Survey:
    """After a form was written: it can be answered, and the trail knows."""
    if not can_keep_banks(actor):
        raise NotAllowed(_("Only trainers and the school may change surveys."))
    items = items_of(survey)
    if not scaled(items):
        raise SurveyInvalid
    record_event(
        actor=actor,
        action="survey.created" if created else "survey.changed",
        target=survey,
        now=now,
        anonymous=survey.is_anonymous,
        respondents=survey.respondents,
        indicators=len(items),
    )
    return survey


@transaction.atomic
def put_survey(
    *,
    number: str,
    title: str,
    indicators: Iterable[Mapping[str, str]],
    actor,
    now: datetime,
    **about: Any,
) -> Survey:
    """The form of this number, made or brought to these words; the same words change nothing. For loaders.

    ``indicators`` hold the fields of ``SurveyIndicator``; ``about`` those of ``Survey``.
    """
    rows = [SurveyIndicator(sort_order=order, **fields) for order, fields in enumerate(indicators)]
    survey = Survey.objects.filter(number=number).first()
    created = survey is None
    wanted = {"title": nfc(title), **about}
    if survey is None:
        survey = Survey(number=number)
    elif items_of(survey) == _items(rows) and all(getattr(survey, key) == wanted[key] for key in wanted):
        return survey
    for name, value in wanted.items():
        setattr(survey, name, value)
    survey.indicators.set(rows)
    survey.full_clean()
    survey.save()
    return register_survey(survey=survey, actor=actor, now=now, created=created)


def items_of(survey: Survey) -> list[dict[str, Any]]:
    """The lines of a form, numbered from 1, as they are frozen."""
    return _items(survey.indicators.all())


def _items(rows: Iterable[SurveyIndicator]) -> list[dict[str, Any]]:
    return [
        {
            "number": number,
            "heading": nfc(row.heading),
            "heading_en": row.heading_en,
            "text": nfc(row.text),
            "text_en": row.text_en,
            "kind": str(row.kind),
        }
        for number, row in enumerate(rows, start=1)
    ]


# --- Opening for a class -----------------------------------------------------------------------------------------


def criterion_key(survey_id: int, course_id: int) -> str:
    return f"{survey_id}-{course_id}"


@transaction.atomic
def open_survey(
    *,
    survey: Survey,
    run: Run,
    opens_on: date,
    closes_on: date,
    is_required: bool = False,
    actor,
    now: datetime,
) -> SurveyRun:
    """Ask a class, with the form as it stands now; ``closes_on`` is the last day.

    A required survey becomes a condition of the course: every class of it is asked (``opening_for``), until the class's
    own last day.
    """
    if not can_hold_surveys(actor, run):
        raise NotAllowed(_("Only trainers of the class and the school may open its surveys."))
    if closes_on < opens_on or closes_on < timezone.localdate(now):
        raise WrongDays(_("The last day of answering lies before the first, or in the past."))
    if is_required and survey.respondents != Respondents.LEARNERS:
        raise WrongDays(_("Only a survey of the learners can be required before the certificate."))
    if is_required and _is_voluntary_elsewhere(survey, run):
        raise WrongDays(
            _(
                "Another class of this course is asked this survey without having to answer. Close that class first."
            )
        )
    if is_required and closes_on < run.closes_on:
        raise WrongDays(
            _("A required survey stays open until the last day of the class, %(day)s.")
            % {"day": f"{run.closes_on:%d/%m/%Y}"}
        )
    content = {
        "title": survey.title,
        "title_en": survey.title_en,
        "intro": survey.intro,
        "intro_en": survey.intro_en,
        "items": items_of(survey),
    }
    opening, created = SurveyRun.objects.get_or_create(
        survey=survey,
        run=run,
        defaults={
            "content": content,
            "respondents": survey.respondents,
            "is_anonymous": survey.is_anonymous,
            "is_required": is_required,
            "opens_on": opens_on,
            "closes_on": closes_on,
        },
    )
    if not created:
        raise AlreadyOpened
    _record_opening(opening, actor=actor, now=now)
    if is_required:
        require_criterion(
            course=CoursePage.objects.get(pk=run.course_id),
            module=None,
            kind=CRITERION_KIND,
            key=criterion_key(survey.pk, run.course_id),
            title=survey.title,
            title_en=survey.title_en,
            actor=actor,
            now=now,
        )
    return opening


def _is_voluntary_elsewhere(survey: Survey, run: Run) -> bool:
    """Whether learners of another class that goes on might find the survey closed that they now must answer."""
    others = SurveyRun.objects.filter(survey=survey, run__course=run.course_id, is_required=False)
    return others.exclude(run=run).exclude(run__state=Run.State.FINISHED).exists()


def _record_opening(opening: SurveyRun, *, actor, now: datetime) -> None:
    record_event(
        actor=actor,
        action="survey.opened",
        target=opening,
        now=now,
        opens_on=opening.opens_on.isoformat(),
        closes_on=opening.closes_on.isoformat(),
        anonymous=opening.is_anonymous,
        required=opening.is_required,
    )


def opening_for(survey_id: int, run: Run) -> SurveyRun | None:
    """The survey as this class is asked it, or None.

    Where the survey is required of the course and this class has no opening of its own, one like that of the class which
    required it, for the days of this class: not written yet (``pk`` None), ``answer_survey`` writes it.
    """
    own = SurveyRun.objects.select_related("survey", "run").filter(survey_id=survey_id, run=run).first()
    if own is not None:
        return own
    key = criterion_key(survey_id, run.course_id)
    if not Criterion.objects.filter(kind=CRITERION_KIND, key=key, is_active=True).exists():
        return None
    model = SurveyRun.objects.filter(survey_id=survey_id, run__course=run.course_id, is_required=True)
    first = model.select_related("survey").order_by("pk").last()
    if first is None:
        return None
    return SurveyRun(
        survey=first.survey,
        run=run,
        content=first.content,
        respondents=first.respondents,
        is_anonymous=first.is_anonymous,
        is_required=True,
        opens_on=run.opens_on,
        closes_on=run.closes_on,
    )


@transaction.atomic
def close_survey(*, opening: SurveyRun, actor, now: datetime) -> SurveyRun:
    """Take no more answers, for good. A second time changes nothing."""
    if not can_hold_surveys(actor, opening.run):
        raise NotAllowed(_("Only trainers of the class and the school may close its surveys."))
    locked = SurveyRun.objects.select_for_update(no_key=True).get(pk=opening.pk)
    if locked.is_required:
        raise StillRequired
    if SurveyRun.objects.filter(pk=locked.pk, closed_at__isnull=True).update(closed_at=now):
        record_event(actor=actor, action="survey.closed", target=opening, now=now)
    opening.refresh_from_db(fields=["closed_at"])
    return opening


@transaction.atomic
def stop_requiring(*, opening: SurveyRun, actor, now: datetime) -> None:
    """The survey is no condition of the course any more, in any of its classes; what was met stays."""
    if not can_hold_surveys(actor, opening.run):
        raise NotAllowed(_("Only trainers of the class and the school may open its surveys."))
    course_id = opening.run.course_id
    asked = SurveyRun.objects.filter(survey=opening.survey_id, run__course=course_id, is_required=True)
    if asked.update(is_required=False):
        record_event(actor=actor, action="survey.unrequired", target=opening, now=now)
        key = criterion_key(opening.survey_id, course_id)
        drop_criterion(kind=CRITERION_KIND, key=key, actor=actor, now=now)
    opening.is_required = False


# --- Answering ---------------------------------------------------------------------------------------------------


def may_answer(person, opening: SurveyRun) -> bool:
    """Whether the person is among those asked, today."""
    if opening.pk is None:
        return opening.asked_people(on=timezone.localdate()).filter(pk=person.pk).exists()
    return SurveyRun.objects.asking(person).filter(pk=opening.pk).exists()


def clean_answers(items: Iterable[Mapping[str, Any]], raw: Mapping[str, Any]) -> dict[str, int | str]:
    """What was chosen and written, by number; raises BadAnswers for what no such form can send."""
    answers: dict[str, int | str] = {}
    for item in items:
        key = str(item["number"])
        value = str(raw.get(key) or "").strip()
        if not value:
            continue
        if item["kind"] in SCALES:
            if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= SCALES[item["kind"]]:
                raise BadAnswers
            answers[key] = int(value)
        else:
            if len(value) > LONGEST_TEXT or "\0" in value:
                raise BadAnswers
            answers[key] = nfc(value)
    return answers


@transaction.atomic
def answer_survey(
    *, opening: SurveyRun, answers: Mapping[str, Any], actor, now: datetime
) -> SurveyParticipation:
    """Keep one sheet of the actor; raises AlreadyAnswered for a second one. A required survey is met by it.

    ``answers`` as ``clean_answers`` takes them. A sheet with more than 5 % unanswered is kept as invalid and is a
    participation all the same.
    """
    if not may_answer(actor, opening):
        raise NotAllowed(_("This survey does not ask you."))
    given = clean_answers(opening.items, answers)
    locked = _lock_opening(opening, now=now)
    if not locked.takes_answers(now=now):
        raise SurveyClosed
    participation = _take_part(locked, actor=actor, on=timezone.localdate(now))
    _keep_sheet(locked, answers=given, participation=participation)
    record_event(actor=actor, action="survey.answered", target=participation, now=now, in_no_role=True)
    if locked.respondents == Respondents.LEARNERS:
        _meet(locked, actor=actor, now=now)
    return participation


def _lock_opening(opening: SurveyRun, *, now: datetime) -> SurveyRun:
    """The opening's row, written first where a required survey comes to a class by itself; one sheet at a time."""
    if opening.pk is None:
        fields = ["content", "respondents", "is_anonymous", "is_required", "opens_on", "closes_on"]
        opening, created = SurveyRun.objects.get_or_create(
            survey=opening.survey,
            run=opening.run,
            defaults={name: getattr(opening, name) for name in fields},
        )
        if created:
            _record_opening(opening, actor=None, now=now)
    rows = SurveyRun.objects.select_for_update(no_key=True, of=("self",)).select_related("survey", "run")
    return rows.get(pk=opening.pk)


def _take_part(opening: SurveyRun, *, actor, on: date) -> SurveyParticipation:
    try:
        with transaction.atomic():
            return SurveyParticipation.objects.create(survey_run=opening, person=actor, answered_on=on)
    except IntegrityError as error:
        raise AlreadyAnswered from error


def _keep_sheet(
    opening: SurveyRun, *, answers: dict[str, int | str], participation: SurveyParticipation
) -> None:
    valid = is_valid(opening.items, answers)
    if not opening.is_anonymous:
        SurveyResponse.objects.create(
            survey_run=opening, participation=participation, answers=answers, is_valid=valid
        )
        return
    others = list(opening.responses.order_by("?")[:MIXED_WITH])
    rows = [
        SurveyResponse(survey_run=opening, answers=sheet, is_valid=ok)
        for sheet, ok in [(answers, valid), *((row.answers, row.is_valid) for row in others)]
    ]
    _random.shuffle(rows)
    SurveyResponse.objects.filter(pk__in=[row.pk for row in others]).delete()
    SurveyResponse.objects.bulk_create(rows)


def _meet(opening: SurveyRun, *, actor, now: datetime) -> None:
    key = criterion_key(opening.survey_id, opening.run.course_id)
    criterion = Criterion.objects.filter(kind=CRITERION_KIND, key=key, is_active=True).first()
    enrolment = Enrolment.objects.filter(run=opening.run_id, learner=actor).first()
    if criterion is not None and enrolment is not None:
        meet_criterion(enrolment=enrolment, criterion=criterion, evidence="", actor=actor, now=now)

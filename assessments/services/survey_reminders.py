"""Reminding those who have not answered a survey, without looking at what others said."""

from datetime import date, datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from assessments.models import SurveyReminder, SurveyRun
from assessments.permissions import can_hold_surveys
from lms.core.audit import record_event
from lms.core.errors import DomainError, NotAllowed

from .surveys import SurveyClosed


class RemindedToday(DomainError):
    message = _("A reminder has been sent today. Please wait until tomorrow.")


class NobodyToRemind(DomainError):
    message = _("Everybody who is asked has answered.")


def waiting_people(opening: SurveyRun, *, on: date) -> QuerySet:
    """Who is asked and has not answered; what the others said plays no part."""
    return opening.asked_people(on=on).exclude(survey_participations__survey_run=opening)


@transaction.atomic
def remind_people(*, opening: SurveyRun, actor, now: datetime) -> int:
    """Have a mail sent to everybody who has not answered, once a day at most; gives how many they are."""
    # Here and not above: the tasks call this module.
    from assessments.tasks import send_survey_reminders_task

    if not can_hold_surveys(actor, opening.run):
        raise NotAllowed(_("Only trainers of the class and the school may remind of its surveys."))
    if not opening.takes_answers(now=now):
        raise SurveyClosed
    today = timezone.localdate(now)
    waiting = waiting_people(opening, on=today).count()
    if not waiting:
        raise NobodyToRemind
    due = SurveyRun.objects.filter(Q(reminded_on__isnull=True) | Q(reminded_on__lt=today), pk=opening.pk)
    if due.update(reminded_on=today) != 1:
        raise RemindedToday
    record_event(actor=actor, action="survey.reminded", target=opening, now=now, people=waiting)
    send_survey_reminders_task.delay_on_commit(opening_id=opening.pk, day=today.isoformat())
    return waiting


def send_reminders(*, opening_id: int, day: date) -> int:
    """Write to those who have still not answered, each in a transaction of its own; gives how many mails went out."""
    opening = SurveyRun.objects.select_related("survey", "run").get(pk=opening_id)
    people = waiting_people(opening, on=day).exclude(
        survey_reminders__survey_run=opening, survey_reminders__sent_on=day
    )
    return sum(_remind(opening, person, day=day) for person in people.order_by("pk"))


@transaction.atomic
def _remind(opening: SurveyRun, person, *, day: date) -> bool:
    """The mail goes out inside the transaction: one that cannot be sent is not noted as sent."""
    _row, created = SurveyReminder.objects.get_or_create(survey_run=opening, person=person, sent_on=day)
    if created:
        _mail(opening, person).send()
    return created


def _mail(opening: SurveyRun, person) -> EmailMessage:
    """In Vietnamese, with the English below."""
    texts = []
    for language in ("vi", "en"):
        with translation.override(language):
            path = reverse(
                "assessments:survey", kwargs={"survey_id": opening.survey_id, "code": opening.run.code}
            )
            context = {
                "person": person,
                "opening": opening,
                "run": opening.run,
                "url": settings.WAGTAILADMIN_BASE_URL + path,
            }
            texts.append(render_to_string("assessments/survey_reminder.txt", context).strip())
    with translation.override("vi"):
        subject = translation.gettext("Please answer: %(title)s") % {"title": opening.display_title}
    return EmailMessage(subject=subject, body="\n\n———\n\n".join(texts) + "\n", to=[person.email])

"""Surveys: numbered forms, their opening for a class, who has answered, and what was answered."""

import uuid
from datetime import date, datetime

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from assessments import survey_figures
from courses.models import Enrolment, RunTrainer
from lms.core.models import Record
from lms.organisations.access import access_for
from lms.organisations.models import Role, RoleGrant

# Who holds or held a place; who was nominated only, stepped back or never came is not asked.
ASKED_STATES = [
    Enrolment.State.ENROLLED,
    Enrolment.State.IN_PROGRESS,
    Enrolment.State.COMPLETED,
    Enrolment.State.FAILED,
]


class Respondents(models.TextChoices):
    LEARNERS = "learners", _("learners of the class")
    TRAINERS = "trainers", _("trainers of the class")
    COORDINATORS = "coordinators", _("coordinators of the learners' units")


class Survey(ClusterableModel):
    """A numbered form. What a class was asked is frozen in ``SurveyRun`` when it is opened there."""

    number = models.CharField(
        _("form number"), max_length=16, unique=True, help_text=_("As it stands on the form, such as M01.")
    )
    title = models.CharField(_("title"), max_length=200)
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    intro = models.TextField(_("introduction"), blank=True)
    intro_en = models.TextField(_("introduction in English"), blank=True)
    respondents = models.CharField(
        _("who is asked"), max_length=16, choices=Respondents.choices, default=Respondents.LEARNERS
    )
    is_anonymous = models.BooleanField(
        _("anonymous"),
        default=True,
        help_text=_(
            "Nobody can join an answer and a person. Figures are shown once the survey is closed and five valid answers are in."
        ),
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number}: {self.title}"

    @property
    def display_title(self) -> str:
        return self.title_en if get_language() == "en" and self.title_en else self.title


class SurveyIndicator(models.Model):
    """One line of a form: an indicator with its scale, or a question answered in words."""

    class Kind(models.TextChoices):
        LIKERT_5 = survey_figures.LIKERT_5, _("scale of 5")
        LIKERT_10 = survey_figures.LIKERT_10, _("scale of 10")
        TEXT = survey_figures.FREE_TEXT, _("free text")

    survey = ParentalKey(Survey, on_delete=models.CASCADE, related_name="indicators")
    sort_order = models.PositiveSmallIntegerField(default=0, editable=False)
    heading = models.CharField(
        _("heading"),
        max_length=200,
        blank=True,
        help_text=_("Begins a group of indicators; empty goes on with the group before."),
    )
    heading_en = models.CharField(_("heading in English"), max_length=200, blank=True)
    text = models.CharField(_("indicator"), max_length=500)
    text_en = models.CharField(_("indicator in English"), max_length=500, blank=True)
    kind = models.CharField(
        pgettext_lazy("survey", "kind of answer"), max_length=8, choices=Kind.choices, default=Kind.LIKERT_5
    )

    sort_order_field = "sort_order"  # Wagtail's inline panel lets the rows be moved

    class Meta:
        ordering = ["sort_order", "pk"]


class SurveyRunQuerySet(models.QuerySet):
    def unanswered_by(self, person) -> "SurveyRunQuerySet":
        done = SurveyParticipation.objects.filter(survey_run=models.OuterRef("pk"), person=person)
        return self.filter(~models.Exists(done))

    def open(self, *, on: date) -> "SurveyRunQuerySet":
        return self.filter(opens_on__lte=on, closes_on__gte=on, closed_at__isnull=True)

    def asking(self, person) -> "SurveyRunQuerySet":
        """Those the person is among the asked of, whether answered or not."""
        access = access_for(person)
        here = Enrolment.objects.filter(run=models.OuterRef("run"), state__in=ASKED_STATES)
        condition = Q(models.Exists(here.filter(learner=person)), respondents=Respondents.LEARNERS)
        if access.has(Role.TRAINER):
            taught = RunTrainer.objects.filter(run=models.OuterRef("run"), person=person)
            condition |= Q(models.Exists(taught), respondents=Respondents.TRAINERS)
        if access.coordinated_paths:
            units = Q()
            for path in access.coordinated_paths:
                units |= Q(unit__path__startswith=path)
            condition |= Q(models.Exists(here.filter(units)), respondents=Respondents.COORDINATORS)
        return self.filter(condition)


class SurveyRun(Record):
    """A survey opened for a class, with the form as it stood then.

    ``content`` = {"title", "title_en", "intro", "intro_en", "items": [{"number", "heading", "heading_en", "text",
    "text_en", "kind"}]}. ``closes_on`` is the last day answers are taken, ``closed_at`` is set when somebody closed it
    before. A closed survey never opens again: the figures of an anonymous one may have been read by then.
    """

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="openings")
    run = models.ForeignKey("courses.Run", on_delete=models.PROTECT, related_name="survey_openings")
    content = models.JSONField()
    respondents = models.CharField(max_length=16, choices=Respondents.choices)
    is_anonymous = models.BooleanField(_("anonymous"))
    is_required = models.BooleanField(_("required before the certificate"), default=False)
    opens_on = models.DateField(_("first day of answering"))
    closes_on = models.DateField(_("last day of answering"))
    closed_at = models.DateTimeField(_("closed early"), null=True)
    # The day of the last reminder: never two on one day.
    reminded_on = models.DateField(null=True)

    objects = SurveyRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey of a class")
        verbose_name_plural = _("surveys of classes")
        ordering = ["-closes_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "run"], name="one_opening_per_survey_and_run"),
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")), name="survey_closes_after_it_opens"
            ),
            models.CheckConstraint(
                condition=Q(is_required=False) | Q(respondents="learners"),
                name="only_learners_are_required_to_answer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey} – {self.run}"

    @property
    def display_title(self) -> str:
        return shown(self.content, "title")

    @property
    def display_intro(self) -> str:
        return shown(self.content, "intro")

    @property
    def items(self) -> list[dict]:
        return self.content["items"]

    def takes_answers(self, *, now: datetime) -> bool:
        return self.opens_on <= timezone.localdate(now) and not self.is_closed(now=now)

    def is_closed(self, *, now: datetime) -> bool:
        return self.closed_at is not None or self.closes_on < timezone.localdate(now)

    def asked_people(self, *, on: date):
        """Everybody who is asked, as accounts that are in use."""
        here = Enrolment.objects.filter(run=self.run_id, state__in=ASKED_STATES)
        if self.respondents == Respondents.LEARNERS:
            condition = Q(pk__in=here.values("learner"))
        elif self.respondents == Respondents.TRAINERS:
            condition = Q(pk__in=RunTrainer.objects.filter(run=self.run_id).values("person"))
        else:
            below = here.filter(unit__path__startswith=models.OuterRef("unit__path"))
            grants = RoleGrant.objects.on(on).filter(models.Exists(below), role=Role.COORDINATOR)
            condition = Q(pk__in=grants.values("person"))
        return get_user_model().objects.filter(condition, is_active=True)

    def shows_figures(self, *, now: datetime) -> bool:
        """Of an anonymous survey only when no answer can come any more: two looks would tell the answer between them."""
        return not self.is_anonymous or self.is_closed(now=now)


def shown(words: dict, name: str) -> str:
    """A text of a frozen form in the reader's language."""
    return (get_language() == "en" and words.get(f"{name}_en")) or words[name]


class SurveyParticipation(Record):
    """That a person has answered, once, and on which day. Of an anonymous survey nothing leads from here to the answers.

    Its key is random and its time a day, so that the table's order says no more than its columns.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey_run = models.ForeignKey(SurveyRun, on_delete=models.PROTECT, related_name="participations")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="survey_participations"
    )
    answered_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["survey_run", "person"], name="one_participation_per_survey_and_person"
            )
        ]

    def __str__(self) -> str:
        return str(self.survey_run)


class SurveyResponse(Record):
    """An answer sheet: ``answers`` = {"number": step or text}. ``participation`` is set in named surveys only.

    No time and no running number; each write of an anonymous one puts the rows of the survey in a new random order.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey_run = models.ForeignKey(SurveyRun, on_delete=models.PROTECT, related_name="responses")
    participation = models.OneToOneField(
        SurveyParticipation, null=True, on_delete=models.PROTECT, related_name="response"
    )
    answers = models.JSONField()
    is_valid = models.BooleanField()

    def __str__(self) -> str:
        return str(self.survey_run)


class SurveyReminder(Record):
    """A reminder sent to a person on a day: a task that runs twice writes to nobody twice."""

    survey_run = models.ForeignKey(SurveyRun, on_delete=models.PROTECT, related_name="reminders")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="survey_reminders"
    )
    sent_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["survey_run", "person", "sent_on"], name="one_reminder_per_survey_person_and_day"
            )
        ]

    def __str__(self) -> str:
        return str(self.survey_run)

"""Enrolments and what learners have done. Plain rows, protected: pages may change, records do not."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.core.models import Record
from lms.organisations.access import access_for
from lms.organisations.models import Role


class EnrolmentQuerySet(models.QuerySet):
    def visible_to(self, user) -> "EnrolmentQuerySet":
        """A learner sees the own rows, a trainer those of the own runs, the others by their units."""
        access = access_for(user)
        condition = Q(learner_id=user.pk)
        if access.sees_all_units or access.coordinated_paths:
            condition |= access.units_q("unit")
            if access.sees_all_units:
                return self
        if access.has(Role.TRAINER):
            condition |= Q(run__trainer_links__person_id=user.pk)
            return self.filter(condition).distinct()
        return self.filter(condition)

    def of(self, user) -> "EnrolmentQuerySet":
        return self.filter(learner_id=user.pk)

    def active(self) -> "EnrolmentQuerySet":
        """Being studied: a place is held and the end not reached."""
        return self.filter(state__in=Enrolment.STUDYING_STATES)

    def overdue(self, *, on: date) -> "EnrolmentQuerySet":
        return self.active().filter(due_on__lt=on)


class Enrolment(Record):
    """A learner in a run (lượt). Position and rank are those of the day of enrolment and stay so; the unit follows the
    learner while the participation is open (``EnrolmentMove``) and is from then on the one it ended in.

    States: nominated → approved → enrolled → in progress → completed | failed | withdrawn | expired. ``services`` hold
    the transitions; a completed enrolment leaves that state only by an audited act with a reason.
    """

    class State(models.TextChoices):
        NOMINATED = "nominated", _("nominated")
        APPROVED = "approved", _("approved")
        ENROLLED = "enrolled", _("enrolled")
        IN_PROGRESS = "in_progress", _("in progress")
        COMPLETED = "completed", _("completed")
        FAILED = "failed", _("failed")
        WITHDRAWN = "withdrawn", _("withdrawn")
        EXPIRED = "expired", _("expired")

    STUDYING_STATES = [State.ENROLLED, State.IN_PROGRESS]
    ENDED_STATES = [State.COMPLETED, State.FAILED, State.WITHDRAWN, State.EXPIRED]
    # On the list of the class: a place is held, or was until the end.
    HOLDING_STATES = [*STUDYING_STATES, State.COMPLETED, State.FAILED, State.EXPIRED]

    run = models.ForeignKey(
        "courses.Run", verbose_name=_("run"), on_delete=models.PROTECT, related_name="enrolments"
    )
    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("learner"),
        on_delete=models.PROTECT,
        related_name="enrolments",
    )
    unit = models.ForeignKey(
        "organisations.Unit", verbose_name=_("unit"), on_delete=models.PROTECT, related_name="enrolments"
    )
    position = models.CharField(_("position"), max_length=150, blank=True)
    rank_name = models.CharField(_("rank"), max_length=100, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=State.choices)
    due_on = models.DateField(_("to be completed by"))
    nominated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    nominated_at = models.DateTimeField(_("nominated at"), null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(_("approved at"), null=True)
    enrolled_at = models.DateTimeField(_("enrolled at"), null=True)
    started_at = models.DateTimeField(_("started at"), null=True)
    completed_at = models.DateTimeField(_("completed at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    end_reason = models.CharField(_("reason"), max_length=300, blank=True)
    # Counted as things are done, so that lists need no join: lessons and criteria met, of how many.
    steps_done = models.PositiveSmallIntegerField(default=0)
    steps_total = models.PositiveSmallIntegerField(default=0)
    last_lesson = models.ForeignKey(
        "courses.LessonPage", null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(fields=["run", "learner"], name="one_enrolment_per_run_and_learner"),
            models.CheckConstraint(
                condition=~Q(state="completed") | Q(completed_at__isnull=False),
                name="completed_enrolment_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(steps_done__lte=models.F("steps_total")), name="no_more_steps_done_than_there_are"
            ),
        ]
        indexes = [
            models.Index(fields=["run", "unit", "state"], name="enrolment_by_run_and_unit"),
            models.Index(fields=["learner", "state"], name="enrolment_by_learner"),
            models.Index(fields=["unit", "state"], name="enrolment_by_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.learner} – {self.run}"

    @property
    def percent(self) -> int:
        """Whole per cent of the steps done; 100 only when completed."""
        if self.state == self.State.COMPLETED:
            return 100
        return min(99, self.steps_done * 100 // self.steps_total) if self.steps_total else 0

    @property
    def is_overdue(self) -> bool:
        return self.state in self.STUDYING_STATES and self.due_on < timezone.localdate()


class EnrolmentMove(Record):
    """A participation that followed its learner into another unit on a day; before it, it counts where it was."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="moves")
    from_unit = models.ForeignKey("organisations.Unit", on_delete=models.PROTECT, related_name="+")
    to_unit = models.ForeignKey("organisations.Unit", on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    moved_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["enrolment", "on"], name="move_by_enrolment")]

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.from_unit} → {self.to_unit}"


class LessonProgress(Record):
    """What one learner has done of one lesson (the page of the source language). ``seconds`` is measured by the server."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="lesson_progress")
    lesson = models.ForeignKey("courses.LessonPage", on_delete=models.PROTECT, related_name="progress")
    opened_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    seconds = models.PositiveIntegerField(default=0)
    position = models.PositiveSmallIntegerField(default=0, help_text="per cent of the text scrolled to")
    completed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "lesson"], name="one_progress_per_enrolment_and_lesson"
            ),
            models.CheckConstraint(condition=Q(position__lte=100), name="lesson_position_is_a_percentage"),
        ]


class CriterionResult(Record):
    """A criterion met by an enrolment, once and for good, with what an auditor may ask of it."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="criterion_results")
    criterion = models.ForeignKey("courses.Criterion", on_delete=models.PROTECT, related_name="results")
    met_at = models.DateTimeField()
    evidence = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "criterion"], name="one_result_per_enrolment_and_criterion"
            )
        ]

"""Attempts: what was drawn, what was answered, what it scored."""

import uuid
from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Min, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms.core.models import Record


class AttemptQuerySet(models.QuerySet):
    def visible_to(self, user) -> "AttemptQuerySet":
        """A sitting is read by the one who sits it; others read results, not answers."""
        return self.filter(enrolment__learner_id=user.pk)

    def open(self) -> "AttemptQuerySet":
        return self.filter(state=Attempt.State.IN_PROGRESS)

    def taking_answers(self, *, now: datetime) -> "AttemptQuerySet":
        return self.open().filter(accepts_until__gte=now)

    def past_deadline(self, *, now: datetime) -> "AttemptQuerySet":
        """Open attempts that no longer take answers."""
        return self.open().filter(accepts_until__lt=now)

    def scored(self) -> "AttemptQuerySet":
        """Handed in and marked to the end."""
        return self.filter(submitted_at__isnull=False, score__isnull=False)

    def first_of_each_learner(self) -> "AttemptQuerySet":
        """Of these, the first scored attempt of each learner at each quiz: one grouping, however many there are.

        The first begun: a second one cannot begin before the first has been handed in.
        """
        first = self.scored().order_by().values("quiz", "enrolment__learner").annotate(first=Min("pk"))
        return Attempt.objects.filter(pk__in=first.values("first"))


class BegunAttempts(models.Manager.from_queryset(AttemptQuerySet)):
    """The default, for relations too: what was drawn ahead is nobody's attempt, so whoever counts, lists or exports attempts
    need not think of it. Joins through the table (``attempts__quiz``) do not pass here and name the states they mean.
    """

    def get_queryset(self) -> AttemptQuerySet:
        return super().get_queryset().exclude(state=Attempt.State.PREPARED)


class PreparedAttempts(models.Manager.from_queryset(AttemptQuerySet)):
    """Those drawn ahead alone (``services.preparing``)."""

    def get_queryset(self) -> AttemptQuerySet:
        return super().get_queryset().filter(state=Attempt.State.PREPARED)


class Attempt(Record):
    """One sitting of a quiz by one enrolment.

    prepared → in progress where it was drawn ahead, else begun in progress. in progress → graded, in one step where every
    question is marked by rule; else in progress → submitted → graded when the markers' marks are released. Deadlines are the
    server's: no answer is taken after ``accepts_until`` = ``closes_at`` + the quiz's grace. What was drawn is frozen in
    ``AttemptQuestion``.
    """

    class State(models.TextChoices):
        PREPARED = "prepared", pgettext_lazy("attempt", "prepared")
        IN_PROGRESS = "in_progress", pgettext_lazy("attempt", "in progress")
        SUBMITTED = "submitted", pgettext_lazy("attempt", "waiting to be marked")
        GRADED = "graded", pgettext_lazy("attempt", "graded")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    quiz = models.ForeignKey("assessments.Quiz", on_delete=models.PROTECT, related_name="attempts")
    enrolment = models.ForeignKey("courses.Enrolment", on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField(_("attempt"))
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.IN_PROGRESS)
    # The tab that last opened the attempt; a save from another one is answered with 409.
    tab_token = models.UUIDField(default=uuid.uuid4)
    # Where it was last opened from; a change is a signal for review.
    address = models.CharField(max_length=45, blank=True)
    started_at = models.DateTimeField(pgettext_lazy("attempt", "started at"), null=True)
    closes_at = models.DateTimeField(_("closes at"), null=True)
    # What the clock shows ends at closes_at; what was already on its way is still taken until here.
    accepts_until = models.DateTimeField(null=True)
    # Of a prepared one the mark of the settings it was drawn for (``services.freezing.mark_of``).
    drawn_for = models.CharField(max_length=64, blank=True)
    submitted_at = models.DateTimeField(_("submitted at"), null=True)
    submitted_by_clock = models.BooleanField(default=False)
    # A supervisor closed it before its time; neither the learner nor the clock.
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    stop_reason = models.CharField(max_length=300, blank=True)
    score = models.DecimalField(_("score"), max_digits=7, decimal_places=2, null=True)
    max_score = models.DecimalField(_("maximum"), max_digits=7, decimal_places=2)
    pass_percent = models.PositiveSmallIntegerField()
    # What a wrong choice costs; frozen at start as the pass mark is.
    penalty_percent = models.PositiveSmallIntegerField(default=0)
    passed = models.BooleanField(_("passed"), null=True)
    # How the questions are gone through, frozen at start; where there is no way back, the one that is reached.
    navigation = models.CharField(max_length=8, default="all")
    furthest = models.PositiveSmallIntegerField(null=True)

    # Sat on paper and entered by hand afterwards.
    printed_paper = models.ForeignKey(
        "assessments.PrintedPaper", null=True, on_delete=models.PROTECT, related_name="attempts"
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = BegunAttempts()
    prepared = PreparedAttempts()

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "quiz"],
                condition=Q(state="in_progress"),
                name="one_open_attempt_per_learner_and_quiz",
            ),
            # Prepared ones have the number 0, so there is one at most.
            models.UniqueConstraint(fields=["enrolment", "quiz", "number"], name="one_attempt_per_number"),
            models.CheckConstraint(
                condition=Q(
                    state="prepared",
                    number=0,
                    started_at__isnull=True,
                    closes_at__isnull=True,
                    accepts_until__isnull=True,
                )
                | ~Q(state="prepared")
                & Q(
                    number__gte=1,
                    started_at__isnull=False,
                    closes_at__isnull=False,
                    accepts_until__isnull=False,
                ),
                name="prepared_attempt_alone_has_no_number_and_times",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["prepared", "in_progress"]) | Q(submitted_at__isnull=False),
                name="submitted_attempt_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(state="graded", score__isnull=False, passed__isnull=False)
                | ~Q(state="graded") & Q(score__isnull=True, passed__isnull=True),
                name="graded_attempt_alone_has_a_score",
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=F("max_score")),
                name="attempt_score_within_bounds",
            ),
            models.CheckConstraint(
                condition=Q(stopped_by__isnull=True)
                | ~Q(state="in_progress") & Q(submitted_by_clock=False) & ~Q(stop_reason=""),
                name="stopped_attempt_is_closed_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(navigation="forward", furthest__gte=1)
                | ~Q(navigation="forward") & Q(furthest__isnull=True),
                name="attempt_without_way_back_knows_where_it_is",
            ),
            models.CheckConstraint(
                condition=Q(accepts_until__gte=F("closes_at")), name="attempt_takes_answers_until_it_closes"
            ),
        ]
        indexes = [models.Index(fields=["state", "accepts_until"], name="attempt_by_deadline")]

    def __str__(self) -> str:
        return f"{self.quiz} #{self.number}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.IN_PROGRESS

    @property
    def is_being_marked(self) -> bool:
        return self.state == self.State.SUBMITTED

    def takes_answers(self, *, now: datetime) -> bool:
        return self.is_open and now <= self.accepts_until

    @property
    def percent(self) -> Decimal | None:
        """The score in per cent, cut (never rounded up) to one decimal, so that 49,96 does not read as a pass of 50."""
        if self.score is None:
            return None
        return (self.score * 100 / self.max_score).quantize(Decimal("0.1"), rounding=ROUND_DOWN)


class AttemptQuestion(Record):
    """One drawn question with its frozen order of choices, and the newest acknowledged answer.

    ``answer`` is described in ``scoring``; ``mark`` is there from the moment it is known, below nothing where a wrong choice
    costs something. ``sequence`` grows with every save and an older one
    never overwrites a newer.
    """

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="questions")
    version = models.ForeignKey("assessments.QuestionVersion", on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    section = models.CharField(max_length=120, blank=True)
    choice_order = models.JSONField(default=list)
    max_mark = models.DecimalField(max_digits=5, decimal_places=2, default=1)
    answer = models.JSONField(null=True)
    sequence = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(null=True)
    mark = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    # By which corrected key the mark was made; None: by the version's own.
    correction = models.ForeignKey(
        "assessments.KeyCorrection", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["attempt", "position"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "position"], name="one_question_per_position"),
            models.UniqueConstraint(fields=["attempt", "version"], name="no_question_drawn_twice"),
            models.CheckConstraint(
                condition=Q(mark__isnull=True) | Q(mark__gte=-F("max_mark"), mark__lte=F("max_mark")),
                name="mark_within_bounds",
            ),
        ]

    @property
    def is_answered(self) -> bool:
        return any((self.answer or {}).values())

    @property
    def handed_in(self) -> list:
        """The files the answer names, in its order."""
        known = {str(file.public_id): file for file in self.files.all()}
        return [known[one] for one in (self.answer or {}).get("files", ()) if one in known]

    @property
    def key(self) -> list | dict:
        """The key its mark is made by."""
        content = self.version.content
        return self.correction.key_of(content) if self.correction else content["key"]

    @property
    def rules(self) -> dict | None:
        content = self.version.content
        return self.correction.rules_of(content) if self.correction else content.get("rules")

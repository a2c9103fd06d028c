"""Conduct of an exam: what is granted beside the rules, and what its supervisors tell the learners."""

from dataclasses import dataclass

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from lms.core.models import Record

LONGEST_REASON = 300
MOST_MINUTES = 600
MOST_ATTEMPTS = 20


@dataclass(frozen=True)
class Allowance:
    """What a learner has beside the rules of a quiz."""

    minutes: int = 0
    attempts: int = 0


class AccommodationQuerySet(models.QuerySet):
    def standing(self) -> "AccommodationQuerySet":
        return self.filter(withdrawn_at=None)

    def for_enrolment(self, enrolment) -> "AccommodationQuerySet":
        """Those granted to this learner alone, and those to the whole class."""
        return self.filter(Q(enrolment=enrolment) | Q(enrolment=None), run=enrolment.run_id)

    def allowance(self, *, quiz, enrolment) -> Allowance:
        """What stands for a learner at a quiz; grants add up. One query."""
        found = (
            self.standing()
            .for_enrolment(enrolment)
            .filter(quiz=quiz)
            .aggregate(minutes=Sum("extra_minutes", default=0), attempts=Sum("extra_attempts", default=0))
        )
        return Allowance(**found)


class Accommodation(Record):
    """Extra time and attempts at one quiz: for one learner, or without ``enrolment`` for the whole class.

    Standing → withdrawn. Grants add up, so that each can be withdrawn by itself and the trail stays readable.
    """

    quiz = models.ForeignKey("assessments.Quiz", on_delete=models.PROTECT, related_name="accommodations")
    run = models.ForeignKey("courses.Run", on_delete=models.PROTECT, related_name="+")
    enrolment = models.ForeignKey(
        "courses.Enrolment", null=True, on_delete=models.PROTECT, related_name="accommodations"
    )
    extra_minutes = models.PositiveSmallIntegerField(
        _("extra minutes"), default=0, validators=[MaxValueValidator(MOST_MINUTES)]
    )
    extra_attempts = models.PositiveSmallIntegerField(
        _("extra attempts"), default=0, validators=[MaxValueValidator(MOST_ATTEMPTS)]
    )
    reason = models.CharField(_("reason"), max_length=LONGEST_REASON)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    granted_at = models.DateTimeField(_("granted at"))
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)
    withdrawal_reason = models.CharField(max_length=LONGEST_REASON, blank=True)

    objects = AccommodationQuerySet.as_manager()

    class Meta:
        verbose_name = _("accommodation")
        verbose_name_plural = _("accommodations")
        ordering = ["-granted_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(extra_minutes__gt=0) | Q(extra_attempts__gt=0),
                name="accommodation_grants_something",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="accommodation_has_a_reason"),
        ]
        indexes = [models.Index(fields=["quiz", "run"], name="accommodation_by_quiz_and_run")]

    def __str__(self) -> str:
        return f"{self.quiz}: +{self.extra_minutes} min, +{self.extra_attempts}"


class ExamMessageQuerySet(models.QuerySet):
    def for_attempt(self, attempt) -> "ExamMessageQuerySet":
        """Those to this learner, and those to all who were writing: nobody is told what was said before the start."""
        return self.filter(
            Q(attempt=attempt)
            | Q(
                attempt=None,
                quiz=attempt.quiz_id,
                run=attempt.enrolment.run_id,
                sent_at__gte=attempt.started_at,
            )
        ).order_by("pk")


class ExamMessage(Record):
    """Words of a supervisor to everybody who writes a quiz of a class, or with ``attempt`` to one of them."""

    quiz = models.ForeignKey("assessments.Quiz", on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey("courses.Run", on_delete=models.PROTECT, related_name="+")
    attempt = models.ForeignKey(
        "assessments.Attempt", null=True, on_delete=models.PROTECT, related_name="messages"
    )
    text = models.CharField(_("message"), max_length=500)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    sent_at = models.DateTimeField(_("sent at"))

    objects = ExamMessageQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["quiz", "run", "sent_at"], name="exam_message_by_quiz_and_run")]

    def __str__(self) -> str:
        return self.text

"""The timetable of a class, and who was there."""

from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms.core.models import Record
from lms.core.templatetags.ui import day

from .enrolments import Enrolment


class SessionQuerySet(models.QuerySet):
    def standing(self) -> "SessionQuerySet":
        """Those that take place."""
        return self.filter(cancelled_reason="")

    def of_learner(self, user) -> "SessionQuerySet":
        """Sessions of the classes a person has a place in."""
        return self.filter(run__enrolments__learner=user, run__enrolments__state__in=Enrolment.HOLDING_STATES)


class Session(Record):
    """One meeting of a class (buổi học). A session that is called off stays, with the reason.

    ``version`` counts its changes: a form that was opened before the last of them is refused, and a calendar knows by it
    which of two copies is newer. ``check_in_code`` is plain because it hangs on the wall; ``check_in_until`` ends it.
    """

    run = models.ForeignKey(
        "courses.Run", verbose_name=_("run"), on_delete=models.PROTECT, related_name="sessions"
    )
    day = models.DateField(pgettext_lazy("session", "day"))
    begins_at = models.TimeField(pgettext_lazy("session", "begins at"))
    ends_at = models.TimeField(pgettext_lazy("session", "ends at"))
    room = models.CharField(_("classroom"), max_length=100, blank=True)
    topic = models.CharField(pgettext_lazy("session", "topic"), max_length=250)
    trainer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("trainer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    periods = models.DecimalField(
        _("periods"),
        max_digits=3,
        decimal_places=1,
        validators=[MinValueValidator(Decimal("0.5")), MaxValueValidator(Decimal(16))],
    )
    cancelled_reason = models.CharField(_("reason"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    check_in_code = models.CharField(max_length=8, blank=True)
    check_in_until = models.DateTimeField(null=True, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session of a class")
        verbose_name_plural = _("sessions of classes")
        ordering = ["day", "begins_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at")), name="session_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=Q(periods__gt=0), name="session_has_periods"),
            models.CheckConstraint(
                condition=Q(check_in_code="") | Q(check_in_until__isnull=False), name="check_in_code_ends"
            ),
            models.UniqueConstraint(
                fields=["check_in_code"], condition=~Q(check_in_code=""), name="one_session_per_check_in_code"
            ),
        ]
        indexes = [
            models.Index(fields=["run", "day"], name="session_by_run"),
            models.Index(fields=["day"], name="session_by_day"),
        ]

    def __str__(self) -> str:
        return f"{day(self.day)} {self.hours}, {self.topic}"

    @property
    def hours(self) -> str:
        return f"{self.begins_at:%H:%M}–{self.ends_at:%H:%M}"

    @property
    def is_cancelled(self) -> bool:
        return bool(self.cancelled_reason)

    @property
    def starts(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.day, self.begins_at))

    @property
    def ends(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.day, self.ends_at))

    def takes_check_ins(self, now: datetime) -> bool:
        """The code on the wall is good at that moment."""
        return bool(
            self.check_in_code
            and not self.is_cancelled
            and self.check_in_until > now
            and self.day == timezone.localdate(now)
        )


class Attendance(Record):
    """Whether one learner was at one session. No row: nobody has said yet."""

    class State(models.TextChoices):
        PRESENT = "present", pgettext_lazy("attendance", "present")
        EXCUSED = "excused", pgettext_lazy("attendance", "absent with leave")
        ABSENT = "absent", pgettext_lazy("attendance", "absent without leave")

    class How(models.TextChoices):
        LIST = "list", pgettext_lazy("attendance", "by the list")
        CODE = "code", pgettext_lazy("attendance", "by the code")

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="attendances")
    enrolment = models.ForeignKey("courses.Enrolment", on_delete=models.PROTECT, related_name="attendances")
    state = models.CharField(_("state"), max_length=16, choices=State.choices)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    how = models.CharField(max_length=8, choices=How.choices)
    marked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "enrolment"], name="one_attendance_per_session_and_enrolment"
            ),
            models.CheckConstraint(
                condition=~Q(state="excused") | ~Q(reason=""), name="excused_absence_has_its_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment} – {self.session}"

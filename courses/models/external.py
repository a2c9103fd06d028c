"""Training outside the school's own classes that counts towards the yearly tiết."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms.core.models import Record
from lms.core.storage import private_storage


class ExternalTrainingQuerySet(models.QuerySet):
    def counted(self) -> "ExternalTrainingQuerySet":
        """What counts as tiết."""
        return self.filter(state=ExternalTraining.State.APPROVED)


class ExternalTraining(Record):
    """A course one official took elsewhere, entered with its paper by the coordinator and approved by the school.

    submitted → approved | declined | withdrawn; approved → declined, with a reason. ``unit`` is where the official sat
    when the course ended.
    """

    class State(models.TextChoices):
        SUBMITTED = "submitted", pgettext_lazy("external training", "waiting for approval")
        APPROVED = "approved", pgettext_lazy("external training", "approved")
        DECLINED = "declined", pgettext_lazy("external training", "declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("external training", "taken back")

    LIVE_STATES = [State.SUBMITTED, State.APPROVED]

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("official"),
        on_delete=models.PROTECT,
        related_name="external_trainings",
    )
    unit = models.ForeignKey(
        "organisations.Unit", verbose_name=_("unit"), on_delete=models.PROTECT, related_name="+"
    )
    title = models.CharField(_("course"), max_length=250)
    organiser = models.CharField(_("held by"), max_length=200)
    started_on = models.DateField(_("from"))
    finished_on = models.DateField(_("to"))
    periods = models.DecimalField(
        _("periods"),
        max_digits=4,
        decimal_places=1,
        validators=[MinValueValidator(Decimal("0.5")), MaxValueValidator(Decimal(999))],
    )
    document_number = models.CharField(_("number of the certificate"), max_length=64, blank=True)
    scan = models.FileField(_("scan"), upload_to="external-training/%Y/", storage=private_storage)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.SUBMITTED)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    objects = ExternalTrainingQuerySet.as_manager()

    class Meta:
        verbose_name = _("external training")
        verbose_name_plural = _("external trainings")
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_on__gte=F("started_on")), name="external_training_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=Q(periods__gt=0), name="external_training_has_periods"),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(decided_at__isnull=False),
                name="approved_external_training_has_its_time",
            ),
            models.UniqueConstraint(
                fields=["person", "title", "finished_on"],
                condition=Q(state__in=["submitted", "approved"]),
                name="one_external_training_per_person_title_and_day",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "state"], name="external_by_person"),
            models.Index(fields=["state", "entered_at"], name="external_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.person} – {self.title}"

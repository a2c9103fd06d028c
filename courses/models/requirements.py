"""Who has to complete which course, because of which decision, and who need not."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from courses.obligation_rules import Term
from lms.core.models import Record
from lms.core.storage import private_storage
from lms.organisations.models import PersonnelCategory


class Requirement(Record):
    """These people must complete this course by a day, because of a decision.

    The audience are the officials whose main posting lies in one of ``units`` or below (no unit: everywhere), and, where
    given, whose category, rank code and position are among those listed; or the people of ``members`` alone. It holds from
    ``starts_on`` up to, not including, ``ends_on``.
    """

    class Audience(models.TextChoices):
        RULE = "rule", _("everybody the conditions fit, newcomers too")
        LIST = "list", _("people on a list")

    class Recurrence(models.TextChoices):
        ONCE = "once", pgettext_lazy("requirement", "once")
        YEARLY = "yearly", pgettext_lazy("requirement", "every calendar year")

    code = models.CharField(_("code"), max_length=32, unique=True)
    title = models.CharField(_("title"), max_length=200)
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    course = models.ForeignKey(
        "courses.CoursePage", verbose_name=_("course"), on_delete=models.PROTECT, related_name="requirements"
    )
    audience = models.CharField(_("who"), max_length=8, choices=Audience.choices, default=Audience.RULE)
    categories = models.JSONField(_("categories"), default=list, blank=True)
    rank_codes = models.JSONField(_("rank codes"), default=list, blank=True)
    positions = models.JSONField(_("positions"), default=list, blank=True)
    recurrence = models.CharField(
        _("how often"), max_length=8, choices=Recurrence.choices, default=Recurrence.ONCE
    )
    starts_on = models.DateField(_("holds from"))
    ends_on = models.DateField(_("holds no longer from"), null=True, blank=True)
    due_on = models.DateField(_("to be completed by"), null=True, blank=True)
    within_days = models.PositiveSmallIntegerField(
        _("or within so many days"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    newcomer_days = models.PositiveSmallIntegerField(
        _("days for newcomers"), default=90, validators=[MinValueValidator(1)]
    )
    decision_number = models.CharField(_("decision number"), max_length=64)
    decision_date = models.DateField(_("decision date"))
    decision_signer = models.CharField(_("signed by"), max_length=100, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("requirement")
        verbose_name_plural = _("requirements")
        ordering = ["-starts_on", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) ^ Q(within_days__isnull=True),
                name="requirement_has_a_day_or_a_term",
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) | Q(due_on__gte=F("starts_on")),
                name="requirement_is_due_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
                name="requirement_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def display_title(self) -> str:
        return self.title_en if get_language() == "en" and self.title_en else self.title

    @property
    def shown_categories(self) -> list[str]:
        labels = dict(PersonnelCategory.choices)
        return [str(labels.get(category, category)) for category in self.categories]

    @property
    def term(self) -> Term:
        return Term(
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            due_on=self.due_on,
            within_days=self.within_days,
            newcomer_days=self.newcomer_days,
            yearly=self.recurrence == self.Recurrence.YEARLY,
        )


class RequirementUnit(Record):
    requirement = models.ForeignKey(Requirement, on_delete=models.CASCADE, related_name="unit_links")
    unit = models.ForeignKey("organisations.Unit", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["requirement", "unit"], name="one_link_per_requirement_and_unit")
        ]


class RequirementMember(Record):
    requirement = models.ForeignKey(Requirement, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["requirement", "person"], name="one_membership_per_requirement_and_person"
            )
        ]


class Exemption(Record):
    """One official need not meet a requirement, from a day up to, not including, another."""

    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="exemptions")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("official"), on_delete=models.PROTECT, related_name="+"
    )
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300)
    document_number = models.CharField(_("number of the paper"), max_length=64, blank=True)
    scan = models.FileField(_("scan"), upload_to="exemptions/%Y/", storage=private_storage, blank=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("exemption")
        verbose_name_plural = _("exemptions")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="exemption_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["requirement", "person"],
                condition=Q(valid_to__isnull=True),
                name="one_open_exemption_per_requirement_and_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} – {self.requirement}"


class Recognition(Record):
    """Approved training taken elsewhere that the school recognises as equal to a requirement's course."""

    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="recognitions")
    training = models.ForeignKey(
        "courses.ExternalTraining", on_delete=models.PROTECT, related_name="recognitions"
    )
    reason = models.CharField(_("reason"), max_length=300)
    recognised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recognised_at = models.DateTimeField()

    class Meta:
        verbose_name = _("recognition")
        verbose_name_plural = _("recognitions")
        constraints = [
            models.UniqueConstraint(
                fields=["requirement", "training"], name="one_recognition_per_requirement_and_training"
            )
        ]

    def __str__(self) -> str:
        return f"{self.training} – {self.requirement}"

"""Who sits where, and who may do what on which subtree."""

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.core.models import Record

from .units import Unit


class PersonnelCategory(models.TextChoices):
    CADRE = "can_bo", _("cadre (cán bộ)")
    CIVIL_SERVANT = "cong_chuc", _("civil servant (công chức)")
    PUBLIC_EMPLOYEE = "vien_chuc", _("public employee (viên chức)")
    CONTRACT = "hop_dong", _("contract staff")


class PostingQuerySet(models.QuerySet):
    def on(self, day: date) -> "PostingQuerySet":
        """Postings that hold on the day."""
        return self.filter(valid_from__lte=day).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day))

    def main(self) -> "PostingQuerySet":
        return self.filter(is_main=True)


class Posting(Record):
    """An official sits in a unit with a position and a rank, from ``valid_from`` up to, not including, ``valid_to``."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="postings")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="postings")
    position = models.CharField(_("position"), max_length=150, blank=True)
    category = models.CharField(_("category"), max_length=16, choices=PersonnelCategory.choices, blank=True)
    rank_code = models.CharField(_("rank code"), max_length=16, blank=True)
    rank_name = models.CharField(_("rank"), max_length=100, blank=True)
    is_main = models.BooleanField(_("main posting"), default=True)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True, blank=True)

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(is_main=True, valid_to__isnull=True),
                name="one_open_main_posting_per_person",
            ),
        ]
        indexes = [models.Index(fields=["unit", "valid_to"], name="posting_by_unit")]

    def __str__(self) -> str:
        return f"{self.person} – {self.unit}"

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    @property
    def last_day(self) -> date | None:
        """The last day in the posting; None while it is open."""
        return self.valid_to - timedelta(days=1) if self.valid_to else None


class Role(models.TextChoices):
    """What people may do beyond studying. A learner needs no grant."""

    TRAINER = "trainer", _("trainer")
    COORDINATOR = "coordinator", _("unit coordinator")
    SCHOOL_ADMINISTRATOR = "school_administrator", _("school administrator")
    SCHOOL_LEADER = "school_leader", _("school leader")
    MINISTRY_READER = "ministry_reader", _("ministry reader")
    SYSTEM_ADMINISTRATOR = "system_administrator", _("system administrator")


class RoleGrantQuerySet(models.QuerySet):
    def on(self, day: date) -> "RoleGrantQuerySet":
        return self.filter(valid_from__lte=day).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day))


class RoleGrant(Record):
    """A role on a unit and its subtree, with its days, by whom and by which decision."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(_("role"), max_length=32, choices=Role.choices)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="role_grants")
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decision_number = models.CharField(_("decision number"), max_length=64, blank=True)

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("role grant")
        verbose_name_plural = _("role grants")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role", "unit"],
                condition=Q(valid_to__isnull=True),
                name="one_open_grant_per_person_role_and_unit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_role_display()} – {self.unit}"

"""Units with a permanent identity and a dated shape, and the events that changed them."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from lms.core.models import Record
from lms.core.storage import private_storage
from lms.core.vietnamese import fold


class UnitKind(models.TextChoices):
    MINISTRY = "bo", _("ministry")
    DIRECTORATE = "tong_cuc", _("directorate general")
    DEPARTMENT = "vu", _("department (vụ)")
    AGENCY = "cuc", _("agency (cục)")
    INSPECTORATE = "thanh_tra", _("inspectorate")
    OFFICE = "van_phong", _("office")
    PUBLIC_SERVICE = "su_nghiep", _("public-service unit")
    SECTION = "bo_phan", _("section")
    CAMPUS = "co_so", _("campus")


class UnitQuerySet(models.QuerySet):
    def subtree_of(self, unit: "Unit") -> "UnitQuerySet":
        """The unit and everything below it in today's structure."""
        return self.filter(path__startswith=unit.path)

    def existing(self) -> "UnitQuerySet":
        """Units that stand today; merged, split and dissolved ones are kept but chosen no more."""
        return self.filter(ended_on__isnull=True)

    def search(self, text: str) -> "UnitQuerySet":
        """Units whose name or code holds every word, marks or no marks."""
        units = self
        for word in fold(text).split():
            units = units.filter(search_text__contains=word)
        return units

    def in_tree_order(self) -> "UnitQuerySet":
        return self.order_by("path")


class Unit(Record):
    """A unit's identity, permanent, with its shape of today.

    The dated truth is in ``UnitVersion``; the fields here are its projection on today, kept by the services, so that
    scoping is one indexed prefix match. ``path`` is made of ordinals of four digits: "0001" is a root, "00010007"
    its seventh child, so ``path__startswith`` is the subtree and ordering by it is a depth-first walk. A unit that has
    ended stands below the one that took over its records, so that whoever answers for that one reads them.
    """

    code = models.CharField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=255)
    name_en = models.CharField(_("name in English"), max_length=255, blank=True)
    kind = models.CharField(_("kind"), max_length=16, choices=UnitKind.choices)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    path = models.CharField(max_length=120, unique=True, editable=False)
    ended_on = models.DateField(_("first day without it"), null=True, editable=False)
    search_text = models.CharField(max_length=600, editable=False, default="")

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["path"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        self.set_derived_fields()
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "search_text"}
        super().save(*args, **kwargs)

    def set_derived_fields(self) -> None:
        """What is searched by; bulk paths call it themselves."""
        self.search_text = fold(f"{self.name} {self.name_en} {self.code}")[:600]

    @property
    def depth(self) -> int:
        """0 for a root."""
        return len(self.path) // 4 - 1

    @property
    def display_name(self) -> str:
        """The name in the reader's language."""
        return self.name_en if get_language() == "en" and self.name_en else self.name

    def is_within(self, other: "Unit") -> bool:
        return self.path.startswith(other.path)


class UnitVersionQuerySet(models.QuerySet):
    def on(self, day: date) -> "UnitVersionQuerySet":
        """The shape of every unit that stood on the day."""
        return self.filter(valid_from__lte=day).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day))


class UnitEvent(Record):
    """A change of the structure: what was done, from which day, by which decision.

    ``changes`` holds what undoing needs: the ids of versions, postings, roles and enrolments it opened, closed or moved.
    """

    class Kind(models.TextChoices):
        CREATE = "create", pgettext_lazy("unit event", "new unit")
        RENAME = "rename", pgettext_lazy("unit event", "change of name, kind or code")
        MOVE = "move", pgettext_lazy("unit event", "move to another parent")
        MERGE = "merge", pgettext_lazy("unit event", "merger")
        SPLIT = "split", pgettext_lazy("unit event", "split")
        TRANSFER = "transfer", pgettext_lazy("unit event", "transfer of a part")
        DISSOLVE = "dissolve", pgettext_lazy("unit event", "dissolution")

    kind = models.CharField(_("kind of change"), max_length=16, choices=Kind.choices)
    effective_on = models.DateField(_("takes effect on"))
    decision_number = models.CharField(_("decision number"), max_length=64, blank=True)
    decision_date = models.DateField(_("decision date"), null=True, blank=True)
    scan = models.FileField(
        _("scan of the decision"), upload_to="unit-events/%Y/", storage=private_storage, blank=True
    )
    note = models.TextField(_("note"), blank=True)
    to_confirm = models.BooleanField(_("to be confirmed"), default=False)
    units = models.ManyToManyField(Unit, verbose_name=_("units"), related_name="events")
    changes = models.JSONField(default=dict, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("recorded by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    recorded_at = models.DateTimeField(_("recorded at"))
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_at = models.DateTimeField(_("undone at"), null=True)

    class Meta:
        verbose_name = _("change of the structure")
        verbose_name_plural = _("changes of the structure")
        ordering = ["-effective_on", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.effective_on:%d/%m/%Y})"


class UnitSuccession(Record):
    """Where (a part of) a unit went. ``is_main`` marks the one that took over its records when it ended."""

    event = models.ForeignKey(UnitEvent, on_delete=models.PROTECT, related_name="successions")
    from_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="successors")
    to_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="predecessors")
    is_main = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "from_unit", "to_unit"], name="one_succession_per_event_and_units"
            ),
            models.UniqueConstraint(
                fields=["from_unit"], condition=Q(is_main=True), name="one_unit_takes_over_the_records"
            ),
            models.CheckConstraint(condition=~Q(from_unit=F("to_unit")), name="no_unit_succeeds_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.from_unit} → {self.to_unit}"


class UnitVersion(Record):
    """What a unit was called and where it stood from ``valid_from`` up to, not including, ``valid_to``."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="versions")
    code = models.CharField(max_length=32, default="")
    name = models.CharField(max_length=255)
    name_en = models.CharField(max_length=255, blank=True)
    kind = models.CharField(max_length=16, choices=UnitKind.choices)
    parent = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    opened_by = models.ForeignKey(UnitEvent, null=True, on_delete=models.PROTECT, related_name="+")
    closed_by = models.ForeignKey(UnitEvent, null=True, on_delete=models.PROTECT, related_name="+")

    objects = UnitVersionQuerySet.as_manager()

    class Meta:
        ordering = ["unit", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "valid_from"], name="one_unit_version_per_day"),
            models.UniqueConstraint(
                fields=["unit"], condition=Q(valid_to__isnull=True), name="one_open_version_per_unit"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="unit_version_has_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.valid_from:%d/%m/%Y})"

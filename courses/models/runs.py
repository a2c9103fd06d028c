"""Runs of a course, and what must be met to complete it."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from courses.page_links import shown_title
from lms.core.models import Record
from lms.core.vietnamese import fold
from lms.organisations.access import access_for
from lms.organisations.models import Role


class RunQuerySet(models.QuerySet):
    def visible_to(self, user) -> "RunQuerySet":
        """Runs whose whole list a person may read: all for those who work for training, the own ones for a trainer."""
        access = access_for(user)
        if access.sees_all_units:
            return self
        if access.has(Role.TRAINER):
            return self.filter(pk__in=RunTrainer.objects.filter(person=user).values("run"))
        return self.none()

    def search(self, text: str) -> "RunQuerySet":
        """Runs whose code, name or decision holds every word, marks or no marks."""
        runs = self
        for word in fold(text).split():
            runs = runs.filter(search_text__contains=word)
        return runs

    def open_for_enrolment(self, *, on: date) -> "RunQuerySet":
        """Runs one may put oneself into on the day; capacity is checked when enrolling."""
        return self.filter(state=Run.State.OPEN, policy=Run.Policy.SELF, opens_on__lte=on, closes_on__gte=on)

    def open_for_nomination(self, *, on: date) -> "RunQuerySet":
        return self.filter(state=Run.State.OPEN, policy=Run.Policy.NOMINATION, closes_on__gte=on)

    def with_course(self) -> "RunQuerySet":
        """Each with its course and ``course_title``, the course's name in the reader's language: one query."""
        return self.select_related("course").annotate(course_title=shown_title("course__"))

    def with_seats_taken(self) -> "RunQuerySet":
        """Adds ``seats_taken``: enrolments that hold a place."""
        return self.annotate(
            seats_taken=models.Count(
                "enrolments",
                filter=~Q(enrolments__state__in=["nominated", "withdrawn", "expired"]),
                distinct=True,
            )
        )


class Run(Record):
    """An edition of a course (khóa, lớp) with its window, places and decision.

    ``opens_on`` and ``closes_on`` are both days of study; ``due_on`` is the day everything must be done by.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("being prepared")
        OPEN = "open", _("open")
        FINISHED = "finished", _("finished")

    class Policy(models.TextChoices):
        SELF = "self", _("officials enrol themselves")
        NOMINATION = "nomination", _("units nominate, the school approves")

    course = models.ForeignKey(
        "courses.CoursePage", verbose_name=_("course"), on_delete=models.PROTECT, related_name="runs"
    )
    code = models.CharField(_("code"), max_length=32, unique=True)
    title = models.CharField(_("name of the class"), max_length=200)
    title_en = models.CharField(_("name in English"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.DRAFT)
    policy = models.CharField(
        _("enrolment"), max_length=16, choices=Policy.choices, default=Policy.NOMINATION
    )
    opens_on = models.DateField(_("opens on"))
    closes_on = models.DateField(_("closes on"))
    due_on = models.DateField(_("to be completed by"))
    capacity = models.PositiveIntegerField(
        _("places"), null=True, blank=True, help_text=_("Empty for no limit.")
    )
    decision_number = models.CharField(_("decision number"), max_length=64, blank=True)
    decision_date = models.DateField(_("decision date"), null=True, blank=True)
    decision_signer = models.CharField(_("signed by"), max_length=100, blank=True)
    search_text = models.CharField(max_length=600, editable=False, default="")

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["-opens_on", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")), name="run_closes_after_it_opens"
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("opens_on")) & Q(due_on__lte=F("closes_on")),
                name="run_is_due_within_its_window",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args, **kwargs) -> None:
        self.search_text = fold(f"{self.code} {self.title} {self.title_en} {self.decision_number}")[:600]
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "search_text"}
        super().save(*args, **kwargs)

    @property
    def display_title(self) -> str:
        return self.title_en if get_language() == "en" and self.title_en else self.title


class RunTrainer(Record):
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="trainer_links")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="run_links")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "person"], name="one_link_per_run_and_trainer")]


class Criterion(Record):
    """Something beside the lessons that must be met to complete a course, registered by an upper room.

    ``kind`` says whose it is ("quiz"), ``key`` which one, in that room's words; ``courses`` knows nothing more. How to
    reach it is asked of the kind's registered ``CriterionKind`` (``courses.criteria``).
    """

    course = models.ForeignKey("courses.CoursePage", on_delete=models.PROTECT, related_name="criteria")
    module = models.ForeignKey(
        "courses.ModulePage", null=True, blank=True, on_delete=models.PROTECT, related_name="criteria"
    )
    kind = models.CharField(max_length=32)
    key = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["course", "pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="one_criterion_per_kind_and_key")]

    def __str__(self) -> str:
        return self.title

    @property
    def display_title(self) -> str:
        return self.title_en if get_language() == "en" and self.title_en else self.title

"""Question banks: categories, questions and their frozen versions."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import PreviewableMixin

from assessments.question_content import Row, Words
from lms.core.models import Record
from lms.core.vietnamese import fold


class QuestionCategory(models.Model):
    """A bank: the questions of one module or theme."""

    code = models.CharField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=200)

    class Meta:
        verbose_name = _("question bank")
        verbose_name_plural = _("question banks")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code}. {self.name}"


class QuestionKind(models.TextChoices):
    SINGLE = "single", _("one right answer")
    MULTIPLE = "multiple", _("several right answers")
    TRUE_FALSE = "true_false", _("true or false")
    SHORT = "short", _("a short text")
    NUMBER = "number", _("a number")
    MATCHING = "matching", _("matching")
    ORDERING = "ordering", _("ordering")
    GAPS = "gaps", _("a text with gaps")
    ESSAY = "essay", _("an essay")


class Credit(models.TextChoices):
    """What several parts earn; see ``scoring``."""

    PARTS = "parts", _("each right part earns its share")
    ALL = "all", _("all parts right, or nothing")


class Matching(models.TextChoices):
    """How closely a short answer has to match; see ``scoring``."""

    EXACT = "exact", _("to the letter")
    CASE = "case", _("capitals do not matter")
    MARKS = "marks", _("capitals and Vietnamese marks do not matter")


class Difficulty(models.TextChoices):
    EASY = "easy", _("easy")
    MEDIUM = "medium", _("medium")
    HARD = "hard", _("hard")


class Question(PreviewableMixin, ClusterableModel):
    """What a trainer edits. Learners meet only versions of it, which never change."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        READY = "ready", _("ready for use")
        RETIRED = "retired", _("retired")

    category = models.ForeignKey(
        QuestionCategory, verbose_name=_("bank"), on_delete=models.PROTECT, related_name="questions"
    )
    code = models.CharField(_("code"), max_length=64, unique=True)
    kind = models.CharField(
        _("type"), max_length=16, choices=QuestionKind.choices, default=QuestionKind.SINGLE
    )
    difficulty = models.CharField(
        _("difficulty"), max_length=8, choices=Difficulty.choices, default=Difficulty.MEDIUM
    )
    stem = models.TextField(_("question"))
    matching = models.CharField(
        _("written answers"), max_length=8, choices=Matching.choices, default=Matching.CASE
    )
    tolerance = models.DecimalField(
        _("tolerance of the number"),
        max_digits=20,
        decimal_places=8,
        default=0,
        validators=[MinValueValidator(0)],
        help_text=_("A number off by so much to either side is still right."),
    )
    units = models.CharField(
        _("units of the number"),
        max_length=200,
        blank=True,
        help_text=_(
            "The unit of the accepted numbers first, others with what one of them is in it: km; m=0,001. "
            "An answer without a unit is taken in the first one."
        ),
    )
    credit = models.CharField(
        _("several parts"),
        max_length=8,
        choices=Credit.choices,
        default=Credit.PARTS,
        help_text=_("Of several right answers, pairs, an order or gaps."),
    )
    feedback = models.TextField(_("explanation"), blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.DRAFT)
    current_version = models.ForeignKey(
        "assessments.QuestionVersion", null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    # Code, question and choices with marks dropped: what the bank's search reads.
    folded_text = models.TextField(editable=False, blank=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["code"]
        indexes = [models.Index(fields=["category", "status"], name="question_by_category")]

    def __str__(self) -> str:
        return f"{self.code}: {Truncator(self.stem).chars(90)}"

    def save(self, *args, **kwargs) -> None:
        self.folded_text = fold(
            " ".join([self.code, self.stem, *(f"{row.text} {row.match}".rstrip() for row in self.rows)])
        )
        super().save(*args, **kwargs)

    @property
    def rows(self) -> list[Row]:
        """The lines below the question as they are written now, saved or not."""
        return [
            Row(choice.text, choice.is_correct, choice.match, choice.feedback)
            for choice in self.choices.all()
        ]

    @property
    def words(self) -> Words:
        """The question as it is written now."""
        return Words(
            kind=self.kind,
            stem=self.stem,
            rows=self.rows,
            feedback=self.feedback,
            matching=self.matching,
            tolerance=self.tolerance,
            units=self.units,
            credit=self.credit,
        )

    def get_preview_template(self, request, mode_name: str) -> str:
        return "assessments/preview_question.html"

    def get_preview_context(self, request, mode_name: str) -> dict:
        """The question as the attempt's page shows it, unsaved changes included; nothing says which choice is right."""
        from assessments.papers import (
            preview_of,
        )  # the paper is built from models; only this reads the other way

        return super().get_preview_context(request, mode_name) | {"question": preview_of(self)}


class QuestionChoice(models.Model):
    """A line below the question: a choice, an accepted answer, a pair, a step, a criterion (``question_content.Row``)."""

    question = ParentalKey(Question, on_delete=models.CASCADE, related_name="choices")
    sort_order = models.PositiveSmallIntegerField(default=0, editable=False)
    text = models.CharField(_("choice"), max_length=500, blank=True)
    is_correct = models.BooleanField(_("right"), default=False)
    match = models.CharField(
        _("goes with"),
        max_length=500,
        blank=True,
        help_text=_("Of matching the other half, of a criterion its points, of a number its own tolerance."),
    )
    feedback = models.CharField(_("what is said of it"), max_length=500, blank=True)
    percent = models.DecimalField(
        _("share of the mark, per cent"),
        max_digits=7,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(-100), MaxValueValidator(100)],
        help_text=_("Left empty: by the rule of the type."),
    )

    sort_order_field = "sort_order"  # Wagtail's inline panel lets the rows be moved

    class Meta:
        ordering = ["sort_order", "pk"]


class QuestionVersion(Record):
    """The words a learner was asked, frozen; ``content`` is described in ``question_content``.

    A question that was answered is never edited in place: saving it with other words makes the next version.
    """

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=QuestionKind.choices)
    content = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["question", "number"], name="one_version_per_question_and_number")
        ]

    def __str__(self) -> str:
        return f"{self.question.code} v{self.number}"

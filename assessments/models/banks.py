"""Question banks: categories, questions and their frozen versions."""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import PreviewableMixin

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
    SHORT = "short", _("a short text")
    NUMBER = "number", _("a number")

    @classmethod
    def typed(cls) -> list[str]:
        """Kinds whose answer is written, not chosen."""
        return [cls.SHORT, cls.NUMBER]


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
        _("short answer"), max_length=8, choices=Matching.choices, default=Matching.CASE
    )
    tolerance = models.DecimalField(
        _("tolerance of the number"),
        max_digits=20,
        decimal_places=8,
        default=0,
        validators=[MinValueValidator(0)],
        help_text=_("A number off by so much to either side is still right."),
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
            " ".join([self.code, self.stem, *(choice.text for choice in self.choices.all())])
        )
        super().save(*args, **kwargs)

    def get_preview_template(self, request, mode_name: str) -> str:
        return "assessments/preview_question.html"

    def get_preview_context(self, request, mode_name: str) -> dict:
        """The question as the attempt's page shows it, unsaved changes included; nothing says which choice is right."""
        is_typed = self.kind in QuestionKind.typed()
        rows = [] if is_typed else self.choices.all()
        choices = [{"id": number, "text": choice.text} for number, choice in enumerate(rows)]
        return super().get_preview_context(request, mode_name) | {
            "question": {
                "position": 1,
                "kind": self.kind,
                "stem": self.stem,
                "choices": choices,
                "takes_several": self.kind == QuestionKind.MULTIPLE,
                "is_typed": is_typed,
                "is_number": self.kind == QuestionKind.NUMBER,
            }
        }


class QuestionChoice(models.Model):
    """A choice; of a typed kind an accepted form of the answer, always right."""

    question = ParentalKey(Question, on_delete=models.CASCADE, related_name="choices")
    sort_order = models.PositiveSmallIntegerField(default=0, editable=False)
    text = models.CharField(_("choice"), max_length=500)
    is_correct = models.BooleanField(_("right"), default=False)

    sort_order_field = "sort_order"  # Wagtail's inline panel lets the rows be moved

    class Meta:
        ordering = ["sort_order", "pk"]


class QuestionVersion(Record):
    """The words a learner was asked, frozen. ``content`` = {"stem", "choices": [{"id", "text"}], "key": [id], "feedback"}.

    Of a typed kind there are no choices, the key is the accepted forms, and "rules" says how they are compared.

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

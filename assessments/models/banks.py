"""Question banks: categories, questions and their frozen versions."""

import hashlib

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from taggit.models import ItemBase, TagBase
from wagtail.models import PreviewableMixin

from assessments.media_words import in_words
from assessments.question_content import Row, Words
from lms.core.models import Record
from lms.core.vietnamese import fold


class QuestionCategoryQuerySet(models.QuerySet):
    def below(self, category: "QuestionCategory") -> "QuestionCategoryQuerySet":
        """The bank and all banks inside it."""
        return self.filter(Q(pk=category.pk) | Q(path__startswith=f"{category.path}{STEP}"))

    def at(self, name: str) -> "QuestionCategory | None":
        """The bank of a code, or of a path of codes: ``NH/NH1``."""
        return self.filter(Q(code=name) | Q(path=name)).first()


STEP = "/"
DEEPEST = 4


class QuestionCategory(models.Model):
    """A bank: the questions of one module or theme. Banks stand inside others; what is drawn from one is drawn from those too."""

    code = models.CharField(
        _("code"),
        max_length=32,
        unique=True,
        validators=[RegexValidator(r"^[^/]+$", _("A code has no “/”."))],
    )
    name = models.CharField(_("name"), max_length=200)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("inside the bank"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    # Codes from the outermost bank down to this one: what "and those below" is asked of.
    path = models.CharField(max_length=200, editable=False, db_index=True, default="")
    parent.wagtail_reference_index_ignore = True  # a bank is no authored page: see tests/architecture

    objects = QuestionCategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("question bank")
        verbose_name_plural = _("question banks")
        ordering = ["path"]

    def __str__(self) -> str:
        return f"{self.code}. {self.name}"

    def save(self, *args, **kwargs) -> None:
        """Keeps the paths of all banks inside it right."""
        before = self.path
        self.path = f"{self.parent.path}{STEP}{self.code}" if self.parent else self.code
        super().save(*args, **kwargs)
        if before and before != self.path:
            inside = QuestionCategory.objects.filter(path__startswith=f"{before}{STEP}")
            for category in inside.order_by("path"):
                moved = f"{self.path}{category.path[len(before) :]}"
                QuestionCategory.objects.filter(pk=category.pk).update(path=moved)

    def clean(self) -> None:
        above = self.parent
        while above is not None:
            if above.pk == self.pk and self.pk:
                raise ValidationError({"parent": _("A bank cannot stand inside itself.")})
            above = above.parent
        if self.parent and self.parent.depth + self._height() > DEEPEST:
            raise ValidationError({"parent": _("Banks stand at most %(most)d deep.") % {"most": DEEPEST}})

    @property
    def depth(self) -> int:
        """1 for a bank that stands in none."""
        return self.path.count(STEP) + 1

    def _height(self) -> int:
        """How many levels this bank and those inside it take."""
        if not self.pk:
            return 1
        paths = QuestionCategory.objects.below(self).values_list("path", flat=True)
        return (
            max((path.count(STEP) for path in paths), default=self.path.count(STEP))
            - self.path.count(STEP)
            + 1
        )


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
    FILE = "file", _("files to hand in")


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


class QuestionTag(TagBase):
    """Words of the trainers' own for finding questions."""

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")


class TaggedQuestion(ItemBase):
    tag = models.ForeignKey(QuestionTag, on_delete=models.CASCADE, related_name="tagged")
    content_object = ParentalKey("assessments.Question", on_delete=models.CASCADE, related_name="tagged")


def stem_key_of(stem: str) -> str:
    """The same for two questions that ask the same words, whatever their marks, capitals and spaces."""
    return hashlib.sha256(" ".join(fold(stem).split()).encode()).hexdigest()[:32]


class QuestionQuerySet(models.QuerySet):
    def with_twins(self) -> "QuestionQuerySet":
        """Adds ``has_twin`` and ``twin_code``: another question, not retired, with the same words."""
        others = Question.objects.filter(stem_key=OuterRef("stem_key")).exclude(pk=OuterRef("pk"))
        others = others.exclude(status=Question.Status.RETIRED).order_by("code")
        return self.annotate(has_twin=Exists(others), twin_code=Subquery(others.values("code")[:1]))


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
    outcome = models.CharField(
        _("outcome it tests"),
        max_length=250,
        blank=True,
        help_text=_("The outcome of the module, in its words."),
    )
    tags = ClusterTaggableManager(
        verbose_name=_("tags"), through="assessments.TaggedQuestion", blank=True, help_text=""
    )
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.DRAFT)
    current_version = models.ForeignKey(
        "assessments.QuestionVersion", null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    # Code, question and choices with marks dropped: what the bank's search reads.
    folded_text = models.TextField(editable=False, blank=True)
    stem_key = models.CharField(max_length=32, editable=False, db_index=True, default="")

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["code"]
        indexes = [models.Index(fields=["category", "status"], name="question_by_category")]

    def __str__(self) -> str:
        return f"{self.code}: {Truncator(in_words(self.stem)).chars(90)}"

    def save(self, *args, **kwargs) -> None:
        self.folded_text = fold(
            " ".join([self.code, self.stem, *(f"{row.text} {row.match}".rstrip() for row in self.rows)])
        )
        self.stem_key = stem_key_of(self.stem)
        super().save(*args, **kwargs)

    @property
    def twins(self) -> models.QuerySet["Question"]:
        """Other questions that ask the same words."""
        same = Question.objects.filter(stem_key=stem_key_of(self.stem)).exclude(pk=self.pk)
        return same.exclude(status=Question.Status.RETIRED)

    @property
    def rows(self) -> list[Row]:
        """The lines below the question as they are written now, saved or not."""
        return [
            Row(choice.text, choice.is_correct, choice.match, choice.feedback, choice.percent)
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
            media=tuple(sorted((one.name, one.source) for one in self.media.all())),
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
    # Those the content names: who was asked the version may fetch them.
    media = models.ManyToManyField("assessments.MediaFile", related_name="versions")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["question", "number"], name="one_version_per_question_and_number")
        ]

    def __str__(self) -> str:
        return f"{self.question.code} v{self.number}"

"""Quizzes: what is drawn, how long, how often, what passes."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from assessments.networks import NetworkUnread, read_networks

from .banks import Difficulty, QuestionCategory


class Quiz(ClusterableModel):
    """A test of one module (its page of the source language). Saving one registers it as a criterion of the course."""

    class Review(models.TextChoices):
        NEVER = "never", _("score only")
        OWN_ANSWERS = (
            "own_answers",
            _("own answers and their marks after submitting, without the right answers"),
        )
        AFTER_CLOSE = "after_close", _("answers and explanations once the quiz is closed for everybody")
        AFTER_SUBMIT = "after_submit", _("answers and explanations after submitting")

    class Navigation(models.TextChoices):
        ALL = "all", _("all questions on one page")
        ONE = "one", _("one question a page, back and forth")
        FORWARD = "forward", _("one question a page, no way back")

    class Counted(models.TextChoices):
        """Which attempt's score counts; whether one has passed is another matter: any passed attempt will do."""

        BEST = "best", pgettext_lazy("attempt", "the best")
        LAST = "last", pgettext_lazy("attempt", "the last")
        FIRST = "first", pgettext_lazy("attempt", "the first")
        MEAN = "mean", _("the mean of all")

    module = models.ForeignKey(
        "courses.ModulePage", verbose_name=_("module"), on_delete=models.PROTECT, related_name="quizzes"
    )
    title = models.CharField(_("title"), max_length=200)
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    time_limit_minutes = models.PositiveSmallIntegerField(
        _("time limit, minutes"), default=30, validators=[MinValueValidator(1)]
    )
    grace_seconds = models.PositiveSmallIntegerField(
        _("grace, seconds"),
        default=15,
        validators=[MaxValueValidator(300)],
        help_text=_("How long after the deadline answers that were on their way are still taken."),
    )
    pass_percent = models.PositiveSmallIntegerField(
        _("pass mark, per cent"), default=50, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    max_attempts = models.PositiveSmallIntegerField(
        _("attempts"), default=3, validators=[MinValueValidator(1)]
    )
    wait_minutes = models.PositiveSmallIntegerField(
        _("pause between attempts, minutes"), default=0, help_text=_("0: the next attempt may start at once.")
    )
    shuffle = models.BooleanField(_("shuffle questions and choices"), default=True)
    penalty_percent = models.PositiveSmallIntegerField(
        _("a wrong choice costs, per cent of its mark"),
        default=0,
        validators=[MaxValueValidator(100)],
        help_text=_(
            "0: wrong answers cost nothing. Only choices cost something; an open question never does."
        ),
    )
    markers = models.PositiveSmallIntegerField(
        _("markers of what is written"),
        choices=[(1, _("one")), (2, _("two, each without seeing the other's mark"))],
        default=1,
    )
    anonymous_marking = models.BooleanField(
        _("markers do not see names"), default=True, help_text=_("Until the marks are released.")
    )
    review = models.CharField(
        _("review"),
        max_length=16,
        choices=Review.choices,
        default=Review.AFTER_SUBMIT,
        help_text=_(
            "Holds at once, for attempts already handed in as well. Where marks are shown and attempts are left, learners "
            "can find out what was right."
        ),
    )
    navigation = models.CharField(
        _("way through the questions"),
        max_length=8,
        choices=Navigation.choices,
        default=Navigation.ALL,
        help_text=_("Attempts already begun keep the way they began with."),
    )
    counted = models.CharField(
        _("attempt that counts"),
        max_length=8,
        choices=Counted.choices,
        default=Counted.BEST,
        help_text=_(
            "For the score in results. Who has passed once has passed: the course keeps that whatever later attempts score."
        ),
    )
    opens_at = models.DateTimeField(
        pgettext_lazy("quiz", "may be started from"),
        null=True,
        blank=True,
        help_text=_("Empty: on every day of the class."),
    )
    closes_at = models.DateTimeField(
        pgettext_lazy("quiz", "open until"),
        null=True,
        blank=True,
        help_text=_("Attempts that are open then are handed in, whatever time they had left."),
    )
    # Not a secret of a person but of a sitting: supervisors read it out, so it is kept as it is.
    password = models.CharField(
        _("password of the exam"),
        max_length=64,
        blank=True,
        help_text=_(
            "Asked for at the start. Supervisors see it and tell it in the room; learners never see it here."
        ),
    )
    allowed_networks = models.TextField(
        _("networks it may be started from"),
        blank=True,
        help_text=_("One a line, such as 10.12.0.0/16 or 203.0.113.7. Empty: from anywhere."),
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("quiz")
        verbose_name_plural = _("quizzes")
        ordering = ["module", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(opens_at__isnull=True)
                | models.Q(closes_at__isnull=True)
                | models.Q(closes_at__gt=models.F("opens_at")),
                name="quiz_closes_after_it_opens",
                violation_error_message=_("The quiz has to close after it opens."),
            )
        ]

    def clean(self) -> None:
        super().clean()
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            raise ValidationError({"closes_at": _("The quiz has to close after it opens.")})
        try:
            read_networks(self.allowed_networks)
        except NetworkUnread as error:
            raise ValidationError(
                {
                    "allowed_networks": _("“%(line)s” is not a network. Write one like 10.12.0.0/16.")
                    % {"line": error.line}
                }
            ) from error

    def __str__(self) -> str:
        return self.title

    @property
    def display_title(self) -> str:
        return self.title_en if get_language() == "en" and self.title_en else self.title

    @property
    def question_count(self) -> int:
        return sum(draw.count for draw in self.draws.all())


class QuizDraw(models.Model):
    """Take ``count`` ready questions at random from a bank and those inside it, of one difficulty or of any; or one by name.

    Draws of one ``section`` stand together under its title.
    """

    quiz = ParentalKey(Quiz, on_delete=models.CASCADE, related_name="draws")
    section = models.CharField(
        pgettext_lazy("quiz", "section"),
        max_length=120,
        blank=True,
        help_text=_("Questions are shuffled inside their section only."),
    )
    category = models.ForeignKey(
        QuestionCategory,
        verbose_name=_("bank"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    difficulty = models.CharField(_("difficulty"), max_length=8, choices=Difficulty.choices, blank=True)
    question = models.ForeignKey(
        "assessments.Question",
        verbose_name=_("or this question"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Always asked; leave bank and difficulty empty and the number at 1."),
    )
    count = models.PositiveSmallIntegerField(
        _("number of questions"), default=1, validators=[MinValueValidator(1)]
    )
    mark = models.DecimalField(
        _("points of each"),
        max_digits=5,
        decimal_places=2,
        default=1,
        validators=[MinValueValidator(Decimal("0.25"))],
    )
    sort_order = models.PositiveSmallIntegerField(default=0, editable=False)

    sort_order_field = "sort_order"  # Wagtail's inline panel lets the rows be moved

    class Meta:
        ordering = ["sort_order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(category__isnull=False, question__isnull=True)
                | Q(category__isnull=True, question__isnull=False, count=1),
                name="draw_of_a_bank_or_of_one_question",
            )
        ]

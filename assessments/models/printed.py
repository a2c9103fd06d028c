"""Quizzes on paper: what was drawn for a printed variant, kept so that paper, answer sheet and key stay one."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.core.models import Record


class PrintedPaper(Record):
    """One variant of a quiz for a class without machines. Frozen as an attempt is: versions, order, order of choices.

    ``questions`` = [{"version": id, "choices": [choice ids in printed order], "mark": points}]. Never changed, never deleted:
    papers of it may lie on desks.
    """

    quiz = models.ForeignKey("assessments.Quiz", on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey("courses.Run", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(_("variant"))
    questions = models.JSONField()
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField()

    class Meta:
        verbose_name = _("printed paper")
        verbose_name_plural = _("printed papers")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["quiz", "run", "number"], name="one_printed_paper_per_variant")
        ]

    def __str__(self) -> str:
        return f"{self.quiz} · {self.run} · {self.code}"

    @property
    def code(self) -> str:
        """As it stands on the sheets: ``003``."""
        return f"{self.number:03}"

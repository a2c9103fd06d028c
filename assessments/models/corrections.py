"""Keys corrected after they were asked by: what a quiz is marked by in place of the frozen key."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.core.models import Record


class KeyCorrectionQuerySet(models.QuerySet):
    def newest_of(self, quiz_id: int) -> "dict[int, KeyCorrection]":
        """The correction in force at a quiz for each version that has any; one query."""
        return {correction.version_id: correction for correction in self.filter(quiz=quiz_id).order_by("pk")}


class KeyCorrection(Record):
    """Another key for one version at one quiz, or its mark for everybody; the newest is in force.

    What was asked and answered stays as it was, the version's own key too. A row is never changed: a second thought is
    a second row. Which one a stored mark was made by stands beside the mark (``AttemptQuestion.correction``), so that a
    score can be recomputed at any moment, while a regrade is under way too.
    """

    class Policy(models.TextChoices):
        KEY = "key", _("another key")
        FULL = "full", _("the full mark for everybody")

    quiz = models.ForeignKey("assessments.Quiz", on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(
        "assessments.QuestionVersion", on_delete=models.PROTECT, related_name="corrections"
    )
    policy = models.CharField(max_length=8, choices=Policy.choices)
    # As in the version's content. Of one right choice several may be accepted: each of them earns the mark.
    key = models.JSONField(default=list)
    rules = models.JSONField(default=dict)
    may_fail = models.BooleanField(default=False)
    reason = models.TextField(_("reason"))
    corrected_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    corrected_at = models.DateTimeField()

    objects = KeyCorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("corrected key")
        verbose_name_plural = _("corrected keys")
        indexes = [models.Index(fields=["quiz", "version"], name="correction_by_quiz")]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="key_correction_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.version} · {self.quiz}"

    @property
    def gives_full_mark(self) -> bool:
        return self.policy == self.Policy.FULL

    def key_of(self, content: dict[str, Any]) -> list[Any]:
        """The key in force of a version with this content."""
        return content["key"] if self.gives_full_mark else self.key

    def rules_of(self, content: dict[str, Any]) -> dict[str, Any]:
        return self.rules or content.get("rules") or {}

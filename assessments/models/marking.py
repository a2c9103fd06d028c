"""What markers give."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from assessments.scoring import MARKED
from lms.core.models import Record

from .attempts import Attempt, AttemptQuestion


class Marking(Record):
    """One marker's mark of one answer. Where two differ, one that ``decides`` settles it.

    ``points`` = {criterion id: points as text} where the question has a rubric.
    """

    row = models.ForeignKey(AttemptQuestion, on_delete=models.PROTECT, related_name="markings")
    marker = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("marker"), on_delete=models.PROTECT, related_name="+"
    )
    mark = models.DecimalField(_("mark"), max_digits=5, decimal_places=2)
    points = models.JSONField(default=dict)
    comment = models.TextField(_("comment"), blank=True)
    decides = models.BooleanField(default=False)
    marked_at = models.DateTimeField()

    class Meta:
        verbose_name = _("mark given")
        verbose_name_plural = _("marks given")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["row", "marker"], condition=Q(decides=False), name="one_mark_per_answer_and_marker"
            ),
            models.UniqueConstraint(
                fields=["row"], condition=Q(decides=True), name="one_deciding_mark_per_answer"
            ),
            models.CheckConstraint(condition=Q(mark__gte=0), name="given_mark_not_below_nothing"),
        ]


def to_be_marked(*, quiz_id: int, run_id: int):
    """The written answers of a class at a quiz that are marked by hand and not released yet; those left open are not read."""
    given = Marking.objects.filter(row=OuterRef("pk"))
    return (
        AttemptQuestion.objects.filter(
            attempt__quiz_id=quiz_id,
            attempt__enrolment__run_id=run_id,
            attempt__state=Attempt.State.SUBMITTED,
            version__kind__in=MARKED,
        )
        .filter(Q(mark__isnull=True) | Exists(given))
        .order_by("version__question__code", "attempt__public_id")
    )

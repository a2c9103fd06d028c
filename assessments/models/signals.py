"""Signals for review: what happened while an attempt was written, and what people made of it. Never a verdict."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.core.models import Record


class AttemptSignal(Record):
    """Something worth a look, reported by the page or seen by the server.

    ``detail`` holds whole numbers and addresses alone: {"seconds"}, {"position", "characters"}, {"from", "to"}. What the
    page reports can be left out or made up by whoever controls the browser; nothing is decided by it.
    """

    class Kind(models.TextChoices):
        HIDDEN = "hidden", _("page left")
        PASTE = "paste", _("text pasted")
        ADDRESS = "address", _("another network address")

    attempt = models.ForeignKey("assessments.Attempt", on_delete=models.PROTECT, related_name="signals")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    at = models.DateTimeField()
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.get_kind_display()


class SignalNote(Record):
    """What a supervisor decided after looking at an attempt's signals; notes are added, not changed."""

    attempt = models.ForeignKey("assessments.Attempt", on_delete=models.PROTECT, related_name="signal_notes")
    text = models.CharField(_("note"), max_length=500)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    noted_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="signal_note_says_something")]

    def __str__(self) -> str:
        return self.text

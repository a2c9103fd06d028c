"""Files that learners hand in as an answer."""

import uuid
from pathlib import PurePath

from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.core.models import Record
from lms.core.storage import private_storage


def _place(file: "AnswerFile", name: str) -> str:
    """Under a name nobody guesses; what the learner called it is kept beside."""
    return f"answers/{uuid.uuid4()}{PurePath(name).suffix.lower()}"


class AnswerFile(Record):
    """One uploaded file. It is handed in when the answer names it: ``{"files": [public ids]}`` (``scoring``).

    The bytes never change.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    row = models.ForeignKey("assessments.AttemptQuestion", on_delete=models.PROTECT, related_name="files")
    name = models.CharField(_("name"), max_length=150)
    size = models.PositiveIntegerField(_("size, bytes"))
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=_place, storage=private_storage, max_length=200)
    uploaded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("file handed in")
        verbose_name_plural = _("files handed in")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

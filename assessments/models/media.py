"""Pictures and sounds of questions."""

import hashlib

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey

from assessments.media_content import MediaUnfit, prepare
from lms.core.models import Record
from lms.core.storage import private_storage


def _place(file: "MediaFile", name: str) -> str:
    return f"question-media/{name}"


class MediaFile(Record):
    """Bytes that versions show, kept once whatever questions use them. They never change and are never deleted: a version that
    was answered shows for ever what it showed.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    file = models.FileField(upload_to=_place, storage=private_storage, max_length=120)
    source = models.CharField(max_length=100)  # as the words of a version name it (``media_words``)

    class Meta:
        verbose_name = _("picture or sound")
        verbose_name_plural = _("pictures and sounds")

    def __str__(self) -> str:
        return self.file.name

    @classmethod
    def _known(cls, content: bytes) -> "MediaFile | None":
        return cls.objects.filter(sha256=hashlib.sha256(content).hexdigest()).first()

    @classmethod
    def source_for(cls, content: bytes) -> str:
        """What ``keep`` would give as its source, without keeping anything. Raises MediaUnfit."""
        known = cls._known(content)
        return known.source if known else prepare(content).source

    @classmethod
    def keep(cls, content: bytes) -> "MediaFile":
        """The file of these bytes, brought to their form unless they come from here. Raises MediaUnfit."""
        if known := cls._known(content):
            return known
        prepared = prepare(content)
        standing = cls.objects.filter(sha256=prepared.sha256).first()
        return standing or cls.objects.create(
            sha256=prepared.sha256,
            source=prepared.source,
            file=ContentFile(prepared.content, name=f"{prepared.sha256}.{prepared.ending}"),
        )


class QuestionMedia(models.Model):
    """A file of a question under the name its words call it by."""

    question = ParentalKey("assessments.Question", on_delete=models.CASCADE, related_name="media")
    name = models.CharField(
        _("name"),
        max_length=40,
        validators=[
            RegexValidator(r"^[A-Za-z0-9._-]+$", _("Letters without marks, figures, - _ and . only."))
        ],
    )
    file = models.FileField(_("picture or sound"), storage=private_storage, max_length=120)
    stored = models.ForeignKey(
        MediaFile, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("picture or sound")
        verbose_name_plural = _("pictures and sounds")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["question", "name"], name="one_file_per_question_and_name")
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        """What comes in is brought to its form and kept once; the row names the kept file."""
        if self._is_new:
            self.stored = MediaFile.keep(self._content())
            self.file = self.stored.file.name
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        if self._is_new:
            try:
                MediaFile.source_for(self._content())
            except MediaUnfit as fault:
                raise ValidationError({"file": fault.message}) from fault

    @property
    def _is_new(self) -> bool:
        return bool(self.file) and not self.file._committed

    def _content(self) -> bytes:
        self.file.seek(0)
        return self.file.read()

    @property
    def source(self) -> str:
        """ "" before it is saved."""
        return self.stored.source if self.stored else ""

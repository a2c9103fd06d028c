"""Files as answers: keeping what is uploaded, and clearing away what no answer names."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assessments.file_types import MOST_BYTES, MOST_FILES, ending_of, is_what_it_says
from assessments.models import AnswerFile, Attempt
from assessments.models.banks import QuestionKind
from lms.core.errors import DomainError
from lms.core.storage import private_storage
from lms.core.vietnamese import nfc

from .answers import BadAnswer

# Of one question, those taken back among them: what nobody needs is not kept without end.
MOST_UPLOADS = 20
LONGEST_NAME = 120
# What was taken back or never handed in stays for questions that come the day after.
KEPT_UNUSED = timedelta(days=1)
# Attempts closed so long ago were looked through every hour since.
LOOKED_THROUGH = timedelta(days=30)


class FileRefused(DomainError):
    """With words for the learner."""


class FileTooLarge(FileRefused):
    message = _("The file is larger than 10 MB. Make it smaller, or split it.")


def keep_file(*, attempt: Attempt, position: int, upload: UploadedFile, now: datetime) -> AnswerFile:
    """Keep an uploaded file for a question of an open attempt. It is handed in only when a saved answer names it.

    The attempt is the learner's own and takes answers (the caller has looked; the save of the answer looks again).
    Raises AttemptQuestion.DoesNotExist, FileRefused, FileTooLarge.
    """
    reached = {} if attempt.furthest is None else {"position": attempt.furthest}
    row = attempt.questions.filter(**reached).get(position=position, version__kind=QuestionKind.FILE)
    if row.files.count() >= MOST_UPLOADS:
        raise FileRefused(_("Too many files were uploaded for this question."))
    if upload.size > MOST_BYTES:
        raise FileTooLarge
    name = _tidy(upload.name or "")
    content = upload.read()
    if not content:
        raise FileRefused(_("The file is empty."))
    if not is_what_it_says(name, content):
        raise FileRefused(
            _(
                "This kind of file is not taken. Send a PDF, Word, Excel, PowerPoint, OpenDocument, text, PNG or JPEG file."
            )
        )
    return AnswerFile.objects.create(
        row=row,
        name=name,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        file=ContentFile(content, name=f"x.{ending_of(name)}"),
        uploaded_at=now,
    )


def _tidy(name: str) -> str:
    """The name without folders and signs that mislead, its ending kept."""
    name = nfc(name.replace("\\", "/").rpartition("/")[2])
    name = "".join(letter for letter in name if letter.isprintable()).strip() or "-"
    stem, dot, ending = name.rpartition(".")
    return f"{(stem or ending)[:LONGEST_NAME]}{dot if stem else ''}{ending[:10] if stem else ''}"


def require_files(row_id: int, ids: Sequence[str]) -> None:
    """Raises BadAnswer when one of them was not uploaded for this question."""
    if len(set(ids)) != len(ids) or len(ids) > MOST_FILES:
        raise BadAnswer
    if AnswerFile.objects.filter(row=row_id, public_id__in=ids).count() != len(ids):
        raise BadAnswer


def forget_unused_files(*, now: datetime) -> int:
    """Delete files of closed attempts that no answer names; gives how many. Safe to repeat."""
    closed = AnswerFile.objects.filter(
        uploaded_at__lt=now - KEPT_UNUSED, row__attempt__submitted_at__gte=now - LOOKED_THROUGH
    )
    unused = [
        file.pk
        for file in closed.select_related("row").only("public_id", "row__answer").iterator(chunk_size=1000)
        if str(file.public_id) not in (file.row.answer or {}).get("files", ())
    ]
    forgotten = 0
    for first in range(0, len(unused), 500):
        forgotten += remove_files(unused[first : first + 500])
    return forgotten


@transaction.atomic
def remove_files(ids: Sequence[int]) -> int:
    """Rows now, bytes when that is committed: a deleted file does not come back with a transaction that fails."""
    names = list(AnswerFile.objects.filter(pk__in=ids).values_list("file", flat=True))
    removed, _by_model = AnswerFile.objects.filter(pk__in=ids).delete()
    storage = private_storage()
    transaction.on_commit(lambda: [storage.delete(name) for name in names])
    return removed

"""Questions of a bank as a file: the workbook and the QTI package keep all of them, Moodle XML what Moodle has words for."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from assessments.models import Question, QuestionCategory
from assessments.permissions import can_keep_banks
from assessments.question_files import moodlexml_writer, qti_writer, sheet
from assessments.question_files.sheet import Kept
from lms.core.audit import record_event
from lms.core.errors import NotAllowed
from lms.core.spreadsheets import XLSX_TYPE

FORMATS = {"xlsx": "Excel (xlsx)", "moodlexml": "Moodle XML", "qti": "QTI 2.1 (zip)"}
WRITERS: dict[str, tuple[Callable[[Iterable[Kept]], bytes], str, str]] = {
    "xlsx": (sheet.write, XLSX_TYPE, "xlsx"),
    "moodlexml": (moodlexml_writer.write, "application/xml", "xml"),
    "qti": (qti_writer.write, "application/zip", "zip"),
}


def _files_of(question: Question, file_format: str) -> dict[str, bytes]:
    """The workbook carries words alone."""
    files: dict[str, bytes] = {}
    if file_format == "xlsx":
        return files
    for one in question.media.all():
        with one.stored.file.open() as source:
            files[one.name] = source.read()
    return files


@dataclass(frozen=True)
class Exported:
    content: bytes
    content_type: str
    extension: str
    count: int


def export_bank(*, category: QuestionCategory, file_format: str, actor, now: datetime) -> Exported:
    """As the questions are written now, ready for use or not. Keys leave the platform here, so it is recorded.

    Raises NotAllowed.
    """
    if not can_keep_banks(actor):
        raise NotAllowed
    questions = Question.objects.filter(category=category).prefetch_related("choices", "media__stored")
    kept = [
        Kept(question.code, question.difficulty, question.words, _files_of(question, file_format))
        for question in questions
    ]
    record_event(
        actor=actor, action="bank.exported", target=category, now=now, format=file_format, questions=len(kept)
    )
    write, content_type, extension = WRITERS[file_format]
    return Exported(write(kept), content_type, extension, len(kept))

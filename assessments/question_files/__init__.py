"""Questions in files: GIFT, Moodle XML, Aiken, QTI (items and packages) and this platform's workbook.

``services.question_import`` keeps what is read. A question that cannot be taken over is refused with its line and the reason, and
never spoils the others; a file that cannot be read at all raises FileFault with its line.
"""

from collections.abc import Callable

from django.utils.translation import gettext_lazy

from . import aiken, gift, moodlexml, package, qti, sheet
from .archive import Package
from .found import FileFault, Found, Refused, decoded, require_size

Read = list[Found | Refused]
FORMATS = {
    "gift": "GIFT",
    "moodlexml": "Moodle XML",
    "qti": "QTI 2.1, 2.2, 3.0",
    "aiken": "Aiken",
    "xlsx": "Excel (xlsx)",
}
READERS: dict[str, Callable[[str], Read]] = {
    "gift": gift.read,
    "moodlexml": moodlexml.read,
    "aiken": aiken.read,
    "qti": qti.read,
}
LARGEST = 5 * 1024 * 1024  # bytes of a file of text
LARGEST_PACKAGE = 50 * 1024 * 1024

__all__ = ["FORMATS", "LARGEST", "FileFault", "Found", "Refused", "format_of", "read_questions"]


def format_of(text: str) -> str:
    """The format a text looks like."""
    if text.lstrip().startswith("<"):
        head = text[:5000]
        return (
            "qti"
            if "assessmentItem" in head or "qti-assessment" in head or "questestinterop" in head
            else "moodlexml"
        )
    return "aiken" if aiken.looks_like(text) else "gift"


def read_questions(content: bytes, file_format: str = "") -> tuple[str, Read]:
    """The format and what stands in the file, in its order. Raises FileFault."""
    if content.startswith(b"PK"):
        require_size(content, most_bytes=LARGEST_PACKAGE)
        archive = Package(content)
        # A workbook is an archive too.
        is_workbook = "[Content_Types].xml" in archive and "xl/workbook.xml" in archive
        return ("xlsx", sheet.read(content)) if is_workbook else ("qti", package.read(archive))
    text = decoded(content, most_bytes=LARGEST)
    name = file_format or format_of(text)
    if name == "xlsx":
        raise FileFault(gettext_lazy("This is not a workbook."))
    return name, READERS[name](text)

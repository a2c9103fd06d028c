"""Questions in files of other systems: GIFT, Moodle XML, Aiken. Reading only; ``services.question_import`` keeps them.

A question that cannot be taken over is refused with its line and the reason, and never spoils the others; a file that
cannot be read at all raises FileFault with its line.
"""

from collections.abc import Callable

from . import aiken, gift, moodlexml
from .found import FileFault, Found, Refused, decoded

Reader = Callable[[str], list[Found | Refused]]
READERS: dict[str, Reader] = {"gift": gift.read, "moodlexml": moodlexml.read, "aiken": aiken.read}
FORMATS = {"gift": "GIFT", "moodlexml": "Moodle XML", "aiken": "Aiken"}
LARGEST = 5 * 1024 * 1024  # bytes

__all__ = ["FORMATS", "LARGEST", "FileFault", "Found", "Refused", "format_of", "read_questions"]


def format_of(text: str) -> str:
    """The format a text looks like: "moodlexml", "aiken" or "gift"."""
    if text.lstrip().startswith("<"):
        return "moodlexml"
    return "aiken" if aiken.looks_like(text) else "gift"


def read_questions(content: bytes, file_format: str = "") -> tuple[str, list[Found | Refused]]:
    """The format and what stands in the file, in its order. Raises FileFault."""
    text = decoded(content, most_bytes=LARGEST)
    name = file_format or format_of(text)
    return name, READERS[name](text)

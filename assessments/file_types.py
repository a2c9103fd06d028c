"""Which files are taken as an answer: documents and pictures, by what is in them and not by their name. Pure computation."""

import io
import zipfile
from pathlib import PurePath

MOST_FILES = 5
MOST_BYTES = 10 * 1024 * 1024
_BEGINNINGS = {
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
}
# Of an office file what its archive has to hold.
_PARTS = {
    "docx": "word/document.xml",
    "xlsx": "xl/workbook.xml",
    "pptx": "ppt/presentation.xml",
    "odt": "content.xml",
    "ods": "content.xml",
    "odp": "content.xml",
}
# Programs inside documents; the formats above do not need them.
_PROGRAMS = ("vbaproject.bin", "basic/", "scripts/", "activex/")
ENDINGS = [*_BEGINNINGS, *_PARTS, "txt"]
ACCEPTED = ",".join(f".{ending}" for ending in ENDINGS)


def ending_of(name: str) -> str:
    return PurePath(name).suffix.lower().removeprefix(".")


def is_what_it_says(name: str, content: bytes) -> bool:
    """Whether the content is of the kind its name says, of those that are taken, and holds no program.

    >>> is_what_it_says("bai.pdf", b"%PDF-1.7 ..."), is_what_it_says("bai.pdf", b"MZ...")
    (True, False)
    """
    ending = ending_of(name)
    if ending in _BEGINNINGS:
        return content.startswith(_BEGINNINGS[ending])
    if ending in _PARTS:
        return _is_office(content, needs=_PARTS[ending])
    return ending == "txt" and _is_text(content)


def _is_office(content: bytes, *, needs: str) -> bool:
    """Judged from the archive's directory; nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [name.lower() for name in archive.namelist()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    return needs in names and not any(program in name for name in names for program in _PROGRAMS)


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False

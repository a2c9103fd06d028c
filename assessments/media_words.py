"""Pictures and sounds in the words of a question, as trainers write them: ``![Sơ đồ một cửa](so-do)``. Pure computation.

Between the brackets stands what is said to who cannot see or hear it, between the parentheses the name of a file of the question.
In a frozen version the name is replaced by the file's source: ``picture:<sha256>:<width>x<height>`` or ``audio:<sha256>``.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_PLACED = re.compile(r"!\[([^\[\]\n]*)\]\(([^()\s]{1,120})\)")
_SOURCE = re.compile(r"(picture|audio):([0-9a-f]{64})(?::(\d{1,5})x(\d{1,5}))?")


class Placed(NamedTuple):
    """A file among words: ``said`` in its stead, and its name or source."""

    said: str
    name: str


class Source(NamedTuple):
    kind: str
    sha256: str
    width: str
    height: str


def placed_in(text: str) -> list[Placed]:
    """
    >>> placed_in("Xem ![Sơ đồ](so-do).")
    [Placed(said='Sơ đồ', name='so-do')]
    """
    return [Placed(found[1].strip(), found[2]) for found in _PLACED.finditer(text)]


def parts_of(text: str) -> Iterator[str | Placed]:
    """Words and files in their order."""
    end = 0
    for found in _PLACED.finditer(text):
        yield text[end : found.start()]
        yield Placed(found[1].strip(), found[2])
        end = found.end()
    yield text[end:]


def source_of(name: str) -> Source | None:
    """None for what is the name of a file still."""
    found = _SOURCE.fullmatch(name)
    return Source(found[1], found[2], found[3] or "", found[4] or "") if found else None


def with_sources(text: str, sources: Mapping[str, str]) -> str:
    """Names replaced by the sources of their files; a name without one stays."""

    def placed(found: re.Match) -> str:
        return f"![{found[1].strip()}]({sources.get(found[2]) or found[2]})"

    return _PLACED.sub(placed, text) if sources else text


def in_words(text: str) -> str:
    """For lists, exports and options, where nothing but words can stand.

    >>> in_words("Xem ![Sơ đồ](so-do).")
    'Xem [Sơ đồ].'
    """
    return _PLACED.sub(lambda found: f"[{found[1].strip()}]", text)

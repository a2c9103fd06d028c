"""Anchors of the headings in a body: ids for links, and the list a table of contents is made of."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.text import slugify
from wagtail.blocks import StreamValue

from lms.core.vietnamese import fold


@dataclass(frozen=True)
class Section:
    """A heading as a table of contents shows it; ``level`` is 2 or 3."""

    title: str
    anchor: str
    level: int


def with_anchors(body: StreamValue) -> Iterator[tuple[StreamValue.StreamChild, str]]:
    """Each block of a body with an id that no other block of it has.

    A heading's comes from its words, marks dropped, so that a link to it can be read aloud; the others' from their place.
    """
    taken: set[str] = set()
    for place, block in enumerate(body, start=1):
        wanted = (
            block.block_type == "heading" and slugify(fold(block.value["text"]))
        ) or f"{block.block_type}-{place}"
        anchor = wanted if wanted not in taken else f"{wanted}-{place}"
        taken.add(anchor)
        yield block, anchor


def sections(body: StreamValue) -> list[Section]:
    """The headings of a body, in order."""
    return [
        Section(title=block.value["text"], anchor=anchor, level=int(block.value["level"]))
        for block, anchor in with_anchors(body)
        if block.block_type == "heading"
    ]

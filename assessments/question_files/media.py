"""Pictures and sounds of other systems' questions: taken out before the words are read, and put into what goes out."""

import base64
import binascii
import mimetypes
import re
from collections.abc import Callable
from html import escape
from urllib.parse import quote, unquote

from bs4 import BeautifulSoup, Tag
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from lxml import etree

from assessments.media_words import Placed, parts_of, placed_in
from lms.core.vietnamese import fold

from .found import QuestionFault

MARK = "@@PLUGINFILE@@/"
LONGEST_NAME = 40
NAME = re.compile(r"[A-Za-z0-9._-]{1,40}")
BytesAt = Callable[[str], bytes | None]


class Taken:
    """What was taken out of one question: ``media`` are the bytes by the names they get here."""

    def __init__(self) -> None:
        self.media: dict[str, bytes] = {}
        self._names: dict[tuple[str, bytes], str] = {}

    def named(self, there: str, content: bytes, *, name: str = "") -> str:
        """The name of these bytes here: the same for the same file, ``name`` where that can be."""
        if (there, content) not in self._names:
            chosen = (
                name if NAME.fullmatch(name) and name not in self.media else _name_here(there, self.media)
            )
            self._names[there, content] = chosen
            self.media[chosen] = content
        return self._names[there, content]


def take_out(question: etree._Element) -> dict[str, bytes]:
    """Of a question in Moodle's XML its files; where they stood in the words stands ``![description](name)``.

    Raises QuestionFault for a file whose bytes cannot be read.
    """
    taken = Taken()
    for holder in dict.fromkeys(file.getparent() for file in question.iter("file")):
        files = {unquote(file.get("name", "")): file for file in holder.iterchildren("file")}
        text = holder.find("text")
        if text is not None and text.text and holder.get("format", "html") in ("html", "moodle_auto_format"):
            text.text = _with_names(text.text, files, taken)
        for file in files.values():
            holder.remove(file)
    return taken.media


def _with_names(html: str, files: dict[str, etree._Element], taken: Taken) -> str:
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.find_all(["img", "audio", "a"]):
        there = _file_of(tag)
        if there in files:
            name = taken.named(there, _bytes_of(files[there]))
            said = tag.get("alt") or tag.get("title") or tag.get_text(" ")
            tag.replace_with(_placed(said, there, name))
    return str(soup)


def _placed(said: str, there: str, name: str) -> str:
    said = re.sub(r"[\[\]\s]+", " ", said).strip()
    return f"![{said or there.rpartition('.')[0] or there}]({name})"


def _file_of(tag: Tag) -> str:
    source = tag.find("source")
    address = tag.get("src") or tag.get("href") or (source.get("src") if source else "") or ""
    return unquote(address.removeprefix(MARK).partition("?")[0]) if address.startswith(MARK) else ""


def _name_here(there: str, media: dict[str, bytes]) -> str:
    stem, dot, ending = re.sub(r"[^A-Za-z0-9._-]+", "-", fold(there)).strip("-.").rpartition(".")
    stem, ending = (stem, dot + ending[:5]) if stem else (ending or "tep", "")
    for number in range(1, len(media) + 2):
        more = f"-{number}" if number > 1 else ""
        name = f"{stem[: LONGEST_NAME - len(ending) - len(more)]}{more}{ending}"
        if name not in media:
            return name
    raise AssertionError("one more name than there are files is always free")


def _bytes_of(file: etree._Element) -> bytes:
    if file.get("encoding") != "base64":
        raise QuestionFault(gettext_lazy("A file of the question is not in base64."))
    try:
        return base64.b64decode("".join((file.text or "").split()), validate=True)
    except (binascii.Error, ValueError) as fault:
        raise QuestionFault(
            _("The file %(name)s of the question is damaged.") % {"name": file.get("name", "")[:60]}
        ) from fault


def put_in(holder: etree._Element, text: str, media: dict[str, bytes]) -> bool:
    """The words as HTML with their files beside them; False, and nothing done, where none is named."""
    named = {placed.name for placed in placed_in(text)} & media.keys()
    if not named:
        return False
    holder.set("format", "html")
    etree.SubElement(holder, "text").text = "".join(_as_html(part, media) for part in parts_of(text))
    for name in sorted(named):
        file = etree.SubElement(holder, "file", name=name, path="/", encoding="base64")
        file.text = base64.b64encode(media[name]).decode()
    return True


def _as_html(part: str | Placed, media: dict[str, bytes]) -> str:
    if isinstance(part, str):
        return escape(part).replace("\n", "<br/>")
    if part.name not in media:
        return escape(f"![{part.said}]({part.name})")
    address, said = MARK + quote(part.name), escape(part.said)
    if (mimetypes.guess_type(part.name)[0] or "").startswith("audio/") or media[part.name][:3] in (
        b"ID3",
        b"Ogg",
    ):
        return f'<audio controls="true" src="{address}" title="{said}">{said}</audio>'
    return f'<img src="{address}" alt="{said}"/>'


# --- QTI ----------------------------------------------------------------------------------------------------------
def take_out_of_item(root: etree._Element, bytes_at: BytesAt) -> dict[str, bytes]:
    """Of an item without namespaces the files its package holds; ``bytes_at`` gives None for what it does not. What is left is
    refused by name when the words are read.
    """
    taken = Taken()
    for tag in list(root.iter("img", "object", "audio")):
        source = tag.find("source")
        address = tag.get("src") or tag.get("data") or ("" if source is None else source.get("src", ""))
        if not address or (tag.get("type") or "").startswith("text/"):
            continue
        content = bytes_at(unquote(address))
        if content is not None:
            there = unquote(address).rpartition("/")[2]
            name = taken.named(there, content, name=tag.get("class", ""))
            said = tag.get("alt") or tag.get("title") or "".join(tag.itertext())
            _replace(tag, _placed(said, there, name))
    return taken.media


def _replace(element: etree._Element, text: str) -> None:
    parent, before = element.getparent(), element.getprevious()
    text += element.tail or ""
    if before is None:
        parent.text = (parent.text or "") + text
    else:
        before.tail = (before.tail or "") + text
    parent.remove(element)


def put_into_item(
    root: etree._Element, media: dict[str, bytes], made: Callable[[Placed], etree._Element]
) -> set[str]:
    """Replace the placed names of an item by what ``made`` gives for each; gives the names."""
    used: set[str] = set()
    for element in list(root.iter()):
        if element.text and (parts := _parts(element.text, media)):
            element.text = parts[0]
            for place, (placed, after) in enumerate(parts[1]):
                child = made(placed)
                child.tail = after
                element.insert(place, child)
                used.add(placed.name)
        if element.tail and (parts := _parts(element.tail, media)):
            element.tail = parts[0]
            parent = element.getparent()
            for place, (placed, after) in enumerate(parts[1], start=parent.index(element) + 1):
                child = made(placed)
                child.tail = after
                parent.insert(place, child)
                used.add(placed.name)
    return used


def _parts(text: str, media: dict[str, bytes]) -> tuple[str, list[tuple[Placed, str]]] | None:
    """(the words before, [(file, the words behind it)]); None where no file is named."""
    before, following = "", []
    for part in parts_of(text):
        if isinstance(part, Placed) and part.name in media:
            following.append((part, ""))
            continue
        words = part if isinstance(part, str) else f"![{part.said}]({part.name})"
        if following:
            placed, after = following[-1]
            following[-1] = placed, after + words
        else:
            before += words
    return (before, following) if following else None

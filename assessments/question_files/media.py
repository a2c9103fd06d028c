"""Pictures and sounds inside Moodle's XML: taken out of a question before its words are read, and put into one that goes out."""

import base64
import binascii
import mimetypes
import re
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


def take_out(question: etree._Element) -> dict[str, bytes]:
    """Its files by the names they get here; where they stood in the words stands ``![description](name)``.

    Raises QuestionFault for a file whose bytes cannot be read.
    """
    media: dict[str, bytes] = {}
    for holder in {file.getparent() for file in question.iter("file")}:
        files = {unquote(file.get("name", "")): file for file in holder.iterchildren("file")}
        text = holder.find("text")
        if text is not None and text.text and holder.get("format", "html") in ("html", "moodle_auto_format"):
            text.text = _with_names(text.text, files, media)
        for file in files.values():
            holder.remove(file)
    return media


def _with_names(html: str, files: dict[str, etree._Element], media: dict[str, bytes]) -> str:
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.find_all(["img", "audio", "a"]):
        there = _file_of(tag)
        if there not in files:
            continue
        name = _name_here(there, media)
        media[name] = _bytes_of(files[there])
        said = (tag.get("alt") or tag.get("title") or tag.get_text(" ") or "").strip()
        said = re.sub(r"[\[\]\s]+", " ", said).strip() or there.rpartition(".")[0] or there
        tag.replace_with(f"![{said}]({name})")
    return str(soup)


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

"""PDF documents made from templates or drawn, the same bytes for the same content.

``render_pdf("certificates/pdf/v1.html", context)`` renders a Django template and lays it out with xhtml2pdf. What a
template may use:

- fonts: the families of ``FAMILIES`` by name, embedded, with every Vietnamese letter; any other family is drawn with
  the first of them, because the fonts built into PDF readers have no Vietnamese letters and show ■;
- pictures: ``asset:<room>/<file>`` reads ``<room>/assets/<file>`` (an installed room of the house), and ``data:``
  holds a picture in the document itself. Everything else, on the network or on the disk, is refused, and a refusal
  fails the whole document: half a certificate must never be stored;
- drawings and QR codes: ``<pdf:drawing>`` and ``<pdf:code>``, see ``pdf_tags``.
"""

import io
import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from reportlab import rl_config
from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from xhtml2pdf import default as xhtml2pdf_defaults
from xhtml2pdf.config.resources import ResourceAccessPolicy
from xhtml2pdf.document import pisaDocument

from .pdf_tags import register_tags

# Pictures are stored as they are: ASCII85, written in Python, took nine tenths of the time.
rl_config.useA85 = 0
# No clock and no random identifier in the file, so that repeating an interrupted task gives the same file.
rl_config.invariant = 1
_INVARIANT_DATE = b"D:20000101000000+00'00'"

_FONTS = "@expo-google-fonts"
# family: the files of (regular, bold, italic, bold italic) below node_modules/@expo-google-fonts
FAMILIES = {
    "noto-serif": (
        "noto-serif/400Regular/NotoSerif_400Regular.ttf",
        "noto-serif/700Bold/NotoSerif_700Bold.ttf",
        "noto-serif/400Regular_Italic/NotoSerif_400Regular_Italic.ttf",
        "noto-serif/700Bold_Italic/NotoSerif_700Bold_Italic.ttf",
    ),
    "playfair-display": (
        "playfair-display/500Medium/PlayfairDisplay_500Medium.ttf",
        "playfair-display/700Bold/PlayfairDisplay_700Bold.ttf",
        "playfair-display/500Medium_Italic/PlayfairDisplay_500Medium_Italic.ttf",
        "playfair-display/700Bold_Italic/PlayfairDisplay_700Bold_Italic.ttf",
    ),
}
DEFAULT_FAMILY = "noto-serif"
STYLES = ((0, 0), (1, 0), (0, 1), (1, 1))  # (bold, italic), in the order of the files

# What tags look like before a template says otherwise: xhtml2pdf's own sheet without the tags and the languages that no
# document of ours has. It is parsed for every document, and every rule is looked at for every tag.
BASE_STYLES = """
html { font-family: noto-serif; font-size: 10px; color: #000000; line-height: 150%; margin: 0; padding: 0;
  border: 1px none; display: inline; width: auto; height: auto; white-space: normal; font-weight: normal; }
b, strong, h1, h2, h3, th { font-weight: bold; }
i, em { font-style: italic; }
h1, h2, h3 { -pdf-outline: true; -pdf-outline-open: false; }
h1 { font-size: 138.5%; -pdf-outline-level: 0; }
h2 { font-size: 123.1%; -pdf-outline-level: 1; }
h3 { font-size: 108%; -pdf-outline-level: 2; }
h1, h2, h3, p, hr { margin: 1em 0; }
body, div, h1, h2, h3, hr, p, table, th, tr, td, ol, ul, li { display: block; }
tr, th, td { vertical-align: middle; width: auto; }
th { text-align: center; }
ul { margin-left: 1.5em; list-style-type: disc; }
ol { margin-left: 1.5em; list-style-type: decimal; }
"""

# xhtml2pdf goes on after these and leaves out what they speak of.
LOSSES = ("Could not paint", "The static frame %r dropped")


class PdfError(Exception):
    """A document could not be made whole; the message is for the log, not for readers."""


@cache
def _register_fonts() -> None:
    """Give fonts and tags to ReportLab and xhtml2pdf once per process: reading fonts costs 10 ms a face."""
    register_tags(asset_path)
    families = xhtml2pdf_defaults.DEFAULT_FONT
    for name in families:
        families[name] = DEFAULT_FAMILY
    for family, files in FAMILIES.items():
        for (bold, italic), file in zip(STYLES, files, strict=True):
            face = face_name(family, bold=bool(bold), italic=bool(italic))
            pdfmetrics.registerFont(TTFont(face, str(settings.NODE_MODULES / _FONTS / file)))
            addMapping(family, bold, italic, face)
        families[family] = family


def face_name(family: str, *, bold: bool = False, italic: bool = False) -> str:
    """ReportLab's name of one face of a family."""
    return f"{family}_{int(bold)}{int(italic)}"


def text_width(text: str, *, family: str, size: float, bold: bool = False, italic: bool = False) -> float:
    """The width in points of a line of text."""
    _register_fonts()
    return pdfmetrics.stringWidth(text, face_name(family, bold=bold, italic=italic), size)


def fitted_size(
    text: str,
    *,
    family: str,
    sizes: tuple[float, float],
    width: float,
    bold: bool = False,
    italic: bool = False,
) -> float:
    """The largest size between ``sizes`` (largest, smallest; points) at which the text fits ``width`` on one line.

    Gives the smallest when even that does not fit: the text then wraps.
    """
    largest, smallest = sizes
    needed = text_width(text, family=family, size=largest, bold=bold, italic=italic)
    return largest if needed <= width else max(smallest, int(largest * width / needed * 4) / 4)


@lru_cache(maxsize=4096)  # the lines of a register say the same again and again
def wrapped_lines(
    text: str, *, family: str, size: float, width: float, bold: bool = False, italic: bool = False
) -> tuple[str, ...]:
    """The text as lines of at most ``width`` points; none for no text.

    A word that is too long by itself is broken after one of its signs ("12/QĐ-" "TĐTBD"), or between letters where
    even the parts are too long.
    """

    def fits(words: str) -> bool:
        return text_width(words, family=family, size=size, bold=bold, italic=italic) <= width

    lines: list[str] = []
    for word in text.split():
        if lines and fits(f"{lines[-1]} {word}"):
            lines[-1] += f" {word}"
        elif fits(word):
            lines.append(word)
        else:
            lines += _broken(word, fits)
    return tuple(lines)


def _broken(word: str, fits: Callable[[str], bool]) -> list[str]:
    """The pieces of a word, each the longest that fits."""
    pieces = [""]
    for part in re.findall(r"[^-/_.@()]*[-/_.@()]?", word):
        if fits(pieces[-1] + part):
            pieces[-1] += part
            continue
        pieces.append("")
        for letter in part:
            if pieces[-1] and not fits(pieces[-1] + letter):
                pieces.append("")
            pieces[-1] += letter
    return [piece for piece in pieces if piece]


def asset_path(uri: str) -> Path:
    """The file of ``asset:<room>/<file>``; raises PdfError for any other address."""
    scheme, _, rest = uri.partition(":")
    room, _, name = rest.partition("/")
    if scheme == "asset" and name and apps.is_installed(room):
        folder = Path(apps.get_app_config(room.rpartition(".")[2]).path, "assets").resolve()
        path = (folder / name).resolve()
        if path.is_relative_to(folder) and path.is_file():
            return path
    raise PdfError(f"the document asked for {uri[:120]!r}, which is not an asset of a room")


def render_pdf(
    template: str, context: Mapping[str, Any], *, language: str = "vi", made_at: datetime | None = None
) -> bytes:
    """The PDF of a template. The same template, context and ``made_at`` give the same bytes.

    ``made_at`` (aware) is written as the document's date of creation, now when not given. Raises PdfError when a
    resource is refused or missing, when the layout fails or when it leaves something out.
    """
    _register_fonts()
    with translation.override(language):
        html = render_to_string(template, dict(context))
    refused: list[str] = []

    def resolve(uri: str, _base: str) -> str:
        if str(uri).startswith("data:image/"):
            return str(uri)
        try:
            path = asset_path(str(uri))
        except PdfError as error:
            refused.append(str(error))
            return "data:,"
        return str(path)

    # A second lock behind the first: whatever reaches the file reader without passing ``resolve``.
    policy = ResourceAccessPolicy.server(
        base_dir=None,
        extra_roots=_asset_folders(),
        allow_remote=False,
        max_render_seconds=settings.PDF_MAX_SECONDS,
    )
    output = io.BytesIO()
    with _losses() as lost:
        done = pisaDocument(
            html,
            output,
            encoding="utf-8",
            link_callback=resolve,
            resource_policy=policy,
            default_css=BASE_STYLES,
        )
    if refused:
        raise PdfError("; ".join(refused))
    if lost:
        raise PdfError("; ".join(lost))
    if done.err:
        raise PdfError("; ".join(message for mode, _line, message, _code in done.log if mode == "error"))
    return _dated(output.getvalue(), made_at or datetime.now(UTC))


def drawn_pdf(
    draw: Callable[[Canvas], None],
    *,
    size: tuple[float, float],
    title: str,
    author: str,
    made_at: datetime | None = None,
) -> bytes:
    """A PDF drawn without a template, for long tables: ``draw`` gets a canvas of ``size`` points and ends each page.

    The fonts are those of ``FAMILIES`` (see ``face_name``); the date is written as by ``render_pdf``.
    """
    _register_fonts()
    output = io.BytesIO()
    canvas = Canvas(output, pagesize=size, lang="vi")
    canvas.setTitle(title)
    canvas.setAuthor(author)
    draw(canvas)
    canvas.save()
    return _dated(output.getvalue(), made_at or datetime.now(UTC))


@cache
def _asset_folders() -> tuple[Path, ...]:
    return tuple(Path(config.path, "assets") for config in apps.get_app_configs() if _is_ours(config.path))


def _is_ours(path: str) -> bool:
    return Path(path).resolve().is_relative_to(settings.BASE_DIR) and ".venv" not in Path(path).parts


@contextmanager
def _losses() -> Iterator[list[str]]:
    """What the layout leaves out while this lasts: it is only logged, and the document is made without it."""
    lost: list[str] = []
    thread = threading.get_ident()

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == thread and record.msg.startswith(LOSSES):
                lost.append(record.getMessage())

    listener, logger = Listener(), logging.getLogger("xhtml2pdf")
    logger.addHandler(listener)
    try:
        yield lost
    finally:
        logger.removeHandler(listener)


def _dated(document: bytes, made_at: datetime) -> bytes:
    """Write the date over the fixed one, which has the same length, so that no offset in the file moves."""
    return document.replace(
        _INVARIANT_DATE, made_at.astimezone(UTC).strftime("D:%Y%m%d%H%M%S+00'00'").encode()
    )

"""Two tags that xhtml2pdf lacks, both drawn in lines and areas instead of dots: sharp at any size, and cheap.

``<pdf:drawing src="asset:<room>/<file>.pdf" width="297mm" height="210mm">`` lays down the one page of a PDF that holds
nothing but lines and areas. Its content is read and compressed once per process and written into each document as it
is; as a ``@page`` background the same sheet would be merged page by page, which costs more than the layout.

``<pdf:code value="https://…" width="28mm" light="#ffffff">`` is the QR code of an address.
"""

import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import segno
from pypdf import PdfReader
from reportlab.lib.colors import toColor
from reportlab.pdfbase import pdfdoc
from reportlab.platypus import Flowable
from xhtml2pdf import default, parser
from xhtml2pdf.context import pisaContext
from xhtml2pdf.tags import pisaTag

QUIET = 2  # modules left free around a code; the sheet around it is as light


@cache
def _page(path: Path) -> tuple[float, float, bytes]:
    """Width and height in points and the compressed content of a drawing's page."""
    [page] = PdfReader(path).pages
    if page.get("/Resources"):
        raise ValueError(f"{path.name} holds more than lines and areas")
    return (
        float(page.mediabox.width),
        float(page.mediabox.height),
        zlib.compress(page.get_contents().get_data(), 9),
    )


class _Form(pdfdoc.PDFObject):
    """A drawing as an object of its own, written once per document however often it is shown."""

    __RefOnly__ = 1

    def __init__(self, path: Path) -> None:
        self.path = path

    def format(self, document: pdfdoc.PDFDocument) -> bytes:
        width, height, content = _page(self.path)
        words = {
            "Type": pdfdoc.PDFName("XObject"),
            "Subtype": pdfdoc.PDFName("Form"),
            "BBox": pdfdoc.PDFArray([0, 0, width, height]),
            "Filter": pdfdoc.PDFName("FlateDecode"),
        }
        return pdfdoc.PDFStream(pdfdoc.PDFDictionary(words), content).format(document)


class Drawing(Flowable):
    def __init__(self, path: Path, width: float, height: float) -> None:
        super().__init__()
        self.path, self.width, self.height = path, width, height

    def draw(self) -> None:
        width, height, _content = _page(self.path)
        name = f"drawing-{self.path.stem}"
        if not self.canv.hasForm(name):
            self.canv._doc.addForm(name, _Form(self.path))
        self.canv.saveState()
        self.canv.scale(self.width / width, self.height / height)
        self.canv.doForm(name)
        self.canv.restoreState()


class Code(Flowable):
    def __init__(self, value: str, size: float, light: str) -> None:
        super().__init__()
        self.value, self.width, self.height, self.light = value, size, size, light

    def draw(self) -> None:
        # The mask is fixed: looking for the best one took longer than all the rest.
        code = segno.make(self.value, error="m", mask=4, micro=False, boost_error=False)
        rows = code.matrix
        whole = len(rows) + 2 * QUIET
        areas = []
        for y, row in enumerate(rows):
            dark = bytes(row)
            start = dark.find(1)
            while start >= 0:
                end = dark.find(0, start)
                end = len(dark) if end < 0 else end
                areas.append(f"{start + QUIET} {whole - QUIET - 1 - y} {end - start} 1 re")
                start = dark.find(1, end)
        self.canv.saveState()
        self.canv.scale(self.width / whole, self.height / whole)
        self.canv.setFillColor(toColor(self.light))
        self.canv.rect(0, 0, whole, whole, stroke=0, fill=1)
        self.canv.setFillGray(0)
        # One path for all of it: areas that touch are filled without a seam between them.
        self.canv._code.append("\n".join([*areas, "f"]))
        self.canv.restoreState()


def _size(tag: pisaTag, name: str) -> float:
    return float(tag.attr[name])


def register_tags(asset_path: Callable[[str], Path]) -> None:
    """Make the tags known to xhtml2pdf, which looks for the class of a tag among the names of its parser.

    ``asset_path(uri)`` gives the file of an address, or refuses it by an exception, which ends the document.
    """

    class DrawingTag(pisaTag):
        def start(self, context: pisaContext) -> None:
            context.addPara()
            context.addStory(
                Drawing(asset_path(self.attr["src"]), _size(self, "width"), _size(self, "height"))
            )

    class CodeTag(pisaTag):
        def start(self, context: pisaContext) -> None:
            context.addPara()
            context.addStory(Code(self.attr["value"], _size(self, "width"), self.attr["light"]))

    must = default.MUST
    default.TAGS["pdfdrawing"] = (
        0,
        {"src": (default.STRING, must), "width": (default.SIZE, must), "height": (default.SIZE, must)},
    )
    default.TAGS["pdfcode"] = (
        0,
        {
            "value": (default.STRING, must),
            "width": (default.SIZE, must),
            "light": (default.STRING, "#ffffff"),
        },
    )
    parser.pisaTagPDFDRAWING, parser.pisaTagPDFCODE = DrawingTag, CodeTag

"""PDF documents: embedded fonts, nothing fetched, the same bytes for the same content."""

import copy
import io
import unicodedata
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader
from reportlab.pdfbase import pdfmetrics

from lms.core.pdf import FAMILIES, PdfError, face_name, fitted_size, render_pdf, text_width

MADE_AT = datetime(2019, 5, 31, 3, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def a_template(settings):
    """``page.html`` is a body and nothing else."""
    engine = copy.deepcopy(settings.TEMPLATES[0])
    engine["APP_DIRS"] = False
    engine["OPTIONS"]["loaders"] = [
        ("django.template.loaders.locmem.Loader", {"page.html": "<html><body>{{ body|safe }}</body></html>"})
    ]
    settings.TEMPLATES = [engine]


def test_the_same_content_gives_the_same_bytes():
    context = {"body": "<h1>Chứng chỉ</h1>"}
    first = render_pdf("page.html", context, made_at=MADE_AT)
    assert first == render_pdf("page.html", context, made_at=MADE_AT)
    assert PdfReader(io.BytesIO(first)).metadata.creation_date == MADE_AT


def test_vietnamese_text_can_be_read_back_from_the_file():
    text = "Ẵ Ữ Ợ Đ Nguyễn Thị Thuỳ Dương"
    document = render_pdf(
        "page.html", {"body": f"<p>{text}</p><p style='font-family: arial'><b>{text}</b></p>"}
    )
    read = unicodedata.normalize("NFC", PdfReader(io.BytesIO(document)).pages[0].extract_text())
    assert read.count(text) == 2


def test_every_font_of_a_document_is_embedded():
    other_families = "<p style='font-family: playfair-display'>bốn</p><p style='font-family: x'>năm</p>"
    document = render_pdf("page.html", {"body": f"<p>một <b>hai</b> <i>ba</i></p>{other_families}"})
    fonts = PdfReader(io.BytesIO(document)).pages[0]["/Resources"]["/Font"]
    used = [font.get_object() for font in fonts.values()]
    embedded = [
        font for font in used if "/FontDescriptor" in font and "/FontFile2" in font["/FontDescriptor"]
    ]
    assert len(embedded) >= 4
    # ReportLab lists Helvetica in every file; no text is drawn with it.
    assert {font["/BaseFont"] for font in used if font not in embedded} <= {"/Helvetica"}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_face_has_every_vietnamese_letter(family):
    text_width("x", family=family, size=10)
    tones = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"]
    letters = (
        unicodedata.normalize("NFC", "".join(v + t for v in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY" for t in tones))
        + "đĐ–“”…/"
    )
    for bold in (False, True):
        for italic in (False, True):
            known = pdfmetrics.getFont(face_name(family, bold=bold, italic=italic)).face.charToGlyph
            assert [letter for letter in letters if ord(letter) not in known] == []


@pytest.mark.parametrize(
    "body",
    [
        '<img src="http://127.0.0.1:9/x.png">',
        '<img src="/etc/passwd">',
        '<img src="file:///etc/passwd">',
        '<img src="asset:certificates/../models.py">',
        '<img src="asset:os/path">',
        '<img src="asset:certificates/missing.jpg">',
        '<style>@import url("http://127.0.0.1:9/y.css");</style>x',
        "<style>@font-face { font-family: x; src: url(/etc/hostname) }</style>x",
        '<style>@page { background-image: url("http://127.0.0.1:9/y.png") }</style>x',
        '<div style="background-image: url(http://127.0.0.1:9/q.png)">x</div>',
        '<link rel="stylesheet" href="/etc/passwd">x',
    ],
)
def test_a_document_that_asks_for_anything_but_an_asset_is_not_made(body):
    with pytest.raises(PdfError, match="not an asset"):
        render_pdf("page.html", {"body": body})


def test_a_long_line_is_drawn_smaller_but_not_below_the_smallest_size():
    wide = text_width("Nguyễn Hoàng Phương Thảo Nguyên", family="noto-serif", size=30)
    fitted = fitted_size(
        "Nguyễn Hoàng Phương Thảo Nguyên", family="noto-serif", sizes=(30, 12), width=wide / 2
    )
    assert 14 <= fitted <= 15
    assert fitted_size("An", family="noto-serif", sizes=(30, 12), width=wide) == 30
    assert fitted_size("An" * 500, family="noto-serif", sizes=(30, 12), width=wide) == 12


def test_a_document_that_would_miss_a_part_is_not_made():
    frame = "<style>@page { @frame head { -pdf-frame-content: head; left: 0; top: 0; width: 9cm; height: 1cm } }</style>"
    with pytest.raises(PdfError, match="head"):
        render_pdf("page.html", {"body": f"{frame}<div id='head'><hr width='narrow'></div><p>x</p>"})


def test_a_drawing_is_stored_once_however_often_it_is_shown():
    shown = '<pdf:drawing src="asset:certificates/frame-v1.pdf" width="60mm" height="42mm"></pdf:drawing>'
    once = render_pdf("page.html", {"body": shown}, made_at=MADE_AT)
    twice = render_pdf("page.html", {"body": shown * 2}, made_at=MADE_AT)
    assert len(twice) - len(once) < 200
    assert len(PdfReader(io.BytesIO(twice)).pages[0]["/Resources"]["/XObject"]) == 1


@pytest.mark.parametrize("source", ["/etc/passwd", "asset:certificates/missing.pdf"])
def test_a_drawing_is_an_asset_of_lines_or_nothing(source):
    with pytest.raises(PdfError):
        render_pdf(
            "page.html", {"body": f'<pdf:drawing src="{source}" width="1cm" height="1cm"></pdf:drawing>'}
        )

"""Public pages for tests."""

from datetime import date, timedelta
from itertools import count

from django.core.files.base import ContentFile
from wagtail.documents.models import Document
from wagtail.images.models import Image

from cms.models import NewsIndexPage, NewsPage, StandardPage

from .courses import make_home

_numbers = count(1)
DRAWING = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="800" height="400" viewBox="0 0 800 400">'
    b'<rect width="800" height="400" fill="#a3243b"/></svg>'
)


def make_standard_page(title: str = "Giới thiệu", *, parent=None, body=(), **fields) -> StandardPage:
    parent = parent or make_home()
    parent.refresh_from_db()
    page = StandardPage(
        title=title, slug=f"trang-{next(_numbers)}", locale=parent.locale, body=list(body), **fields
    )
    return parent.add_child(instance=page)


def make_news_index() -> NewsIndexPage:
    """The list of news under the home page; made once."""
    home = make_home()
    found = NewsIndexPage.objects.filter(locale=home.locale).first()
    if found:
        return found
    home.refresh_from_db()
    return home.add_child(instance=NewsIndexPage(title="Tin tức", slug="tin-tuc", locale=home.locale))


def make_news(title: str = "", *, body=(), **fields) -> NewsPage:
    index, number = make_news_index(), next(_numbers)
    index.refresh_from_db()
    values = {"date": date(2019, 1, 1) + timedelta(days=number), "summary": "Tóm tắt tin.", **fields}
    page = NewsPage(
        title=title or f"Tin số {number}",
        slug=f"tin-{number}",
        locale=index.locale,
        body=list(body),
        **values,
    )
    return index.add_child(instance=page)


def make_drawing(title: str = "Sơ đồ") -> Image:
    """An SVG of 800 × 400."""
    name = f"so-do-{next(_numbers)}.svg"
    return Image.objects.create(title=title, file=ContentFile(DRAWING, name=name), width=800, height=400)


def make_document(title: str = "Biểu mẫu") -> Document:
    """A small file to download."""
    return Document.objects.create(
        title=title, file=ContentFile(b"bieu mau", name=f"bieu-mau-{next(_numbers)}.txt"), file_size=8
    )


def make_photograph(title: str = "Ảnh") -> Image:
    """A PNG of 1600 × 900."""
    from io import BytesIO

    from PIL import Image as Pillow

    buffer = BytesIO()
    Pillow.new("RGB", (1600, 900), "#1f5357").save(buffer, "PNG")
    name = f"anh-{next(_numbers)}.png"
    return Image.objects.create(
        title=title, file=ContentFile(buffer.getvalue(), name=name), width=1600, height=900
    )

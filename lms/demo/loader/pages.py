"""Pages of the site in both languages, made from the Markdown files of ``fixtures/``.

What exists is left as it is, so that a second load changes nothing and no trainer's edit is lost.
"""

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from wagtail.images import get_image_model
from wagtail.models import Locale, Page, Site

from cms.models import HomePage, NewsIndexPage, NewsPage, SiteSettings, StandardPage
from courses.models import CatalogPage

from ..markdown import Block, read_document, text_to_blocks, to_blocks


class FigureShelf:
    """Figures of one folder, stored as images once each."""

    def __init__(self, folder: Path):
        self.folder = folder

    def __call__(self, name: str, alt: str, caption: str) -> int:
        """The stored image's id; raises FileNotFoundError."""
        image_model = get_image_model()
        content = (self.folder / name).read_bytes()
        digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        stored = image_model.objects.filter(file_hash=digest).first()
        if stored is None:
            stored = image_model(title=caption or name, description=alt[:255])
            stored.file = ContentFile(content, name=f"{self.folder.parent.name.lower()}-{name}")
            stored.file_size, stored.file_hash = len(content), digest
            stored.save()
        return stored.pk


def stream(blocks: list[Block]) -> str:
    """Blocks as a StreamField stores them; Wagtail gives each its id."""
    return json.dumps([{"type": name, "value": value} for name, value in blocks], ensure_ascii=False)


def add_translated(
    parents: dict[str, Page], model: type[Page], *, slug: str, vi: dict[str, Any], en: dict[str, Any]
):
    """The page and its English translation below ``parents`` ({"vi": …, "en": …}); gives both by language.

    ``en`` holds only what differs from ``vi``.
    """
    pages: dict[str, Page] = {}
    for language, values in (("vi", vi), ("en", vi | en)):
        parent = parents[language]
        existing = model.objects.child_of(parent).filter(slug=slug).first()
        if existing is None:
            extra = {"translation_key": pages["vi"].translation_key} if language == "en" else {}
            existing = model(slug=slug, locale=parent.locale, live=True, **values, **extra)
            parent.add_child(instance=existing)
        pages[language] = existing
    return pages


@transaction.atomic
def load_site(*, port: int = 80) -> dict[str, HomePage]:
    """Home pages in both languages as the site's root, and what the school calls itself."""
    languages = {code: Locale.objects.get_or_create(language_code=code)[0] for code in ("vi", "en")}
    tree_root = Page.objects.get(depth=1)
    homes: dict[str, HomePage] = {}
    titles = {"vi": "Bồi dưỡng số", "en": "Bồi dưỡng số"}
    headlines = {
        "vi": "Học để phục vụ người dân tốt hơn",
        "en": "Learning to serve the public better",
    }
    introductions = {
        "vi": "Chương trình bồi dưỡng ứng dụng công nghệ thông tin và cải cách hành chính cho công chức, viên chức các "
        "đơn vị thuộc Bộ: học trên mọi thiết bị, kiểm tra minh bạch, chứng chỉ tra cứu được.",
        "en": "Training in IT application and administrative reform for the officials of the ministry's units: study on "
        "any device, transparent tests, certificates anyone can verify.",
    }
    for code, locale in languages.items():
        home = HomePage.objects.filter(locale=locale).first()
        if home is None:
            extra = {"translation_key": homes["vi"].translation_key} if homes else {}
            home = HomePage(
                title=titles[code],
                slug=f"trang-chu-{code}",
                locale=locale,
                headline=headlines[code],
                introduction=introductions[code],
                summary=introductions[code],
                **extra,
            )
            tree_root.add_child(instance=home)
        homes[code] = home
    site, _created = Site.objects.update_or_create(
        is_default_site=True,
        defaults={
            "hostname": "localhost",
            "port": port,
            "root_page": homes["vi"],
            "site_name": "Bồi dưỡng số",
        },
    )
    Page.objects.filter(depth=2, slug="home").exclude(pk__in=[home.pk for home in homes.values()]).delete()
    SiteSettings.objects.get_or_create(
        site=site,
        defaults={
            "school_name_vi": "Trường Đào tạo, bồi dưỡng cán bộ, công chức lao động - xã hội",
            "school_name_en": "Training School for Labour and Social Affairs Officials and Civil Servants",
            "ministry_name_vi": "Bộ Lao động - Thương binh và Xã hội",
            "ministry_name_en": "Ministry of Labour, Invalids and Social Affairs",
            "address": "Hà Nội",
            "phone": "024 0000 0000",
            "email": "boiduongso@molisa.example",
            "signer_name": "Cao Thanh Giang",
        },
    )
    return homes


@transaction.atomic
def load_standard_pages(folder: Path, homes: dict[str, HomePage]) -> None:
    """In the ``order`` their files give, which is the one menu and footer show."""
    figures = FigureShelf(folder / "figures")
    for document in sorted(map(read_document, folder.glob("*.md")), key=lambda read: read.meta["order"]):
        meta = document.meta
        add_translated(
            homes,
            StandardPage,
            slug=meta["slug"],
            vi={
                "title": meta["title"],
                "summary": meta["summary"],
                "show_in_menus": bool(meta.get("show_in_menu")),
                "body": stream(to_blocks(document, figures)),
            },
            en={
                "title": meta["title_en"],
                "summary": meta["summary_en"],
                "body": stream(text_to_blocks(meta["body_en"], document.path, figures)),
            },
        )


@transaction.atomic
def load_news(folder: Path, homes: dict[str, HomePage]) -> None:
    index = add_translated(
        homes,
        NewsIndexPage,
        slug="tin-tuc",
        vi={
            "title": "Tin tức",
            "summary": "Cải cách hành chính, ứng dụng công nghệ thông tin và hoạt động của các lớp bồi dưỡng.",
            "show_in_menus": True,
        },
        en={
            "title": "News",
            "summary": "Administrative reform, information technology and the school's classes.",
        },
    )
    figures = FigureShelf(folder / "figures")
    for path in sorted(folder.glob("*.md")):
        document = read_document(path)
        meta = document.meta
        day = meta["date"] if isinstance(meta["date"], date) else date.fromisoformat(meta["date"])
        image_id = figures(meta["figure"], meta["figure_alt"], meta["title"]) if meta.get("figure") else None
        add_translated(
            index,
            NewsPage,
            slug=meta["slug"],
            vi={
                "title": meta["title"],
                "summary": meta["summary"],
                "date": day,
                "topic": meta["topic"],
                "image_id": image_id,
                "body": stream(to_blocks(document, figures)),
            },
            en={
                "title": meta["title_en"],
                "summary": meta["summary_en"],
                "body": stream(text_to_blocks(meta["body_en"], path, figures)),
            },
        )


@transaction.atomic
def load_catalog(homes: dict[str, HomePage]) -> dict[str, CatalogPage]:
    return add_translated(
        homes,
        CatalogPage,
        slug="khoa-hoc",
        vi={
            "title": "Khóa học",
            "summary": "Các chương trình và khóa bồi dưỡng của trường, học trực tuyến hoặc kết hợp.",
            "show_in_menus": True,
        },
        en={"title": "Courses", "summary": "The school's programmes and courses, online or blended."},
    )

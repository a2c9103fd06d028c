"""Titles and addresses of pages in the reader's language, read set-based."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.db.models import F, OuterRef, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import get_language, override
from wagtail.models import Page, Site, SiteRootPath


@dataclass(frozen=True)
class PageLink:
    title: str
    url: str


def page_url(url_path: str, *, language: str, roots: list[SiteRootPath] | None = None) -> str:
    """The address of a page from its path in the tree; "" for a page outside every site.

    ``roots`` are Wagtail's, read once by who asks for many pages: it keeps them in the cache, and every look is a round
    trip where that is a server.
    """
    for root in roots or Site.get_site_root_paths():
        if root.language_code == language and url_path.startswith(root.root_path):
            return _address(url_path[len(root.root_path) :], language)
    return ""


@lru_cache(maxsize=4096)
def _address(path: str, language: str) -> str:
    """Made from its arguments alone; a course's outline asks for the same addresses on every page."""
    with override(language):
        return reverse("wagtail_serve", args=[path])


def translated_pages(keys: Iterable, language: str) -> dict:
    """(title, url_path) by translation key of the pages published in another language; none to ask in the source's."""
    if language == settings.LANGUAGE_CODE:
        return {}
    pages = Page.objects.filter(translation_key__in=list(keys), locale__language_code=language, live=True)
    return {
        key: (title, url_path)
        for key, title, url_path in pages.values_list("translation_key", "title", "url_path")
    }


def shown_title(lookup: str = "") -> Combinable:
    """To annotate with: the title in the reader's language of the source page at ``lookup`` ("course__"); no query more.

    The source's own title where it has no published translation. Legal documents name a course by ``title`` itself.
    """
    language = get_language() or settings.LANGUAGE_CODE
    own = F(f"{lookup}title")
    if language == settings.LANGUAGE_CODE:
        return own
    translations = Page.objects.filter(
        translation_key=OuterRef(f"{lookup}translation_key"), locale__language_code=language, live=True
    )
    return Coalesce(Subquery(translations.order_by().values("title")[:1]), own)


def page_links(pages: Iterable[Page]) -> dict[int, PageLink]:
    """By id of the source page; one query in another language, none in the source's."""
    pages = list(pages)
    language = get_language() or settings.LANGUAGE_CODE
    translated = translated_pages({page.translation_key for page in pages}, language)
    links, roots = {}, Site.get_site_root_paths()
    for page in pages:
        title, url_path = translated.get(page.translation_key, (page.title, page.url_path))
        shown = language if page.translation_key in translated else settings.LANGUAGE_CODE
        links[page.pk] = PageLink(title=title, url=page_url(url_path, language=shown, roots=roots))
    return links

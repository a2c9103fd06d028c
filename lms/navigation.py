"""Menus: the public one is the pages marked "show in menus", the signed-in one what the rooms registered."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language
from wagtail.models import Page, SiteRootPath

from cms.sites import root_paths, site_for
from courses.page_links import page_url
from lms.core.menus import menu


def front_page(request: HttpRequest) -> SiteRootPath | None:
    """Where the front page in the reader's language stands (the default language's where there is none)."""
    site = site_for(request)
    if site is None:
        return None
    by_language = {root.language_code: root for root in root_paths(request) if root.site_id == site.pk}
    return by_language.get(get_language() or "") or by_language.get(settings.LANGUAGE_CODE)


def site_pages(request: HttpRequest) -> list[dict]:
    """The pages right under the front page, in order, as menus want them. One query, kept for the request."""
    kept = getattr(request, "_site_pages", None)
    if kept is None:
        root = front_page(request)
        kept = []
        if root is not None:
            # "/home/" is the page at depth 2: a path has one slash more than the page has ancestors.
            pages = (
                Page.objects.live()
                .filter(url_path__startswith=root.root_path, depth=root.root_path.count("/") + 1)
                .order_by("path")
                .values_list("title", "url_path", "show_in_menus")
            )
            for title, url_path, in_menu in pages:
                url = page_url(url_path, language=root.language_code, roots=[root])
                kept.append(
                    {"title": title, "url": url, "active": request.path.startswith(url), "in_menu": in_menu}
                )
        request._site_pages = kept
    return kept


def main_menu(request: HttpRequest) -> list[dict]:
    return [page for page in site_pages(request) if page["in_menu"]]


def app_menu(request: HttpRequest) -> list[dict]:
    return menu("app", request) if request.user.is_authenticated else []

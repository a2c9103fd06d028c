"""What the shell of every page needs."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from cms.sites import site_names
from lms.navigation import app_menu, main_menu, site_pages
from lms.users.single_sign_on import providers


def language_links(request: HttpRequest) -> list[dict]:
    """The same page in each language; a page of the CMS links to its translation where there is one."""
    links = []
    for code, label in settings.LANGUAGES:
        page = getattr(request, "page_translations", {}).get(code)
        url = page or translate_url(request.get_full_path(), code)
        links.append({"code": code, "label": label, "url": url, "active": code == get_language()})
    return links


def shell(request: HttpRequest) -> dict:
    return {
        "site_settings": SimpleLazyObject(lambda: site_names(request)),
        "main_menu": SimpleLazyObject(lambda: main_menu(request)),
        "footer_menu": SimpleLazyObject(lambda: site_pages(request)),
        "app_menu": SimpleLazyObject(lambda: app_menu(request)),
        "language_links": SimpleLazyObject(lambda: language_links(request)),
        "product_name": settings.PRODUCT_NAME,
        "single_sign_on": providers(),
    }

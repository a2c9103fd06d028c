"""The same page in the other language, for the language switch and for search engines."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from wagtail.models import Page


def translated_urls(page: Page, request: HttpRequest) -> dict[str, str]:
    """Language code → address of the live translation. A language without one is missing. One query.

    What is asked after the question mark goes along, so that a filtered catalogue stays filtered.
    """
    translations = (
        Page.objects.live()
        .filter(translation_key=page.translation_key)
        .select_related("locale")
        .only("url_path", "locale__language_code")
    )
    query = request.META.get("QUERY_STRING", "")
    urls = {translation.locale.language_code: translation.get_url(request) for translation in translations}
    return {code: f"{url}?{query}" if query else url for code, url in urls.items() if url}


def with_front_pages(urls: dict[str, str]) -> dict[str, str]:
    """Where the language switch leads: the translation, or else that language's front page."""
    return {code: urls.get(code) or translate_url("/", code) for code, _name in settings.LANGUAGES}

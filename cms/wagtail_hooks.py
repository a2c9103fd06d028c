"""What the CMS does before it shows a page, and how its admin is arranged."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from wagtail import hooks
from wagtail.models import Page

from .groups import ensure_groups
from .translations import translated_urls, with_front_pages

# Front pages stand under the root, catalogues under them.
DEPTH_OF_TREES = 3


@hooks.register("before_serve_page")
def know_translations(page: Page, request: HttpRequest, args: list, kwargs: dict) -> None:
    """``request.page_alternates`` for search engines, ``request.page_translations`` for the shell's language switch.

    Both come from one query, made only when a template draws them.
    """
    request.page_alternates = SimpleLazyObject(lambda: translated_urls(page, request))
    request.page_translations = SimpleLazyObject(lambda: with_front_pages(request.page_alternates))


@hooks.register("after_create_page")
def give_groups_their_trees(request: HttpRequest, page: Page) -> None:
    """A new front page or catalogue is one more tree the groups work in."""
    if page.depth is not None and page.depth <= DEPTH_OF_TREES:
        ensure_groups()

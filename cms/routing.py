"""Finding the page at an address.

Wagtail walks down the tree, two queries a level, and asks for the language and the front page before. The whole address
says which pages stand on the way, so one query finds them all; breadcrumbs and privacy use them again.
"""

from itertools import accumulate

from django.http import HttpRequest
from django.utils.translation import get_language
from wagtail.models import Page
from wagtail.url_routing import RouteResult

from .sites import root_paths, site_for


def route(request: HttpRequest, path: str) -> RouteResult | None:
    """The published page at ``path`` below the front page in the active language, in two queries.

    None wherever Wagtail's own walk may have more to say: no such page, no front page in that language, a page on the
    way that routes in its own manner.
    """
    root_path = _root_path(request)
    if root_path is None:
        return None
    chain = _pages_on_the_way(root_path, [part for part in path.split("/") if part])
    if not chain or not chain[0].live or not chain[-1].live:
        return None
    if any(getattr(page.specific_class, "route", None) is not Page.route for page in chain):
        return None
    page = chain[-1].specific
    page.locale, page.above = chain[-1].locale, chain[:-1]
    return RouteResult(page)


def _root_path(request: HttpRequest) -> str | None:
    """The url_path of the front page in the active language, from the roots Wagtail keeps in its cache."""
    site, language = site_for(request), get_language()
    if site is None:
        return None
    roots = (root for root in root_paths(request) if root.site_id == site.pk)
    return next((root.root_path for root in roots if root.language_code == language), None)


def _pages_on_the_way(root_path: str, parts: list[str]) -> list[Page]:
    """From the front page down to the page asked for; empty when one is missing. One query."""
    url_paths = list(accumulate(parts, lambda above, part: f"{above}{part}/", initial=root_path))
    # ``url_path`` has no index, ``slug`` has one.
    slugs = [*root_path.strip("/").split("/")[-1:], *parts]
    pages = Page.objects.filter(slug__in=slugs, url_path__in=url_paths).select_related("locale")
    chain = list(pages.order_by("depth"))
    return chain if [page.url_path for page in chain] == url_paths else []

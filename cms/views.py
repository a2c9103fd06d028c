"""Pages, search, and the file search engines ask for."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from wagtail.views import serve as serve_page

from lms.core.vietnamese import nfc

from .routing import route
from .search import MAX_QUERY_LENGTH, matching, search_groups, search_words
from .sites import site_for

HITS_IN_OVERVIEW = 5
HITS_PER_PAGE = 20


def page_by_path(request: HttpRequest, path: str) -> HttpResponse:
    """A page as Wagtail serves it, with its hooks and privacy rules, found in fewer steps."""
    found = route(request, path)
    if found is not None:
        # Where Wagtail keeps the route of a request; what is not kept it looks for itself.
        request._wagtail_route_for_request = found
    return serve_page(request, path)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """``q`` the words, ``kind`` one group alone, ``page`` its page. Without ``kind``: the first of every group."""
    site_for(request)  # with its names, before the addresses of what is found ask for it alone
    query = nfc(request.GET.get("q", ""))[:MAX_QUERY_LENGTH]
    kind = request.GET.get("kind", "")
    words = search_words(query)
    groups, tabs, total = [], [], 0
    if words:
        here = reverse("cms:search")
        known = search_groups()
        chosen = kind if kind in {group.key for group in known} else ""
        for group in known:
            pages = matching(group.pages(), words)
            count = pages.count()
            if not count:
                continue
            total += count
            url = f"{here}?{urlencode({'q': query, 'kind': group.key})}"
            tabs.append({"title": group.title, "url": url, "count": count, "active": group.key == chosen})
            if chosen and group.key != chosen:
                continue
            page_obj = Paginator(pages, HITS_PER_PAGE).get_page(request.GET.get("page")) if chosen else None
            groups.append(
                {
                    "key": group.key,
                    "title": group.title,
                    "count": count,
                    "hits": group.hits(page_obj or pages[:HITS_IN_OVERVIEW], request),
                    "page_obj": page_obj,
                    "more_url": url if not chosen and count > HITS_IN_OVERVIEW else "",
                }
            )
        everything = {
            "title": _("All"),
            "url": f"{here}?{urlencode({'q': query})}",
            "count": total,
            "active": not chosen,
        }
        tabs.insert(0, everything)
    context = {"query": query, "groups": groups, "tabs": tabs, "total": total, "chosen": kind}
    return render(request, "cms/search.html", context)


@require_safe
@cache_control(public=True, max_age=86400)
def robots(request: HttpRequest) -> HttpResponse:
    """Public pages may be indexed; signed-in areas and the admin are nobody's search result."""
    closed = [reverse("wagtailadmin_home"), reverse("account_login"), reverse("cms:search")]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), ""]
    lines.append(f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")

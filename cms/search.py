"""Search over everything public: words with or without diacritics, results in groups.

``cms`` brings pages and news; rooms above register their own groups.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import get_language

from lms.core.vietnamese import fold

# Longer queries are cut: nobody types them, and each word costs a condition.
MAX_QUERY_LENGTH = 100
MAX_WORDS = 8


@dataclass(frozen=True)
class Hit:
    """One result. ``place`` says where it belongs ("course · module"), ``day`` dates news."""

    title: str
    url: str
    summary: str = ""
    place: str = ""
    day: object = None


@dataclass(frozen=True)
class SearchGroup:
    """``pages()`` are the pages to look through; ``hits(pages, request)`` shows some of them, in few queries."""

    key: str
    order: int
    title: str | Promise
    icon: str
    pages: Callable[[], QuerySet]
    hits: Callable[[Iterable, HttpRequest], list[Hit]]


_groups: dict[str, SearchGroup] = {}


def register_search_group(group: SearchGroup) -> None:
    _groups[group.key] = group


def search_groups() -> list[SearchGroup]:
    return sorted(_groups.values(), key=lambda group: group.order)


def search_words(text: str) -> list[str]:
    """The folded words of what somebody typed: "Cải cách  hành chính" → ["cai", "cach", "hanh", "chinh"]."""
    # PostgreSQL takes no NUL in a text, not even to look for.
    return fold(text[:MAX_QUERY_LENGTH].replace("\x00", " ")).split()[:MAX_WORDS]


def matching(pages: QuerySet, words: list[str]) -> QuerySet:
    """Pages that hold every word, in the reader's language; a title that begins so first, then newest."""
    for word in words:
        pages = pages.filter(folded_text__contains=word)
    phrase = " ".join(words)
    return (
        pages.live()
        .public()
        .filter(locale__language_code=get_language())
        .annotate(
            rank=Case(
                When(folded_text__startswith=phrase, then=Value(0)),
                When(folded_text__contains=phrase, then=Value(1)),
                default=Value(2),
                output_field=IntegerField(),
            )
        )
        .order_by("rank", "-last_published_at", "pk")
    )


def page_hits(pages: Iterable, request: HttpRequest) -> list[Hit]:
    """The plain way to show pages: title, summary, and the day where there is one."""
    return [
        Hit(
            title=page.title, url=page.get_url(request), summary=page.summary, day=getattr(page, "date", None)
        )
        for page in pages
    ]

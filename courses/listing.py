"""Lists of the management pages: filtered, sorted and paged by what stands in the address."""

from collections.abc import Mapping

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

PAGE_SIZE = 50


class FilterForm(forms.Form):
    """A form above a list. A value that does not fit is as good as none: an old link still shows the list."""

    def values(self) -> dict:
        """Field → what was asked for; nothing for fields left empty."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "", False)}

    @property
    def is_used(self) -> bool:
        return bool(self.values())


def sort_rows(
    request: HttpRequest, rows: QuerySet, orders: Mapping[str, tuple[str, ...]], *, default: str
) -> tuple[QuerySet, str]:
    """Order rows by the ``sort`` of the address, "-name" for the other way round; gives the sort in force too.

    ``orders`` maps what may stand in the address to the fields it means; the key makes every order a total one.
    """
    sort = request.GET.get("sort", default)
    if sort.removeprefix("-") not in orders:
        sort = default
    fields = [*orders[sort.removeprefix("-")], "pk"]
    if sort.startswith("-"):
        fields = [field.removeprefix("-") if field.startswith("-") else f"-{field}" for field in fields]
    return rows.order_by(*fields), sort


def page_of(request: HttpRequest, rows: QuerySet, *, size: int = PAGE_SIZE) -> Page:
    return Paginator(rows, size).get_page(request.GET.get("page"))

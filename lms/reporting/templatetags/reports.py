"""Reading a report's rows in templates."""

from django import template
from django.urls import reverse
from django.utils.http import urlencode

register = template.Library()


@register.simple_tag
def figure_of(row, figure: str) -> int:
    return getattr(row, figure)


@register.simple_tag
def label_of(labels, figure: str):
    return labels[figure]


@register.simple_tag
def names_url(row, figure: str, query: str = "") -> str:
    """The list of the names a figure counts, under the same filters."""
    own = urlencode({"don-vi": row.unit.code, "so-lieu": figure})
    return f"{reverse('reporting:names')}?{own}{'&' if query else ''}{query}"


@register.filter
def heat(cell) -> str:
    """A step from 0 to 4 for the tint of a cell, the figure itself stands in it; red only where somebody is overdue."""
    if cell.rate is None:
        return ""
    step = min(4, int(cell.rate * 5))
    return str(step if cell.overdue else max(step, 2))


@register.simple_tag
def obligations_url(row, state: str, query: str = "", requirement=None) -> str:
    """The list of the names a figure of the matrix counts, under the same filters."""
    asked = {"don-vi": row.unit.code, "trang-thai": state}
    if requirement is not None:
        asked["requirement"] = requirement.code
    return f"{reverse('reporting:obligation_names')}?{urlencode(asked)}{'&' if query else ''}{query}"


@register.filter
def cells_of(row, requirements) -> list[tuple]:
    """(requirement, cell) in the order of the columns."""
    return list(zip(requirements, row.cells, strict=True))


@register.filter
def in_minutes(seconds: int) -> float:
    return seconds / 60

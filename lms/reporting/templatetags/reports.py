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
def in_minutes(seconds: int) -> float:
    return seconds / 60

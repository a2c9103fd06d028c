"""How marks are written."""

from decimal import Decimal

from django import template

from lms.core.templatetags.ui import number

register = template.Library()


@register.filter
def points(value: Decimal | None) -> str:
    """``17`` or ``8,67``: decimals only where there are any."""
    if value is None:
        return ""
    return number(value, 0 if value == value.to_integral_value() else 2)

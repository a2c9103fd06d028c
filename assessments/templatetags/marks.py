"""How marks are written."""

from decimal import ROUND_HALF_UP, Decimal

from django import template

from lms.core.templatetags.ui import number

register = template.Library()


@register.filter
def points(value: Decimal | None) -> str:
    """``17`` or ``8,67``: decimals only where there are any."""
    if value is None:
        return ""
    return number(value, 0 if value == value.to_integral_value() else 2)


@register.filter
def stored_points(text: str) -> str:
    """Points as an audit event keeps them, in words of digits: ``"8.67"``."""
    return points(Decimal(text))


@register.filter
def figure(value: float | None, decimals: int = 0) -> str:
    """A computed figure, rounded half up; ``number`` cuts what it has no room for."""
    if value is None:
        return ""
    step = Decimal(1).scaleb(-int(decimals))
    return number(Decimal(str(value)).quantize(step, rounding=ROUND_HALF_UP), decimals)


@register.filter
def share(ratio: float | None, decimals: int = 0) -> str:
    """0.818 → ``82%``."""
    return "" if ratio is None else f"{figure(100 * ratio, decimals)}%"

"""How tiết are written."""

from django import template

from lms.core.templatetags.ui import as_decimal, number

register = template.Library()


@register.filter
def periods(value) -> str:
    """40 → ``40``, 0.5 → ``0,5``: a decimal only where there is one."""
    amount = as_decimal(value)
    if amount is None:
        return ""
    return number(amount, 0 if amount == amount.to_integral_value() else 1)

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


@register.filter
def grammatical_number(value) -> int:
    """What ``{% blocktranslate count %}`` wants of a decimal: 1 for exactly one, else 2."""
    return 1 if as_decimal(value) == 1 else 2

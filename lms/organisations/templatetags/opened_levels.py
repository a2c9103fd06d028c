"""The levels of a tree that a page brings along opened."""

from django import template

register = template.Library()


@register.simple_tag
def level_below(unit, opened) -> list:
    """The units below this one where the page brings them; ``opened`` maps ids to lists, or is None."""
    return (opened or {}).get(unit.pk, [])

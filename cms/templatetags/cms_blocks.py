"""What block templates ask for beyond the design system's own tags."""

from django import template
from wagtail.blocks import StreamValue

from cms.blocks import with_anchors

register = template.Library()


@register.filter
def anchored(body: StreamValue) -> list:
    """Pairs (block, id unique in the body)."""
    return list(with_anchors(body))


@register.filter
def step_items(steps) -> list[dict]:
    """The steps of a block as the component ``steps`` wants them."""
    return [{"text": step} for step in steps]


@register.filter
def headed_rows(table) -> list[list[tuple]]:
    """The rows of a table, each cell with the heading of its column."""
    headings = [column["heading"] for column in table.columns]
    return [list(zip(headings, row, strict=True)) for row in table.rows]

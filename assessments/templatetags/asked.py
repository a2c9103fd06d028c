"""How the words of a question are shown."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from assessments.tables import cells_of, parts_of

register = template.Library()


@register.filter
def with_tables(text: str) -> SafeString:
    """Paragraphs with their line breaks, and lines of ``| cells |`` as a table whose first row is its heading."""
    shown = [_table(lines) if is_table else _prose(lines) for is_table, lines in parts_of(text or "")]
    return mark_safe("".join(shown))  # noqa: S308 -- every part is made by format_html


def _prose(lines: list[str]) -> SafeString:
    if not any(line.strip() for line in lines):
        return SafeString("")
    return format_html("<p>{}</p>", format_html_join(mark_safe("<br>"), "{}", ((line,) for line in lines)))


def _table(lines: list[str]) -> SafeString:
    head, *rows = [cells_of(line) for line in lines]
    return format_html(
        '<div class="question__table"><table class="table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>',
        format_html_join("", '<th scope="col">{}</th>', ((cell,) for cell in head)),
        format_html_join(
            "",
            "<tr>{}</tr>",
            ((format_html_join("", "<td>{}</td>", ((cell,) for cell in row)),) for row in rows),
        ),
    )

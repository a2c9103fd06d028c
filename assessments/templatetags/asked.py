"""How the words of a question are shown."""

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from assessments import media_words
from assessments.tables import cells_of, parts_of

register = template.Library()


@register.filter
def with_tables(text: str) -> SafeString:
    """Paragraphs with their line breaks, and lines of ``| cells |`` as a table whose first row is its heading."""
    shown = [_table(lines) if is_table else _prose(lines) for is_table, lines in parts_of(text or "")]
    return mark_safe("".join(shown))  # noqa: S308 -- every part is made by format_html


@register.filter
def asked(text: str) -> SafeString:
    """Words with their line breaks, pictures and sounds, to stand within a line."""
    return format_html_join(mark_safe("<br>"), "{}", ((_line(line),) for line in (text or "").split("\n")))


@register.filter
def in_words(text: str) -> str:
    """For lists, options and titles: pictures and sounds by what is said of them."""
    return media_words.in_words(text or "")


def _line(line: str) -> SafeString:
    return format_html_join(
        "", "{}", ((part if isinstance(part, str) else _media(part),) for part in media_words.parts_of(line))
    )


def _media(placed: media_words.Placed) -> SafeString | str:
    """A name that has no file yet stays as it was written."""
    source = media_words.source_of(placed.name)
    if source is None:
        return f"![{placed.said}]({placed.name})"
    address = reverse("assessments:media", kwargs={"sha256": source.sha256})
    if source.kind == "audio":
        return format_html(
            '<span class="question__sound"><span>{said}</span>'
            '<audio controls preload="none" src="{address}" aria-label="{said}"></audio></span>',
            said=placed.said,
            address=address,
        )
    return format_html(
        '<img class="question__picture" src="{}" alt="{}" width="{}" height="{}">',
        address, placed.said, source.width, source.height,
    )  # fmt: skip


def _prose(lines: list[str]) -> SafeString:
    if not any(line.strip() for line in lines):
        return SafeString("")
    return format_html("<p>{}</p>", asked("\n".join(lines)))


def _table(lines: list[str]) -> SafeString:
    head, *rows = [cells_of(line) for line in lines]
    return format_html(
        '<div class="question__table"><table class="table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>',
        format_html_join("", '<th scope="col">{}</th>', ((_line(cell),) for cell in head)),
        format_html_join(
            "",
            "<tr>{}</tr>",
            ((format_html_join("", "<td>{}</td>", ((_line(cell),) for cell in row)),) for row in rows),
        ),
    )

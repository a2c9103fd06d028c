"""Tables in the words of a question, as trainers write them: ``| Năm | Số hồ sơ |``, a line for each row. Pure computation."""

from collections.abc import Iterator
from itertools import groupby


def is_table_line(line: str) -> bool:
    line = line.strip()
    return len(line) > 2 and line.startswith("|") and line.endswith("|")


def parts_of(text: str) -> Iterator[tuple[bool, list[str]]]:
    """(is it a table, its lines) in order."""
    for is_table, lines in groupby(text.split("\n"), key=is_table_line):
        yield is_table, list(lines)


def cells_of(line: str) -> list[str]:
    """
    >>> cells_of("| Năm | Số hồ sơ |")
    ['Năm', 'Số hồ sơ']
    """
    return [cell.strip() for cell in line.strip()[1:-1].split("|")]


def lead_and_rest(text: str) -> tuple[str, str]:
    """The words up to the first table, and all from there on."""
    lines = text.split("\n")
    first = next((number for number, line in enumerate(lines) if is_table_line(line)), len(lines))
    return "\n".join(lines[:first]).strip(), "\n".join(lines[first:])

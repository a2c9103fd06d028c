"""Lessons and pages written as Markdown with front matter, read into StreamField values.

Beyond plain Markdown a text may hold containers, each opened by ``::: kind …`` and closed by ``:::`` on a line of its
own: ``callout``, ``steps``, ``figure`` and ``check``; ``fixtures/README.md`` shows them. No Django here. Every error
names the file and the line.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt

Block = tuple[str, Any]
# (figure file name, alternative text, caption) → the id of the stored image
ImageLookup = Callable[[str, str, str], int]

_OPENING = re.compile(r"^::: *(?P<kind>\w+)(?P<arguments>.*)$")
_QUOTED = re.compile(r'(?:(?P<name>\w+)=)?"(?P<value>[^"]*)"')
_CHOICE = re.compile(r"^- \[(?P<mark>[ xX])\] (?P<text>.+)$")
_NUMBERED = re.compile(r"^\d+\. ")
CALLOUT_KINDS = {"note", "example", "warning", "law"}

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


class ContentError(ValueError):
    """What is wrong in an authored file, with its place."""

    def __init__(self, path: Path, line: int, message: str):
        super().__init__(f"{path}:{line}: {message}")


@dataclass(frozen=True)
class Document:
    """A file's front matter and its body; ``first_line`` is the body's first line in the file, from 1."""

    path: Path
    meta: dict[str, Any]
    body: str
    first_line: int


def read_document(path: Path) -> Document:
    """Split a file into front matter and body."""
    text = path.read_text(encoding="utf-8")
    parts = re.match(r"\A---\n(.*?)\n---\n(.*)\Z", text, re.DOTALL)
    if not parts:
        raise ContentError(path, 1, "the file must begin with front matter between two lines of ---")
    try:
        meta = yaml.safe_load(parts[1])
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ContentError(path, (mark.line + 2) if mark else 1, f"front matter: {error}") from error
    if not isinstance(meta, dict):
        raise ContentError(path, 1, "front matter must be a list of names and values")
    return Document(path=path, meta=meta, body=parts[2], first_line=parts[1].count("\n") + 4)


def inline_html(text: str) -> str:
    return _markdown.renderInline(text.strip())


def html(text: str) -> str:
    return _markdown.render(text).strip()


def to_blocks(document: Document, image: ImageLookup) -> list[Block]:
    """The body as a list of (block name, value), in the shapes of ``cms.blocks``."""
    return _Reader(document.path, image).read(document.body.split("\n"), document.first_line)


def text_to_blocks(text: str, path: Path, image: ImageLookup) -> list[Block]:
    """The same for a text held in front matter; lines are counted from its own beginning."""
    return _Reader(path, image).read(text.split("\n"), 1)


class _Reader:
    def __init__(self, path: Path, image: ImageLookup):
        self.path = path
        self.image = image

    def read(self, lines: list[str], first_line: int) -> list[Block]:
        blocks: list[Block] = []
        plain: list[str] = []
        index = 0
        while index < len(lines):
            opening = _OPENING.match(lines[index])
            if not opening:
                plain.append(lines[index])
                index += 1
                continue
            blocks += self.plain_blocks("\n".join(plain))
            plain = []
            end = next((i for i in range(index + 1, len(lines)) if lines[i].strip() == ":::"), None)
            if end is None:
                raise ContentError(self.path, first_line + index, f"::: {opening['kind']} is never closed")
            blocks.append(self.container(opening, lines[index + 1 : end], first_line + index))
            index = end + 1
        return blocks + self.plain_blocks("\n".join(plain))

    def container(self, opening: re.Match, lines: list[str], line: int) -> Block:
        builders = {"callout": self.callout, "steps": self.steps, "figure": self.figure, "check": self.check}
        if opening["kind"] not in builders:
            raise ContentError(
                self.path, line, f"unknown container {opening['kind']}; known: {', '.join(builders)}"
            )
        named = {match["name"] or "": match["value"] for match in _QUOTED.finditer(opening["arguments"])}
        word = _QUOTED.sub("", opening["arguments"]).strip()
        return builders[opening["kind"]](word, named, lines, line)

    def callout(self, kind: str, named: dict[str, str], lines: list[str], line: int) -> Block:
        if kind not in CALLOUT_KINDS:
            raise ContentError(
                self.path, line, f"unknown callout {kind!r}; known: {', '.join(sorted(CALLOUT_KINDS))}"
            )
        return "callout", {"kind": kind, "title": named.get("", ""), "text": html("\n".join(lines))}

    def steps(self, _word: str, named: dict[str, str], lines: list[str], line: int) -> Block:
        steps: list[list[str]] = []
        for text in lines:
            if _NUMBERED.match(text):
                steps.append([_NUMBERED.sub("", text)])
            elif text.strip():
                if not steps:
                    raise ContentError(self.path, line, "steps must begin with a numbered line")
                steps[-1].append(text.strip())
        if not steps:
            raise ContentError(self.path, line, "steps without a single step")
        return "steps", {"title": named.get("", ""), "steps": [html("\n".join(step)) for step in steps]}

    def figure(self, name: str, named: dict[str, str], lines: list[str], line: int) -> Block:
        alt, caption = named.get("alt", ""), named.get("", "")
        if not name or not alt:
            raise ContentError(self.path, line, "a figure needs a file name and alt text")
        if any(text.strip() for text in lines):
            raise ContentError(
                self.path, line, "a figure holds no text; its caption stands in its first line"
            )
        try:
            image_id = self.image(name, alt, caption)
        except FileNotFoundError as error:
            raise ContentError(self.path, line, f"no figure {name}") from error
        return "figure", {"image": image_id, "alt_text": alt, "caption": caption}

    def check(self, _word: str, named: dict[str, str], lines: list[str], line: int) -> Block:
        choices, explanation = [], []
        for offset, text in enumerate(lines, start=1):
            choice = _CHOICE.match(text)
            if choice:
                choices.append({"text": choice["text"].strip(), "is_correct": choice["mark"] != " "})
            elif text.startswith(">"):
                explanation.append(text[1:].strip())
            elif text.strip():
                raise ContentError(
                    self.path, line + offset, "a check holds choices (- [ ] …) and an explanation (> …)"
                )
        if len(choices) < 2 or not any(choice["is_correct"] for choice in choices):
            raise ContentError(
                self.path, line, "a check needs two choices or more, and a right one among them"
            )
        return "check_question", {
            "question": named.get("", ""),
            "choices": choices,
            "explanation": " ".join(explanation),
        }

    def plain_blocks(self, text: str) -> list[Block]:
        """Headings, tables and quotations become blocks of their own, what stands between them one text block."""
        tokens = _markdown.parse(text)
        blocks: list[Block] = []
        pending: list[Any] = []

        def flush() -> None:
            if pending:
                blocks.append(("text", _markdown.renderer.render(pending, _markdown.options, {}).strip()))
                pending.clear()

        index = 0
        while index < len(tokens):
            end = index
            if tokens[index].nesting == 1:
                while tokens[end].nesting != -1 or tokens[end].level != tokens[index].level:
                    end += 1
            group = tokens[index : end + 1]
            if group[0].type == "heading_open":
                flush()
                level = "2" if group[0].tag == "h2" else "3"
                blocks.append(("heading", {"text": _plain(group[1]), "level": level}))
            elif group[0].type == "table_open":
                flush()
                blocks.append(("table", _table(group)))
            elif group[0].type == "blockquote_open":
                flush()
                words = [_plain(token) for token in group if token.type == "inline"]
                blocks.append(("quote", {"text": "\n".join(words), "source": ""}))
            else:
                pending += group
            index = end + 1
        flush()
        return blocks


def _plain(inline: Any) -> str:
    """The words of an inline token without their marks."""
    return "".join(child.content if child.type != "softbreak" else " " for child in inline.children or [])


def _table(tokens: list[Any]) -> dict[str, Any]:
    rows: list[list[Any]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(token)
    headings, *body = rows
    return {
        "caption": "",
        "table": {
            "columns": [{"type": "text", "heading": _plain(cell)} for cell in headings],
            "rows": [
                {"values": [_markdown.renderer.render([cell], _markdown.options, {}) for cell in row]}
                for row in body
            ],
            "caption": "",
        },
    }

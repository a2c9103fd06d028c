"""No page loads anything from another host: looked for in the sources here, and in a real browser by ``page``."""

import re

from .sources import ROOMS, files_with, lines_of

LOADED = [
    re.compile(r"""<(?:script|img|iframe|source|video|audio|embed|track|object|use|image)\b[^>]*?\b
                   (?:src|srcset|data|poster|href|xlink:href)\s*=\s*["']?\s*(?:https?:)?//""", re.I | re.X),
    re.compile(r"""<link\b(?![^>]*\brel\s*=\s*["']?(?:canonical|alternate))[^>]*?\bhref\s*=\s*["']?\s*(?:https?:)?//""", re.I),
    re.compile(r"""url\(\s*["']?\s*(?:https?:)?//""", re.I),
    re.compile(r"""@import\s+["'](?:https?:)?//""", re.I),
    re.compile(r"""(?:\bfrom\s+|\bimport\s*\(?\s*|\bfetch\(\s*|new\s+(?:WebSocket|EventSource|Worker)\(\s*)
                   ["'`](?:https?:|wss?:)?//""", re.I | re.X),
]  # fmt: skip


def loads_from_elsewhere(line: str) -> bool:
    return any(pattern.search(line) for pattern in LOADED)


def test_templates_styles_scripts_and_drawings_load_nothing_from_another_host():
    files = files_with(".html", ".css", ".js", ".mjs", ".svg", ".txt", inside=(*ROOMS, "fixtures"))
    found = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path in files
        for number, line in enumerate(lines_of(path), 1)
        if loads_from_elsewhere(line)
    ]
    assert found == []


def test_the_search_finds_what_it_is_for():
    for line in (
        '<script src="https://cdn.example/x.js">',
        '<link rel="stylesheet" href="//fonts.example/css">',
        "background: url(https://cdn.example/a.png)",
        "import x from 'https://esm.example/x'",
        '<use href="https://cdn.example/sprite.svg#a">',
    ):
        assert loads_from_elsewhere(line), line
    for line in (
        '<a href="https://example.vn">nguồn</a>',
        '<link rel="canonical" href="https://boiduong.example/">',
        '<svg xmlns="http://www.w3.org/2000/svg">',
        "{% static 'js/app.js' %}",
    ):
        assert not loads_from_elsewhere(line), line

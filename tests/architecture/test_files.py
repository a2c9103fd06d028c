"""How files are named and how long they may be."""

import re
from pathlib import Path

from .sources import ROOMS, files_with, lines_of, project_files

LONGEST = 450

# path → why it is one piece. An entry for a file that is short enough fails too.
LONG_FOR_A_REASON: dict[str, str] = {}

VAGUE_NAMES = {"utils", "helpers", "common", "misc", "util", "helper"}
TOP_LEVEL_FOLDERS = {
    "lms", "courses", "assessments", "certificates", "cms", "fixtures", "tests", "docs", ".ci",
}  # fmt: skip


def long_files() -> dict[str, int]:
    code = files_with(".py", ".js", ".css", ".html", inside=(*ROOMS, "tests", "fixtures"))
    lengths = {str(p): len(lines_of(p)) for p in code if "migrations" not in p.parts}
    return {name: length for name, length in lengths.items() if length > LONGEST}


def test_files_can_be_read_at_one_sitting():
    unexplained = {name: length for name, length in long_files().items() if name not in LONG_FOR_A_REASON}
    assert unexplained == {}, (
        f"longer than {LONGEST} lines: split by noun, or give the reason in LONG_FOR_A_REASON"
    )


def test_reasons_for_long_files_are_still_needed():
    assert set(LONG_FOR_A_REASON) <= set(long_files())


def test_modules_are_named_for_what_they_hold():
    vague = [str(p) for p in files_with(".py", ".js", ".css") if p.stem in VAGUE_NAMES]
    assert vague == []


def test_nothing_third_party_is_copied_into_the_repository():
    copied = [
        str(p)
        for p in project_files()
        if re.search(r"\.min\.(js|css)$", p.name)
        or {"node_modules", "vendor", "third_party", "bower_components"} & set(p.parts)
        or p.suffix in {".ttf", ".otf", ".woff", ".woff2"}
    ]
    assert copied == []


def test_no_script_or_style_looks_minified():
    dense = [str(p) for p in files_with(".js", ".css") if any(len(line) > 500 for line in lines_of(p))]
    assert dense == []


def test_migrations_are_named():
    unnamed = [
        str(p) for p in files_with(".py", inside=ROOMS) if "migrations" in p.parts and "_auto_" in p.name
    ]
    assert unnamed == []


def test_the_top_level_stays_as_the_owner_set_it():
    folders = {p.parts[0] for p in project_files() if len(p.parts) > 1}
    assert folders <= TOP_LEVEL_FOLDERS


def test_text_is_in_composed_form():
    """Vietnamese typed in decomposed form looks alike and compares unequal."""
    import unicodedata

    texts = files_with(".py", ".html", ".md", ".po", ".yaml", ".yml", ".csv", ".js", ".css", ".svg", ".json")
    decomposed = [str(p) for p in texts if not unicodedata.is_normalized("NFC", "\n".join(lines_of(p)))]
    allowed = [name for name in decomposed if Path(name).parts[0] == "tests"]
    assert [name for name in decomposed if name not in allowed] == []

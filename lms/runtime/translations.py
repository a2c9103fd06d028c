"""Compile catalogues with Babel, so that a machine without gettext gets its Vietnamese too.

Run by the venv's Python: ``translations.py FILE.po …``. A fuzzy entry is left out, as msgfmt would.
"""

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogue(source: Path) -> Path:
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parents[1].name, abort_invalid=True)
    target = source.with_suffix(".mo")
    draft = target.with_suffix(".mo.new")
    with draft.open("wb") as file:
        write_mo(file, catalogue)
    return draft.replace(target)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        compile_catalogue(Path(name))

"""The project's own files, as the architecture tests read them."""

import subprocess
from functools import cache
from pathlib import Path

from lms.runtime.places import IGNORED_FOLDERS, ROOT

ROOMS = ("lms", "cms", "courses", "assessments", "certificates")


@cache
def project_files() -> tuple[Path, ...]:
    """What git tracks or would track; in an unpacked archive, everything that is not made or installed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode == 0:
        paths = [Path(name) for name in listed.stdout.split("\0") if name]
    else:
        paths = [p.relative_to(ROOT) for p in ROOT.rglob("*") if not IGNORED_FOLDERS & set(p.parts)]
    return tuple(sorted(p for p in paths if (ROOT / p).is_file()))


def files_with(*suffixes: str, inside: tuple[str, ...] = ()) -> list[Path]:
    return [p for p in project_files() if p.suffix in suffixes and (not inside or p.parts[0] in inside)]


def lines_of(path: Path) -> list[str]:
    return (ROOT / path).read_text(encoding="utf-8").splitlines()

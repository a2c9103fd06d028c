"""A stamp remembers from what a thing was made; as long as that has not changed, it is not made again."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from .places import ROOT


def fingerprint(*parts: str, files: Iterable[Path] = ()) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() + b"\0")
    for path in files:
        name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
        digest.update(str(name).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


class Stamp:
    """Kept beside what it describes where that is a folder of its own, so that deleting one deletes both."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def says(self, value: str) -> bool:
        return self.path.is_file() and self.path.read_text() == value

    def write(self, value: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(f".{os.getpid()}")
        draft.write_text(value)
        draft.replace(self.path)

    def tear_off(self) -> None:
        self.path.unlink(missing_ok=True)

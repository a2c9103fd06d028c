"""What the person at the terminal reads: Vietnamese first, then English; one clear sentence for a failure."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .places import shown


class Failure(Exception):
    """Something only the person can put right; says what, in both languages."""

    def __init__(self, vi: str, en: str, log: Path | None = None) -> None:
        super().__init__(en)
        self.vi, self.en, self.log = vi, en, log


def report(failure: Failure) -> None:
    print(f"✗ {failure.vi}\n  {failure.en}", file=sys.stderr)
    if failure.log:
        print(f"  Nhật ký đầy đủ / full log: {shown(failure.log)}", file=sys.stderr)


def say(text: str = "") -> None:
    print(text, flush=True)


@contextmanager
def timed(vi: str, en: str) -> Iterator[None]:
    print(f"• {vi} / {en} …", end="", flush=True)
    begun = time.monotonic()
    try:
        yield
    except BaseException:
        print(" ✗", flush=True)
        raise
    print(f" {time.monotonic() - begun:.1f} s", flush=True)


def speak_utf8() -> None:
    """A terminal set to another encoding gets replacement marks, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")

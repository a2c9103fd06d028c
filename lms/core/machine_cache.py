"""The cache of the embedded defaults: one for all processes of this machine, in an SQLite file of its own.

A cache in each process's memory would let every web process count by itself, so that a limit of 5 sign-ins meant 10,
and would keep in one process what another has already thrown away. This one costs some 20 µs a reading. Several
machines share a Redis instead (``CACHE_URL``).
"""

import fcntl
import os
import pickle
import random
import sqlite3
import time
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

SCHEMA = "CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value, expires REAL) WITHOUT ROWID"
BUSY_SECONDS = 5
WRITES_PER_SWEEP = 500  # on average

# A connection must not be used, not even closed, by a process forked after it was opened.
_left_behind: list[sqlite3.Connection] = []


class MachineCache(BaseCache):
    """``LOCATION`` is the file. Whole numbers are kept as such, so that ``incr`` counts across processes."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._path = Path(location)
        self._connection: sqlite3.Connection | None = None
        self._process = 0

    @property
    def _file(self) -> sqlite3.Connection:
        if self._connection is not None and self._process == os.getpid():
            return self._connection
        if self._connection is not None:
            _left_behind.append(self._connection)
        # SQLite does not wait for whoever else turns a new file to WAL: two web processes that start at once would clash.
        with self._path.with_name(f"{self._path.name}.lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            self._path.touch(mode=0o600, exist_ok=True)
            opened = sqlite3.connect(
                self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            opened.execute("PRAGMA journal_mode=WAL")
            # No waiting for the disk: a power cut may take the newest entries, never the file.
            opened.execute("PRAGMA synchronous=NORMAL")
            opened.execute(SCHEMA)
        self._connection, self._process = opened, os.getpid()
        return opened

    @contextmanager
    def _at_once(self):
        """Several statements that no other process comes between."""
        self._file.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._file.execute("ROLLBACK")
            raise
        self._file.execute("COMMIT")

    def _key(self, key: str, version: int | None) -> str:
        return self.make_and_validate_key(key, version=version)

    def _write(
        self, key: str, value: Any, timeout: Any, version: int | None, *, only_new: bool = False
    ) -> bool:
        expires = self.get_backend_timeout(timeout)
        if random.randrange(WRITES_PER_SWEEP) == 0:  # noqa: S311
            self._sweep()
        written = self._file.execute(
            "INSERT INTO entries VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE"
            " SET value = excluded.value, expires = excluded.expires WHERE ? OR entries.expires <= ?",
            (self._key(key, version), _packed(value), expires, not only_new, time.time()),
        )
        return written.rowcount == 1

    def _sweep(self) -> None:
        self._file.execute("DELETE FROM entries WHERE expires <= ?", (time.time(),))
        [count] = self._file.execute("SELECT count(*) FROM entries").fetchone()
        if count > self._max_entries:
            self._file.execute(
                "DELETE FROM entries WHERE key IN (SELECT key FROM entries ORDER BY expires IS NULL, expires LIMIT ?)",
                (count // (self._cull_frequency or 1),),
            )

    # --- What Django asks of a cache --------------------------------------------------------------------------
    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        row = self._file.execute(
            "SELECT value FROM entries WHERE key = ? AND (expires IS NULL OR expires > ?)",
            (self._key(key, version), time.time()),
        ).fetchone()
        return default if row is None else _unpacked(row[0])

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        missing = object()
        found = {key: self.get(key, missing, version) for key in keys}
        return {key: value for key, value in found.items() if value is not missing}

    def has_key(self, key: str, version: int | None = None) -> bool:
        missing = object()
        return self.get(key, missing, version) is not missing

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._write(key, value, timeout, version)

    def set_many(
        self, data: Mapping[str, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[str]:
        with self._at_once():
            for key, value in data.items():
                self._write(key, value, timeout, version)
        return []

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._write(key, value, timeout, version, only_new=True)

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        name, now = self._key(key, version), time.time()
        with self._at_once():
            changed = self._file.execute(
                "UPDATE entries SET value = value + ?"
                " WHERE key = ? AND typeof(value) = 'integer' AND (expires IS NULL OR expires > ?)",
                (delta, name, now),
            )
            if changed.rowcount != 1:
                raise ValueError(f"there is no number at {key!r}")
            [value] = self._file.execute("SELECT value FROM entries WHERE key = ?", (name,)).fetchone()
        return value

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        changed = self._file.execute(
            "UPDATE entries SET expires = ? WHERE key = ? AND (expires IS NULL OR expires > ?)",
            (self.get_backend_timeout(timeout), self._key(key, version), time.time()),
        )
        return changed.rowcount == 1

    def delete(self, key: str, version: int | None = None) -> bool:
        gone = self._file.execute(
            "DELETE FROM entries WHERE key = ? AND (expires IS NULL OR expires > ?)",
            (self._key(key, version), time.time()),
        )
        return gone.rowcount == 1

    def clear(self) -> None:
        self._file.execute("DELETE FROM entries")


def _packed(value: Any) -> int | bytes:
    if type(value) is int and -(2**63) <= value < 2**63:
        return value
    return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


def _unpacked(stored: int | bytes) -> Any:
    # Written by ourselves into a file that only we may write to.
    return stored if isinstance(stored, int) else pickle.loads(stored)  # noqa: S301

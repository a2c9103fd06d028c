"""Test databases: migrated once per state of the migrations, then copied.

A whole migrate takes twenty seconds and more; a copy takes milliseconds on SQLite and a fraction of a second on
PostgreSQL. The copy also replaces the flush after a transactional test, so that what migrations wrote (the page
tree's root, the languages, the roles) is there again for the next test.
"""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from lms.runtime.places import ROOT, source_files
from lms.runtime.stamps import fingerprint

TEMPLATES_KEPT = 3


def migration_fingerprint() -> str:
    migrations = [p for p in source_files("*.py") if p.parent.name == "migrations"]
    return fingerprint(
        connection.vendor,
        files=[*migrations, ROOT / "requirements.txt", ROOT / "lms" / "settings" / "base.py"],
    )[:12]


@contextmanager
def only_one_process(name: str) -> Iterator[None]:
    """Workers of one run, and runs beside each other, build a template once."""
    folder = Path(settings.TEST_TEMPLATE_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def keep_newest(folder: Path, pattern: str, keep: int = TEMPLATES_KEPT) -> None:
    for old in sorted(folder.glob(pattern), key=lambda p: p.stat().st_mtime, reverse=True)[keep:]:
        shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)


@cache
def own_databases() -> "SqliteFiles | PostgresDatabases":
    """Asked first before the connection is pointed at the test database: names go by the configured one."""
    return PostgresDatabases() if connection.vendor == "postgresql" else SqliteFiles()


@contextmanager
def connected_to(name: str, **options: object) -> Iterator[None]:
    """The default connection, pointed at another database for a while."""
    connection.close()
    before = connection.settings_dict["NAME"], connection.settings_dict["OPTIONS"]
    connection.settings_dict["NAME"] = name
    connection.settings_dict["OPTIONS"] = before[1] | options
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"], connection.settings_dict["OPTIONS"] = before


class SqliteFiles:
    """Databases are files; ``name`` is a path."""

    def __init__(self) -> None:
        self.folder = Path(settings.TEST_TEMPLATE_DIR)
        self.name = str(connection.settings_dict["TEST"]["NAME"])

    def migrated_template(self) -> str:
        template = self.folder / f"migrated-{migration_fingerprint()}.sqlite3"
        with only_one_process("migrated-sqlite"):
            if not template.exists():
                draft = template.with_suffix(f".{os.getpid()}.draft")
                draft.unlink(missing_ok=True)
                with connected_to(str(draft), init_command="PRAGMA synchronous=OFF;"):
                    call_command("migrate", verbosity=0, interactive=False)
                draft.replace(template)
                keep_newest(self.folder, "migrated-*.sqlite3")
        return str(template)

    def copy(self, template: str, name: str) -> None:
        """A new file under the name: whoever still has the old one open keeps the old one."""
        target = Path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(target.name + ".draft")
        shutil.copyfile(template, draft)
        for tail in ("-wal", "-shm"):
            target.with_name(target.name + tail).unlink(missing_ok=True)
        draft.replace(target)

    def snapshot(self, name: str, template: str) -> None:
        """Keep a database, whatever else is reading it, as a template."""
        with closing(sqlite3.connect(name)) as source, closing(sqlite3.connect(template)) as target:
            source.backup(target)

    def exists(self, name: str) -> bool:
        return Path(name).exists()

    def drop(self, name: str) -> None:
        for tail in ("", "-wal", "-shm"):
            Path(name + tail).unlink(missing_ok=True)

    def url(self, name: str) -> str:
        return f"sqlite:///{name}"


class PostgresDatabases:
    """Databases of one server, which copies them itself."""

    def __init__(self) -> None:
        self.base = connection.settings_dict["NAME"]
        self.name = connection.settings_dict["TEST"]["NAME"] or f"test_{self.base}"

    def migrated_template(self) -> str:
        family = f"template_{self.base}_migrated_"
        template = family + migration_fingerprint()
        with only_one_process("migrated-postgresql"):
            if not self.exists(template):
                self.drop_family(family)
                draft = f"{template}_draft"
                self.drop(draft)
                self.execute(f'CREATE DATABASE "{draft}"')
                with connected_to(draft):
                    call_command("migrate", verbosity=0, interactive=False)
                self.execute(f'ALTER DATABASE "{draft}" RENAME TO "{template}"')
        return template

    def copy(self, template: str, name: str) -> None:
        self.drop(name)
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    def drop(self, name: str) -> None:
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def drop_family(self, family: str) -> None:
        """Templates of earlier states of the code."""
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [family])
            names = [name for (name,) in cursor.fetchall()]
        for name in names:
            self.drop(name)

    def exists(self, name: str) -> bool:
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            return cursor.fetchone() is not None

    def execute(self, statement: str) -> None:
        with connection._nodb_cursor() as cursor:
            cursor.execute(statement)

    def url(self, name: str) -> str:
        server = connection.settings_dict
        login = ":".join(part for part in (server["USER"], server["PASSWORD"]) if part)
        place = f"{server['HOST'] or 'localhost'}:{server['PORT'] or 5432}"
        return f"postgres://{login}@{place}/{name}" if login else f"postgres://{place}/{name}"

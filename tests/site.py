"""A real site for tests: web server and worker as processes of their own, on a copy of the demo world.

The demo world is loaded once per state of the code and the day (its dates move with today) and then copied.
"""

import datetime as dt
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from lms.runtime.places import PYTHON, ROOT, child_environment, source_files
from lms.runtime.serve import Address, Site
from lms.runtime.stamps import fingerprint
from tests.database import PostgresDatabases, SqliteFiles, keep_newest, only_one_process, own_databases

ROOMS = {"lms", "cms", "courses", "assessments", "certificates", "fixtures"}
SITE_SETTINGS = "lms.settings.dev"


class DemoSite:
    """A running site: ``url`` to visit, ``manage`` to ask, ``site`` to break."""

    def __init__(self, site: Site, environment: dict[str, str]) -> None:
        self.site, self.environment = site, environment

    @property
    def url(self) -> str:
        return self.site.url

    @property
    def var(self) -> Path:
        return self.site.var

    def manage(self, *arguments: str) -> str:
        """The output of a management command run in this site's world."""
        return manage(self.environment, *arguments)


def manage(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [str(PYTHON), "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"manage.py {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@contextmanager
def running_site(*, demo: bool = True, web_workers: int = 1, worker_processes: int = 1) -> Iterator[DemoSite]:
    """Start a site of its own, with the demo world or with what the migrations leave; gone afterwards."""
    databases = own_databases()
    folder = Path(tempfile.mkdtemp(prefix="boiduongso-site-"))
    var = folder / "var"
    name = (
        str(var / "db.sqlite3")
        if isinstance(databases, SqliteFiles)
        else f"{databases.name}_{folder.name[-8:]}"
    )
    try:
        if demo:
            template = demo_template()
            shutil.copytree(template, var)
            databases.copy(demo_database(template), name)
        else:
            var.mkdir()
            databases.copy(databases.migrated_template(), name)
        (var / "static").symlink_to(collected_static())
        extra = site_environment(var, databases.url(name))
        site = Site(
            Address("127.0.0.1", 0), web_workers=web_workers, worker_processes=worker_processes,
            var=var, say=print, **{k: v for k, v in extra.items() if k != "VAR_DIR"},
        )  # fmt: skip
        with site:
            yield DemoSite(site, child_environment(**extra, BASE_URL=site.url))
    finally:
        databases.drop(name)
        shutil.rmtree(folder, ignore_errors=True)


def site_environment(var: Path, database_url: str) -> dict[str, str]:
    extra = {
        "VAR_DIR": str(var),
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": SITE_SETTINGS,
        "QUEUE_NAME": "-".join(var.parts[-2:]),
    }
    for name, configured in (
        ("CACHE_URL", settings.CACHES["default"].get("LOCATION", "")),
        ("CELERY_BROKER_URL", os.environ.get("CELERY_BROKER_URL", "")),
    ):
        if str(configured).startswith("redis"):
            extra[name] = str(configured)
    return extra


def demo_template() -> Path:
    """A folder as ``VAR_DIR`` is after ``load_demo``; its database lies inside it, or on the server under its name."""
    databases = own_databases()
    code = [
        p for p in source_files("*") if ROOMS & set(p.relative_to(ROOT).parts[:1]) and "static" not in p.parts
    ]
    mark = fingerprint(str(dt.date.today()), files=[*code, ROOT / "requirements.txt"])[:12]
    kind = "sqlite" if isinstance(databases, SqliteFiles) else "postgresql"
    folder = Path(settings.TEST_TEMPLATE_DIR) / f"demo-{kind}-{mark}"
    with only_one_process(f"demo-{kind}"):
        if not (folder.is_dir() and databases.exists(demo_database(folder))):
            draft = folder.with_name(folder.name + ".draft")
            for old in (draft, folder):
                shutil.rmtree(old, ignore_errors=True)
            draft.mkdir()
            name = demo_database(draft)
            if isinstance(databases, PostgresDatabases):
                databases.drop_family(f"template_{databases.base}_demo_")
            databases.copy(databases.migrated_template(), name)
            manage(child_environment(**site_environment(draft, databases.url(name))), "load_demo")
            if isinstance(databases, SqliteFiles):
                databases.snapshot(name, name + ".whole")
                databases.drop(name)
                Path(name + ".whole").replace(name)
            draft.rename(folder)
            keep_newest(folder.parent, f"demo-{kind}-????????????", keep=2)
    return folder


def demo_database(folder: Path) -> str:
    databases = own_databases()
    if isinstance(databases, SqliteFiles):
        return str(folder / "db.sqlite3")
    return f"template_{databases.base}_demo_{folder.name.removesuffix('.draft')[-12:]}"


def collected_static() -> Path:
    """Static files as ``make run`` serves them: hashed and compressed, made once per state of their sources."""
    files = [p for p in source_files("*") if "static" in p.parts]
    setups = sorted((ROOT / "lms" / "settings").glob("*.py"))
    locks = [ROOT / "requirements.txt", ROOT / "package-lock.json"]
    folder = Path(settings.TEST_TEMPLATE_DIR) / f"static-{fingerprint(files=[*files, *setups, *locks])[:12]}"
    with only_one_process("static"):
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
                environment = child_environment(VAR_DIR=scratch, DJANGO_SETTINGS_MODULE=SITE_SETTINGS)
                manage(environment, "collectstatic", "--noinput", "-v", "0")
                (Path(scratch) / "static").rename(folder)
            keep_newest(folder.parent, "static-????????????", keep=2)
    return folder


@pytest.fixture(scope="session")
def demo_site(django_db_setup: None, django_db_blocker: object) -> Iterator[DemoSite]:
    """One site for all browser tests of a process; what a test changes there, the next one finds."""
    with django_db_blocker.unblock(), running_site() as site:
        yield site


@pytest.fixture
def own_site(django_db_setup: None, django_db_blocker: object) -> Iterator[DemoSite]:
    """A site for one test alone, for journeys that change much or break things."""
    with django_db_blocker.unblock(), running_site() as site:
        yield site

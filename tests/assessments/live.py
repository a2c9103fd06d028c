"""A real site with one quiz and its learners, for tests that need processes: a browser's, or ones to kill."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.test import override_settings

from lms.runtime.serve import Address, Site
from tests.database import SqliteFiles, connected_to, own_databases
from tests.factories.courses import make_home
from tests.site import collected_static, site_environment

# The site runs with real settings and cannot read the cheap hashes of the test settings.
REAL_HASHER = ["django.contrib.auth.hashers.Argon2PasswordHasher"]


@dataclass
class LiveSite:
    """``world`` is what ``build`` gave; ``database`` opens the site's own database to this process."""

    site: Site
    name: str
    world: object = None

    @property
    def url(self) -> str:
        return self.site.url

    @contextmanager
    def database(self) -> Iterator[None]:
        with connected_to(self.name):
            yield


@contextmanager
def live_site(
    build: Callable[[], object], *, web_workers: int = 1, worker: bool = False, **extra: str
) -> Iterator[LiveSite]:
    """Copy the migrated template, let ``build`` fill it, start the site; everything is gone afterwards.

    ``extra`` goes into the site's environment: ``REQUIRE_SECOND_FACTOR="1"``.
    """
    databases = own_databases()
    folder = Path(tempfile.mkdtemp(prefix="boiduongso-live-"))
    name = (
        str(folder / "db.sqlite3")
        if isinstance(databases, SqliteFiles)
        else f"{databases.base}_{folder.name[-8:]}"
    )
    try:
        databases.copy(databases.migrated_template(), name)
        with connected_to(name), override_settings(PASSWORD_HASHERS=REAL_HASHER):
            make_home()
            world = build()
        (folder / "static").symlink_to(collected_static())
        environment = site_environment(folder, databases.url(name)) | extra
        environment.pop("VAR_DIR")
        site = Site(
            Address("127.0.0.1", 0), web_workers=web_workers, var=folder, say=lambda text: None, **environment
        )
        if not worker:
            site.children = [site.web]
        try:
            site.start()
            site.wait_for_first_page("/healthz")
            yield LiveSite(site, name, world)
        finally:
            site.stop()
    finally:
        databases.drop(name)
        shutil.rmtree(folder, ignore_errors=True)

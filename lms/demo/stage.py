"""The platform on an empty database in a folder of its own: set up, started, stopped, removed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lms.runtime.places import PYTHON, ROOT, child_environment
from lms.runtime.serve import Address, Site

SETTINGS = "lms.settings.dev"


class SetUpFailed(RuntimeError):
    """A management command failed; the message holds the end of what it said."""


@contextmanager
def running_platform(say: Callable[[str], object], *, runs: bool = False) -> Iterator[Site]:
    """Embedded defaults, whatever this process is set to: SQLite, the filesystem queue, a port that is free.

    With ``runs`` the demo world is whole; without them there are people, courses and banks, but no class yet.
    """
    var = Path(tempfile.mkdtemp(prefix="boiduongso-"))
    settings = {
        "VAR_DIR": str(var),
        "DATABASE_URL": f"sqlite:///{var / 'db.sqlite3'}",
        "CELERY_BROKER_URL": "filesystem://",
        "CACHE_URL": "",
        "DJANGO_SETTINGS_MODULE": SETTINGS,
    }
    try:
        for words, command in (
            ("an empty database", ["migrate", "--noinput", "-v", "0"]),
            ("the demo world", ["load_demo", *([] if runs else ["--without-runs"])]),
            ("static files", ["collectstatic", "--noinput", "-v", "0"]),
        ):
            say(f"… {words}")
            _manage(command, child_environment(**settings))
        processes = max(2, os.cpu_count() or 2)
        with Site(
            Address("127.0.0.1", 0),
            var=var,
            web_workers=processes,
            worker_processes=1,
            say=say,
            **{name: value for name, value in settings.items() if name != "VAR_DIR"},
        ) as site:
            say(f"… the platform runs at {site.url}")
            yield site
    finally:
        shutil.rmtree(var, ignore_errors=True)


def _manage(arguments: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        [str(PYTHON), "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SetUpFailed(f"manage.py {arguments[0]}: {(done.stderr or done.stdout)[-2000:]}")

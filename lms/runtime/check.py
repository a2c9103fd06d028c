"""``make check``: everything about the code that can be said without running it as a person would."""

import subprocess
import tempfile
import time

from .console import say
from .places import PYTHON, ROOT, VENV, child_environment

TEMPLATE_FOLDERS = ["lms", "cms", "courses", "assessments", "certificates"]

# What `check --deploy` asks of production, with values made up for the question.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "lms.settings.production",
    "SECRET_KEY": "x-" + "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" * 2,
    "ALLOWED_HOSTS": "boiduong.example",
    "BASE_URL": "https://boiduong.example",
}


def checks(scratch: str) -> list[tuple[str, list[str], dict[str, str]]]:
    bin_ = VENV / "bin"
    manage = [str(PYTHON), "manage.py"]
    production = PRODUCTION | {"VAR_DIR": scratch}
    return [
        ("ruff check", [f"{bin_}/ruff", "check", "."], {}),
        ("ruff format", [f"{bin_}/ruff", "format", "--check", "."], {}),
        ("djlint", [f"{bin_}/djlint", "--lint", "--quiet", *TEMPLATE_FOLDERS], {}),
        ("djade", [f"{bin_}/djade", "--check", "--target-version", "5.2", *templates()], {}),
        ("import contracts", [f"{bin_}/lint-imports", "--no-logo"], {}),
        ("migrations complete", [*manage, "makemigrations", "--check", "--dry-run"], {"VAR_DIR": scratch}),
        ("translations complete", [str(PYTHON), "-P", "lms/runtime/check_translations.py"], {}),
        ("check --deploy", [*manage, "check", "--deploy", "--fail-level", "WARNING"], production),
    ]


def templates() -> list[str]:
    return [
        str(path) for room in TEMPLATE_FOLDERS for path in sorted((ROOT / room).rglob("templates/**/*.html"))
    ]


def run_checks() -> int:
    failed = []
    with tempfile.TemporaryDirectory() as scratch:
        for name, command, extra in checks(scratch):
            begun = time.monotonic()
            done = subprocess.run(
                command, cwd=ROOT, env=child_environment(**extra), stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
            )  # fmt: skip
            say(f"{'✗' if done.returncode else '✓'} {name} ({time.monotonic() - begun:.1f} s)")
            if done.returncode:
                failed.append(name)
                say(done.stdout.rstrip())
    if failed:
        say(f"\n✗ {len(failed)} mục chưa đạt / failed: {', '.join(failed)}")
        return 1
    say("\n✓ Tất cả đều đạt / all checks pass")
    return 0

"""The commands behind the Makefile. Each is a function named for what it does."""

import os
import shutil
import sys

from .console import Failure, report, say, speak_utf8
from .places import NODE_MODULES, PYTHON, ROOT, VAR, VENV, child_environment, shown
from .serve import Address, only_one, serve
from .setup import DEMO_ACCOUNTS, set_up, set_up_site


def setup(arguments: list[str]) -> int:
    know_own_address(Address.from_environment())
    set_up_site()
    say("✓ Sẵn sàng: make run / ready: make run")
    return 0


def install(arguments: list[str]) -> int:
    """What tests and checks need, without a database."""
    set_up(dev=True)
    return 0


def run(arguments: list[str]) -> int:
    address = Address.from_environment()
    listening = address.listen()
    know_own_address(Address(address.host, listening.getsockname()[1]))
    only_one(VAR).close()
    set_up_site()
    return serve(listening, address, greet)


def know_own_address(address: Address) -> None:
    """Every program started from here prints and mails the same address, the loader of the demo's certificates too."""
    if not os.environ.get("BASE_URL"):
        os.environ["BASE_URL"] = address.url()


def greet(url: str) -> None:
    say(f"\n  Bồi dưỡng số: {url}\n")
    if DEMO_ACCOUNTS.exists():
        say(DEMO_ACCOUNTS.read_text())
    say("  Ctrl-C để dừng / to stop\n")


def test(arguments: list[str]) -> int:
    set_up(dev=True)
    processes = os.environ.get("TEST_PROCESSES") or str(min(4, os.cpu_count() or 1))
    return become("-m", "pytest", "-n", processes, "--dist", "loadgroup", *arguments)


def journey(arguments: list[str]) -> int:
    set_up()
    return become("manage.py", "journey", *arguments)


def screenshots(arguments: list[str]) -> int:
    set_up(dev=True)
    return become("-m", "lms.demo.screenshots", *arguments)


def bench(arguments: list[str]) -> int:
    set_up(dev=True)
    return become("-m", "tests.benchmarks", *arguments)


def check(arguments: list[str]) -> int:
    set_up(dev=True)
    from .check import run_checks

    return run_checks()


def clean(arguments: list[str]) -> int:
    """Only inside the project: data that VAR_DIR keeps elsewhere is not ours to throw away."""
    for made in (VENV, NODE_MODULES, ROOT / "var", ROOT / "staticfiles"):
        if made.exists():
            shutil.rmtree(made)
            say(f"đã xoá / removed: {shown(made)}")
    caches = [p for name in ("__pycache__", ".pytest_cache", ".ruff_cache") for p in ROOT.rglob(name)]
    compiled = list(ROOT.rglob("*.mo"))
    for cache in caches:
        shutil.rmtree(cache, ignore_errors=True)
    for file in compiled:
        file.unlink()
    say(f"đã xoá / removed: {len(caches)} bộ đệm / caches, {len(compiled)} *.mo")
    return 0


def become(*arguments: str) -> int:
    """Hand the terminal over to the venv's Python, so that signals and the exit code are its own."""
    os.chdir(ROOT)
    sys.stdout.flush()
    env = child_environment()
    if arguments[:2] == ("-m", "pytest"):
        env.pop("DJANGO_SETTINGS_MODULE")
    os.execve(PYTHON, [str(PYTHON), *arguments], env)


COMMANDS = {
    command.__name__: command
    for command in (setup, install, run, test, journey, screenshots, bench, check, clean)
}


def main(arguments: list[str]) -> int:
    speak_utf8()
    if not arguments or arguments[0] not in COMMANDS:
        say("python3 lms/runtime " + " | ".join(COMMANDS))
        return 2
    try:
        return COMMANDS[arguments[0]](arguments[1:])
    except Failure as failure:
        report(failure)
    except KeyboardInterrupt:
        say("\nĐã dừng. / Stopped.")
        return 130
    return 1

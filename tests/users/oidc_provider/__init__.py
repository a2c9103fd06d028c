"""A real OpenID Connect provider (npm's ``oidc-provider``) in a process of its own."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import requests
from django.conf import settings

from lms.runtime.setup import find_npm
from lms.runtime.stamps import fingerprint
from tests.database import keep_newest, only_one_process

HERE = Path(__file__).parent
PATIENCE = 20  # seconds


def installed() -> tuple[Path, str]:
    """The folder it was installed into, once per state of its lock file, and the PATH with its Node."""
    npm, path = find_npm()
    mark = fingerprint(files=[HERE / "package-lock.json", HERE / "server.mjs"])[:12]
    folder = Path(settings.TEST_TEMPLATE_DIR) / f"oidc-provider-{mark}"
    with only_one_process("oidc-provider"):
        if not folder.is_dir():
            draft = folder.with_name(folder.name + ".draft")
            shutil.rmtree(draft, ignore_errors=True)
            shutil.copytree(HERE, draft, ignore=shutil.ignore_patterns("*.py", "__pycache__", "node_modules"))
            command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            subprocess.run([str(part) for part in command], cwd=draft, env={"PATH": path}, check=True)
            draft.rename(folder)
            keep_newest(folder.parent, "oidc-provider-????????????", keep=2)
    return folder, path


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def running_provider(port: int, callbacks: list[str]) -> Iterator[str]:
    """Its address while it runs; ``callbacks`` are the addresses it may lead people back to."""
    folder, path = installed()
    node = shutil.which("node", path=path)
    with subprocess.Popen(
        [str(node), "server.mjs", str(port), *callbacks],
        cwd=folder,
        env={"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            said = []
            for line in process.stdout:
                said.append(line)
                if "listening" in line:
                    break
            address = f"http://localhost:{port}"
            assert requests.get(f"{address}/.well-known/openid-configuration", timeout=PATIENCE).ok, said
            yield address
        finally:
            process.terminate()

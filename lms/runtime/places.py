"""Where things lie, and the environment that child processes get."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE_MODULES = ROOT / "node_modules"
LOCKS = Path(__file__).resolve().parent / "locks"
VAR = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()
STAMPS = VAR / "stamps"
LOGS = VAR / "log"
SETUP_LOG = LOGS / "setup.log"

IGNORED_FOLDERS = {".git", ".venv", "node_modules", "var", "staticfiles", "__pycache__"}


def child_environment(**extra: str) -> dict[str, str]:
    """This environment with the venv first on the PATH and nothing that would lead its Python elsewhere."""
    env = {
        k: v for k, v in os.environ.items() if k not in {"PYTHONHOME", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL"}
    }
    env["PATH"] = f"{VENV / 'bin'}{os.pathsep}{env.get('PATH', os.defpath)}"
    env["VIRTUAL_ENV"] = str(VENV)
    env["PYTHONUNBUFFERED"] = "1"
    env.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.dev")
    return env | extra


def source_files(*patterns: str) -> list[Path]:
    """Files of the project that match a glob, without what was made or installed."""
    found = set()
    for top in sorted(ROOT.iterdir()):
        if top.name in IGNORED_FOLDERS or not top.is_dir():
            continue
        for pattern in patterns:
            found.update(p for p in top.rglob(pattern) if p.is_file() and not IGNORED_FOLDERS & set(p.parts))
    return sorted(found)


def shown(path: Path) -> str:
    """A path as a person at the project's root would type it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)

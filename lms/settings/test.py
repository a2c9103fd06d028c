"""The embedded defaults with a cheap password hash; nothing that guards anything is switched off."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# A folder for each process of each run: workers, and runs side by side, never share a file.
if "PYTEST_XDIST_WORKER" in os.environ and "VAR_DIR" in os.environ:
    os.environ["VAR_DIR"] = str(Path(os.environ["VAR_DIR"]) / os.environ["PYTEST_XDIST_WORKER"])
elif "VAR_DIR" not in os.environ:
    os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="boiduongso-test-")
    atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)

from .base import *  # noqa: F403
from .base import BASE_DIR, DATABASES, SQLITE_OPTIONS, STATIC_ROOT, STORAGES, VAR_DIR

# WhiteNoise warns of every client where it finds no folder.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)

SECRET_KEY = "test-only"  # noqa: S105
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Hashed static names need a collectstatic; tests read the sources.
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
if "sqlite3" in DATABASES["default"]["ENGINE"]:
    # A file, not memory: threads and a killed process must meet the real locks.
    DATABASES["default"]["NAME"] = VAR_DIR / "test-source.sqlite3"
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
CELERY_TASK_DEFAULT_QUEUE = "-".join(VAR_DIR.parts[-2:])
TEST_TEMPLATE_DIR = BASE_DIR / "var" / "test-templates"

"""One machine, one command: what ``make run`` uses. ``DEBUG=1`` turns on Django's debug pages."""

import os
import secrets

from .base import *  # noqa: F403
from .base import VAR_DIR


def kept_secret_key() -> str:
    """The key is made once per installation, so that a restart signs nobody out."""
    path = VAR_DIR / "secret_key"
    if not path.exists():
        path.write_text(secrets.token_urlsafe(50))
        path.chmod(0o600)
    return path.read_text()


SECRET_KEY = os.environ.get("SECRET_KEY") or kept_secret_key()
DEBUG = os.environ.get("DEBUG", "") == "1"
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "*").split(",")

"""Behind TLS. Everything that must be said is read from the environment, and its absence stops the start."""

import os

from .base import *  # noqa: F403
from .base import WAGTAILADMIN_BASE_URL

SECRET_KEY = os.environ["SECRET_KEY"]
# Keys that were replaced: what was signed or encrypted under them holds as long as they stand here.
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if key]
ALLOWED_HOSTS = os.environ["ALLOWED_HOSTS"].split(",")
CSRF_TRUSTED_ORIGINS = [WAGTAILADMIN_BASE_URL]
PUBLIC_ADDRESS_REQUIRED = True
REQUIRE_SECOND_FACTOR = os.environ.get("REQUIRE_SECOND_FACTOR", "1") == "1"
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")

SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
# The CMS shows previews in a frame of its own origin; other origins are kept out by X-Frame-Options and CSP.
SILENCED_SYSTEM_CHECKS = ["security.W019"]

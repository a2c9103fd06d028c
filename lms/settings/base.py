"""What every environment shares. Every value that may differ comes from the environment.

Embedded defaults need no server: SQLite in WAL mode, Celery's filesystem transport and a cache in a
file, all under ``VAR_DIR``. ``DATABASE_URL``, ``CELERY_BROKER_URL`` and ``CACHE_URL`` move the same code to
PostgreSQL and Redis.
"""

import os
from datetime import timedelta
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from .single_sign_on import read_providers

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = Path(os.environ.get("VAR_DIR", BASE_DIR / "var")).resolve()
VAR_DIR.mkdir(parents=True, exist_ok=True)
NODE_MODULES = BASE_DIR / "node_modules"

DEBUG = False
ALLOWED_HOSTS: list[str] = []

INSTALLED_APPS = [
    # The house, leftmost room first: an upper room's templates win over a lower one's.
    "lms.demo",
    "lms.reporting",
    "certificates",
    "assessments",
    "courses",
    "cms",
    "lms.organisations",
    "lms.users",
    "lms.core",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "django_filters",
    "drf_spectacular",
    "django_htmx",
    "import_export",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.simple_translation",
    "wagtail.contrib.search_promotions",
    "wagtail.contrib.sitemaps",
    "wagtail.contrib.typed_table_block",
    "wagtail.embeds",
    "wagtail.sites",
    "lms.users.apps.AdminUsersConfig",  # wagtail.users with our viewset
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "lms.users.sessions.SessionLimitsMiddleware",
    "lms.core.audit_origin.AuditOriginMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lms.users.second_factor.SecondFactorMiddleware",
    "cms.admin_gate.AdminGateMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "lms.urls"
WSGI_APPLICATION = "lms.wsgi.application"
ASGI_APPLICATION = "lms.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "lms" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "lms.context_processors.shell",
            ],
            "builtins": [
                "lms.core.templatetags.ui",
                "django.templatetags.i18n",
                "django.templatetags.static",
            ],
        },
    },
]

# --- Data -----------------------------------------------------------------------------------------------
DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL", f"sqlite:///{VAR_DIR / 'db.sqlite3'}"),
        conn_max_age=60,
        conn_health_checks=True,
    )
}
# IMMEDIATE takes the write lock when a transaction begins, so two writers wait for each other instead of
# failing halfway; synchronous stays FULL because an acknowledged answer must survive a power cut.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # Compiling a statement of many parts, such as the obligation matrix, takes PostgreSQL fifty times as long as running it.
    # What the address asks for itself (``?options=``) stands.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHE_URL = os.environ.get("CACHE_URL", "")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}
        if CACHE_URL
        # Limits (sign-in, verification) count in it, so it is one for all processes.
        else {
            "BACKEND": "lms.core.machine_cache.MachineCache",
            "LOCATION": str(VAR_DIR / "cache.sqlite3"),
            "OPTIONS": {"MAX_ENTRIES": 20_000},
        }
    )
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# --- Background work: rows in the database are the truth, Celery only carries the wake-up ------------------
CELERY_QUEUE_DIR = VAR_DIR / "queue"
CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "filesystem://")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object]
if CELERY_BROKER_URL.startswith("filesystem://"):
    # Folders have no host, but kombu asks for one with every connection and warns when it must make it up.
    CELERY_BROKER_URL = "filesystem://localhost"
    for name in ("messages", "processed", "control"):
        (CELERY_QUEUE_DIR / name).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(CELERY_QUEUE_DIR / "messages"),
        "data_folder_out": str(CELERY_QUEUE_DIR / "messages"),
        "control_folder": str(CELERY_QUEUE_DIR / "control"),
        "store_processed": False,
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 30}
# Installations that share a broker need names of their own, or one takes the other's wake-ups and does nothing with them.
CELERY_TASK_DEFAULT_QUEUE = os.environ.get("QUEUE_NAME", "boiduongso")
# Celery takes the environment's CELERY_BROKER_URL before its own setting of that name; these two it takes first.
CELERY_BROKER_READ_URL = CELERY_BROKER_WRITE_URL = CELERY_BROKER_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep-jobs": {"task": "lms.core.tasks.sweep_jobs", "schedule": 5.0},
    "seal-audit-events": {"task": "lms.core.tasks.seal_audit_events", "schedule": 10.0},
    "close-overdue-attempts": {"task": "assessments.tasks.close_overdue_attempts", "schedule": 30.0},
    "prepare-scheduled-quizzes": {"task": "assessments.tasks.prepare_scheduled_quizzes", "schedule": 300.0},
    # Roles begin and end by date; hourly, so that the machine's own time zone does not matter.
    "sync-role-groups": {"task": "lms.organisations.tasks.sync_role_groups", "schedule": 3600.0},
    "follow-postings": {"task": "lms.organisations.tasks.follow_postings", "schedule": 3600.0},
    "forget-unused-files": {"task": "assessments.tasks.forget_unused_files", "schedule": 3600.0},
    "forget-staff-lists": {"task": "lms.organisations.tasks.forget_staff_lists", "schedule": 3600.0},
}
JOB_LEASE_SECONDS = int(os.environ.get("JOB_LEASE_SECONDS", "30"))
JOB_MAX_ATTEMPTS = 5

# --- People ----------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
# A class of 80 signs in within a minute: Argon2 costs about 40 ms here where PBKDF2's default costs 450.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "courses:dashboard"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_FORMS = {"login": "lms.users.forms.SignInForm"}
# A visitor who asks for the password of an address without an account makes us send nothing.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_ADAPTER = "lms.users.adapters.AccountAdapter"
ACCOUNT_SESSION_REMEMBER = None
# A second step for whoever holds a role. Production asks for it; the demo world, whose passwords are printed, does not.
REQUIRE_SECOND_FACTOR = os.environ.get("REQUIRE_SECOND_FACTOR", "0") == "1"
MFA_ADAPTER = "lms.users.second_factor.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "lms.users.second_factor_forms.AuthenticateForm",
    "reauthenticate": "lms.users.second_factor_forms.ReauthenticateForm",
    "activate_totp": "lms.users.second_factor_forms.ActivateTOTPForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Official addresses are the school's: nobody confirms one.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Half a minute either way: clocks of telephones are off.
MFA_TOTP_TOLERANCE = 1
# Providers of single sign-on stand in a file of the operator's; without one there are none.
SOCIALACCOUNT_PROVIDERS = read_providers(os.environ.get("SINGLE_SIGN_ON", ""))
SOCIALACCOUNT_ADAPTER = "lms.users.single_sign_on.SingleSignOnAdapter"
# A provider's portal may lead here by itself (OpenID Connect Core 1.0, section 4).
SOCIALACCOUNT_LOGIN_ON_GET = True
# Sensitive particulars that are kept, by name: ethnicity, party_member. None unless the installation says so.
SENSITIVE_FIELDS = [
    name for name in os.environ.get("SENSITIVE_FIELDS", "").replace(" ", "").split(",") if name
]
# (idle, whole) by whose session it is, see lms.users.sessions. Answers saved in a test are activity.
SESSION_LIMITS = {
    "learner": (timedelta(hours=12), timedelta(days=14)),
    "staff": (timedelta(hours=1), timedelta(hours=12)),
}
# A whole class signs in behind one office address, so only failures are limited, and by account.
ACCOUNT_RATE_LIMITS = {
    "login": "600/m/ip",
    "login_failed": "60/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/m/key",
}

# --- Languages: Vietnamese first, English complete --------------------------------------------------------
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "lms" / "locale"]
FORMAT_MODULE_PATH = ["lms.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"
WAGTAIL_I18N_ENABLED = True
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES

# --- Files ----------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "lms" / "static",
    *(
        (f"npm/{prefix}", NODE_MODULES / package)
        for prefix, package in [
            ("htmx", "htmx.org/dist"),
            ("be-vietnam-pro", "@fontsource/be-vietnam-pro"),
            ("plus-jakarta-sans", "@fontsource/plus-jakarta-sans"),
        ]
        if (NODE_MODULES / package).is_dir()
    ),
]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
# Certificates, exports and decisions: read through views that ask for the right, never by their path.
PRIVATE_MEDIA_ROOT = VAR_DIR / "private"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {
        "BACKEND": "lms.core.storage.AtomicFileSystemStorage",
        "OPTIONS": {"location": str(PRIVATE_MEDIA_ROOT), "base_url": None},
    },
    "staticfiles": {"BACKEND": "lms.core.static_files.HashedStaticFiles"},
}
FILE_UPLOAD_PERMISSIONS = 0o640
# A document that takes longer than this is given up: work in the background is cut into smaller ones.
PDF_MAX_SECONDS = 60
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# --- Wagtail ---------------------------------------------------------------------------------------------
WAGTAIL_SITE_NAME = "Bồi dưỡng số"
# Printed on certificates and sent in mails; `make run` sets it from HOST and PORT where it is not set.
WAGTAILADMIN_BASE_URL = (os.environ.get("BASE_URL") or "http://localhost:8000").rstrip("/")
# Whether nothing is printed before that address leads here for everybody (see lms.core.addresses).
PUBLIC_ADDRESS_REQUIRED = False
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp", "svg"]
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
# One way in for everybody; passwords are set by their owners, by e-mail.
WAGTAILADMIN_LOGIN_URL = "account_login"
WAGTAIL_FRONTEND_LOGIN_URL = "/tai-khoan/login/"
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAILUSERS_PASSWORD_ENABLED = False
TAGGIT_CASE_INSENSITIVE = True

# --- Security --------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
# Reverse proxies of ours in front of the application; 0 believes no X-Forwarded-For.
TRUSTED_PROXY_COUNT = int(os.environ.get("TRUSTED_PROXY_COUNT", "0"))
# Verification pages are public: requests a minute from one address. A whole class may sit behind one.
VERIFICATIONS_PER_MINUTE = 60
# Requests a minute with one token of the API.
API_REQUESTS_PER_MINUTE = int(os.environ.get("API_REQUESTS_PER_MINUTE", "120"))
REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}
SPECTACULAR_SETTINGS = {
    "TITLE": "Bồi dưỡng số",
    "DESCRIPTION": "Units, people, classes, training results, certificates and completion figures. Read only.",
    "VERSION": "1",
    # It would look at the CMS's own API as well; ours is checked in tests/reporting/test_api.py.
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
    "ENUM_NAME_OVERRIDES": {
        "EnrolmentState": "courses.models.Enrolment.State",
        "RunState": "courses.models.Run.State",
        "CertificateState": "certificates.models.Certificate.State",
        "UnitKind": "lms.organisations.models.UnitKind",
        "CertificateKind": "certificates.models.CertificateKind",
    },
}
CONTENT_SECURITY_POLICY = {
    # The CMS admin needs inline scripts; its looser policy stays on its own path (see lms.urls).
    "EXCLUDE_URL_PREFIXES": ("/quan-tri/",),
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    },
}

# --- Mail and logs ----------------------------------------------------------------------------------------
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "boiduongso@localhost")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    "loggers": {
        name: {"level": "WARNING"} for name in ("fontTools", "xhtml2pdf", "PIL", "django_tasks", "wagtail")
    },
}

PRODUCT_NAME = _("Bồi dưỡng số")

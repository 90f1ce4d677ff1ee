"""All settings in one file, driven by the environment; a bad value stops the start with its name.

Embedded (nothing set): SQLite under var/, Celery on the filesystem broker. Server mode: DATABASE_URL and REDIS_URL.
"""

from __future__ import annotations

import secrets
from pathlib import Path

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from smartfactory import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(env.text("VAR_DIR", str(BASE_DIR / "var"))).resolve()
VAR.mkdir(parents=True, exist_ok=True)

# DEBUG=1 is a machine of one's own: plain HTTP, a made-up key, demo logins. Even there people see the product's own
# error pages; only who develops asks for tracebacks (and templates read afresh).
LOCAL = env.boolean("DEBUG", True)
DEBUG = LOCAL and env.boolean("TRACEBACKS", False)
DEMO = env.boolean("DEMO", False)
if DEMO and not LOCAL:
    raise ImproperlyConfigured("DEMO=1 needs DEBUG=1: demo logins must never exist on a real installation")
DEMO_PASSWORD = env.text("DEMO_PASSWORD", "Yunze-2024-demo")


def _secret_key() -> str:
    """Use SECRET_KEY; a development checkout makes its own once and keeps it under var/."""
    if key := env.text("SECRET_KEY"):
        return key
    if not LOCAL:
        raise ImproperlyConfigured("SECRET_KEY is not set (or SECRET_KEY_FILE)")
    path = VAR / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50), encoding="utf-8")
    return path.read_text(encoding="utf-8")


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "*" if LOCAL else "")
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS is not set: name the host people will type, several with commas")
SITE_URL = env.text("SITE_URL", f"http://127.0.0.1:{env.integer('PORT', 8000)}").rstrip("/")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "smartfactory",
    "assessment",
    "declarations",
    "recommendations",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "smartfactory.middleware.SecurityHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "smartfactory.middleware.AuditContextMiddleware",
    "smartfactory.middleware.NoNulMiddleware",
    "smartfactory.middleware.IdleTimeoutMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "smartfactory.middleware.SpokenRefusalMiddleware",
]

ROOT_URLCONF = "smartfactory.urls"
WSGI_APPLICATION = "smartfactory.wsgi.application"
AUTH_USER_MODEL = "smartfactory.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "smartfactory.context.page",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# Full durability by default; the test suite trades it for speed on throw-away files.
SQLITE_SYNCHRONOUS = env.text("SQLITE_SYNCHRONOUS", "FULL")


def _sqlite(path: Path) -> dict[str, object]:
    pragmas = [
        "journal_mode=WAL",
        f"synchronous={SQLITE_SYNCHRONOUS}",
        "busy_timeout=20000",
        # INSERT OR REPLACE would otherwise delete audit rows without firing their guard.
        "recursive_triggers=ON",
        "foreign_keys=ON",
        "journal_size_limit=67108864",
        "cache_size=-8000",
    ]
    return {
        "ENGINE": "smartfactory.sqlite",
        "NAME": str(path),
        # Opening the file and setting the pragmas costs as much as all queries of a page.
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "".join(f"PRAGMA {pragma};" for pragma in pragmas),
        },
    }


def _postgres(url: str) -> dict[str, object]:
    config = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    options = config.setdefault("OPTIONS", {})
    options["options"] = "-c lock_timeout=10000 -c statement_timeout=60000 -c idle_in_transaction_session_timeout=60000"
    return config


DATABASE_URL = env.text("DATABASE_URL")
DATABASES = {"default": _postgres(DATABASE_URL) if DATABASE_URL.startswith("postgres") else _sqlite(VAR / "db.sqlite3")}

REDIS_URL = env.text("REDIS_URL")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["smartfactory.sessions.AccountBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGIN_FAILURES = env.integer("LOGIN_FAILURES", 5)
LOGIN_LOCK_MINUTES = env.integer("LOGIN_LOCK_MINUTES", 15)

SESSION_ENGINE = "smartfactory.sessions"
SESSION_COOKIE_AGE = env.integer("SESSION_HOURS", 12) * 3600
SESSION_IDLE_MINUTES = env.integer("SESSION_IDLE_MINUTES", 60)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "smartfactory.views.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if not LOCAL:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = 31536000
    if env.boolean("BEHIND_PROXY", False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS += [
    (f"vendor/{name}", NODE_MODULES / folder)
    for name, folder in {"bootstrap": "bootstrap/dist", "sortablejs": "sortablejs"}.items()
    if (NODE_MODULES / folder).is_dir()
]
# The map stands here because the style sheet names it and every name must lead somewhere.
VENDOR_FILES = {
    "vendor/bootstrap/css/bootstrap.min.css",
    "vendor/bootstrap/css/bootstrap.min.css.map",
    "vendor/sortablejs/Sortable.min.js",
}
STATICFILES_FINDERS = ["smartfactory.vendor.VendorFinder", "django.contrib.staticfiles.finders.AppDirectoriesFinder"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if LOCAL
        else "smartfactory.vendor.HashedFiles"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = LOCAL
# Only what a page can ask for is compressed and kept: maps are for a developer's browser, plain names for DEBUG=1.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("map", "png", "jpg", "ico", "woff2", "gz", "br")

# E-mails go to the console until a server is named.
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = env.integer("EMAIL_PORT", 465)
EMAIL_USE_SSL = env.boolean("EMAIL_SSL", True)
EMAIL_HOST_USER = env.text("EMAIL_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_PASSWORD")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "smartfactory@localhost")

FILES_ROOT = VAR / "files"
# Pictures of pages, drawn again when they are lost.
PREVIEWS_ROOT = VAR / "previews"
# Files on their way; what is lost is sent again.
UPLOADS_ROOT = VAR / "uploads"
KEYS_ROOT = Path(env.text("KEYS_DIR", str(VAR / "keys")))
MAX_UPLOAD_BYTES = env.integer("MAX_UPLOAD_MB", 50) * 1024 * 1024
# Scans of stamped paper: how much is taken in, and what one child process may use to read it.
SCAN_MOST_PAGES = env.integer("SCAN_MOST_PAGES", 200)
SCAN_MOST_BYTES = env.integer("SCAN_MOST_MB", 200) * 1024 * 1024
SCAN_MEMORY_MB = env.integer("SCAN_MEMORY_MB", 1536)
SCAN_CPU_SECONDS = env.integer("SCAN_CPU_SECONDS", 900)
SCAN_PAGE_SECONDS = env.integer("SCAN_PAGE_SECONDS", 60)

# How long a colleague's leave to take papers with full contact details away holds.
RELEASE_HOURS = env.integer("RELEASE_HOURS", 72)
# Packets for reviewers: how large a volume gets, what is attached to it, how many declarations, how long they are kept.
PACKET_PART_BYTES = env.integer("PACKET_PART_MB", 1000) * 1024 * 1024
PACKET_ATTACH_BYTES = env.integer("PACKET_ATTACH_MB", 20) * 1024 * 1024
PACKET_MOST = env.integer("PACKET_MOST", 100)
PACKET_DAYS = env.integer("PACKET_DAYS", 30)
# An e-seal service of the authority's own (合规电子签章服务); off while anything of it is missing.
ESEAL_SERVICE = env.text("ESEAL_SERVICE", "smartfactory.eseal.HttpService")
ESEAL_URL = env.text("ESEAL_URL")
ESEAL_TOKEN = env.text("ESEAL_TOKEN")
ESEAL_SEALS = dict(one.split("=", 1) for one in env.words("ESEAL_SEALS") if "=" in one)
ESEAL_SECONDS = env.integer("ESEAL_SECONDS", 30)
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 8000
FILE_UPLOAD_TEMP_DIR = None

# Background work: the jobs table is the truth, the broker only wakes a worker.
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost//"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ALWAYS_EAGER = env.boolean("CELERY_EAGER", False)
CELERY_TASK_TIME_LIMIT = env.integer("JOB_HARD_SECONDS", 1200)
CELERY_TASK_SOFT_TIME_LIMIT = env.integer("JOB_SOFT_SECONDS", 1080)
CELERY_TIMEZONE = TIME_ZONE
JOB_LEASE_SECONDS = env.integer("JOB_LEASE_SECONDS", 120)
JOB_MAX_ATTEMPTS = env.integer("JOB_MAX_ATTEMPTS", 4)
if REDIS_URL:
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": CELERY_TASK_TIME_LIMIT + 600}
else:
    _queue, _control = VAR / "queue", VAR / "queue-control"
    _queue.mkdir(exist_ok=True)
    _control.mkdir(exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue),
        "data_folder_out": str(_queue),
        "control_folder": str(_control),
        "store_processed": False,
        "polling_interval": 0.1,
    }

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "WARNING")},
    "loggers": {
        "smartfactory": {"level": env.text("LOG_LEVEL", "INFO")},
        # Subsetting chatters at INFO for every glyph table it drops.
        "fontTools": {"level": "ERROR"},
        "weasyprint": {"level": "ERROR"},
    },
}

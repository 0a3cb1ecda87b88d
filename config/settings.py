"""All settings, read from the environment. ``.env.example`` lists the variables."""

import logging
import sqlite3

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from accounts.profiles import PROFILES
from config.env import BASE_DIR, PRODUCTION, VAR_DIR, env, keyring_file, one_of, secret_key

DEBUG = env.bool("DEBUG", default=False) and not PRODUCTION  # its error pages show what is decrypted
SECRET_KEY = secret_key()
KEYRING_FILE = keyring_file()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["*"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
DEMONSTRATION_ALLOWED = not PRODUCTION

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "accounts",
    "ledger",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "csp",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "ledger.middleware.request_id",
    "ledger.middleware.kept_by_nobody",
    # Headers first: redirects to https, refused hosts and static files carry them too.
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.middleware.sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.people",
    "accounts.middleware.language",
    "ledger.middleware.largest_request",
    "accounts.middleware.what_is_owed",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "ledger.middleware.database_away",
    "ledger.middleware.closed_by_default",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "ledger.context.frame",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'ledger.sqlite3'}")}
DATABASES["default"].setdefault("OPTIONS", {})
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    VAR_DIR.mkdir(mode=0o700, exist_ok=True)
    # WAL can lose a commit in the versions before these (the WAL-reset fault), so the rollback journal serves there.
    _version = sqlite3.sqlite_version_info
    _wal_is_safe = _version >= (3, 51, 3) or (3, 50, 7) <= _version < (3, 51) or (3, 44, 6) <= _version < (3, 45)
    DATABASES["default"]["ENGINE"] = "config.sqlite3"  # Django's own, with a fairer queue of writers
    DATABASES["default"]["OPTIONS"] |= {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # The rollback journal needs FULL: with NORMAL a power cut can corrupt the file.
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
            if _wal_is_safe
            else "PRAGMA journal_mode=DELETE;PRAGMA synchronous=FULL;"
        )
        + "PRAGMA foreign_keys=ON;PRAGMA recursive_triggers=ON;",
    }
else:
    # Statements here take milliseconds; PostgreSQL would compile the largest of them first, for two hundred.
    DATABASES["default"]["OPTIONS"].setdefault("options", "-c jit=off")
# A new connection costs PostgreSQL a process, and SQLite the reading of the whole schema.
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Shared by all workers: the brake on floods of sign-ins counts in it. CACHE_URL names a Redis in production.
CACHES = {"default": env.cache_url("CACHE_URL", default="dbcache://django_cache?max_entries=100000")}
TASKS = {"default": {"BACKEND": env.str("TASKS_BACKEND", default="django_tasks_db.DatabaseBackend")}}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
FORMAT_MODULE_PATH = "config.formats"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {"BACKEND": "config.static.Hashed" if PRODUCTION else "config.static.Plain"},
}
WHITENOISE_USE_FINDERS = not PRODUCTION
# Evidence and uploaded rosters: never below a public folder, only served by a view that checks scope.
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(VAR_DIR / "media"))
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
ROSTER_MAX_BYTES = 20 * 1024 * 1024
EVIDENCE_MAX_BYTES = 10 * 1024 * 1024
# Of one request with all its files; more is refused before anything of it is written to the disk.
REQUEST_MAX_BYTES = 64 * 1024 * 1024

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.NumberOrMobileBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# How long, how many tries, how idle: one table, accounts/profiles.py.
SECURITY_PROFILE = one_of("SECURITY_PROFILE", env.str("SECURITY_PROFILE", default="default"), PROFILES)
SECURITY = PROFILES[SECURITY_PROFILE]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.validators.LongEnoughValidator"},
    {"NAME": "accounts.validators.MixedEnoughValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "mobile")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.validators.NotOwnNumberValidator"},
    {"NAME": "accounts.validators.NotADateValidator"},
    {"NAME": "accounts.validators.NotUsedBeforeValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.adapter.ClosedAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_ON_GET = False
# A flood of requests; failures are counted by accounts/lockout.py.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip"}
# How many proxies of our own stand in front; X-Forwarded-For is believed that far and no further.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
# Who hears of sign-ins, failures, lock-outs and changed passwords; see accounts/events.py.
ACCOUNT_EVENTS = "ledger.actions.accounts.record_sign_in"

# Roles that must have a second factor, "all", or "none"; who holds one is asked of the function.
MFA_FORCED_FOR = frozenset(env.list("MFA_FORCED_FOR", default=SECURITY.second_factor_for.split(","))) - {"", "none"}
MFA_HOLDS = "ledger.queries.postings.holds_role"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # one step before and after: clocks of phones and of an intranet differ (RFC 6238, 5.2)
# What accounts keep sealed: the secrets of authenticator apps.
ACCOUNT_SEALS = "ledger.rules.keyring"

SESSION_ENGINE = "accounts.session_store"
# The longest that a remembered device keeps its cookie; idle and absolute limits are the session store's.
SESSION_COOKIE_AGE = SECURITY.absolute * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "ledger.views.errors.csrf_failure"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", default=True)
    SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=True)
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap's marks of ticked boxes and open menus are data: in its stylesheet
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: []
    for name in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "hid",
        "idle-detection",
        "local-fonts",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "screen-wake-lock",
        "serial",
        "usb",
        "xr-spatial-tracking",
    )
}

LOG_LEVEL = env.str("LOG_LEVEL", default="WARNING")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "ledger.rules.request.RequestIdFilter"}},
    "formatters": {
        "json": {"()": "ledger.rules.logs.JsonFormatter"},
        "line": {
            "()": "ledger.rules.request.LineFormatter",
            "format": "{asctime} {levelname} {name} {request_id} {message}",
            "style": "{",
            "defaults": {"request_id": "-"},
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler", "formatter": "json" if PRODUCTION else "line", "filters": ["request_id"]
        }
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # Django's own would mail each fault, with all its values, to whoever is in ADMINS.
        "django": {"handlers": [], "level": LOG_LEVEL},
        # Refusals are in the line of their request already.
        "django.request": {"level": "ERROR" if PRODUCTION else LOG_LEVEL},
        "ledger.request": {"level": "INFO" if PRODUCTION else LOG_LEVEL},
    },
}  # fmt: skip
logging.captureWarnings(PRODUCTION)  # a warning may quote a value: it takes the same road

PRODUCT_NAME = _("Village Ledger")

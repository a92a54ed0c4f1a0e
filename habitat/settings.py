"""Settings, all of them. What differs between machines comes from the environment (`.env.example`)."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ
import structlog
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from habitat import clock

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
# The first file that names a variable wins: `.env` is the operator's, `.local/env` what set-up wrote.
env.read_env(BASE_DIR / ".env")
env.read_env(BASE_DIR / ".local" / "env")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
# Absolute links in e-mails and documents start here.
PUBLIC_URL = env.str("PUBLIC_URL", default="http://localhost:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[PUBLIC_URL])

# ---- Applications: the six storeys, from the top --------------------------------------------------------------------
INSTALLED_APPS = [
    "habitat",
    "reports",
    "projects",
    "habitat.accounts",
    "polygons",
    "modalities",
    "habitat.lib",
    "habitat.admin_config.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.gis",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "django_tables2",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "pghistory",
    "pgtrigger",
    "rest_framework",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "habitat.lib.drf.problems.ProblemMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "habitat.middleware.LanguageMiddleware",
    "habitat.middleware.NulMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "habitat.accounts.second_factor.SecondFactorMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
]

ROOT_URLCONF = "habitat.urls"
WSGI_APPLICATION = "habitat.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "habitat.navigation.navigation",
            ],
        },
    },
]
FORM_RENDERER = "habitat.lib.forms.PortalRenderer"

# ---- Data -----------------------------------------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL")}
DATABASES["default"] |= {
    # `postgres://` would select the engine without geometry.
    "ENGINE": "django.contrib.gis.db.backends.postgis",
    "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
    "CONN_HEALTH_CHECKS": True,
    "DISABLE_SERVER_SIDE_CURSORS": env.bool("DISABLE_SERVER_SIDE_CURSORS", default=False),
}

# One setting for Redis; redis-py and Celery each want their own spelling of a socket.
REDIS_URL = env.str("REDIS_URL")
_redis = urlsplit(REDIS_URL)
if _redis.scheme == "unix":
    _db = dict(part.split("=") for part in _redis.query.split("&") if part).get("db", "0")
    CELERY_BROKER_URL = f"redis+socket://{_redis.path}?virtual_host={_db}"
else:
    CELERY_BROKER_URL = REDIS_URL
CACHES = {
    "default": {
        "BACKEND": "habitat.lib.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
    },
}
# Login state must outlive Redis.
SESSION_ENGINE = "django.contrib.sessions.backends.db"

MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(BASE_DIR / "media")))
# Private by construction: files have no URL of their own, only permission-checked views.
MEDIA_URL = ""
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=20 * 1024 * 1024)
# Who looks at each file for malware (habitat/lib/malware.py); "" asks nobody.
UPLOAD_SCANNER = env.str("UPLOAD_SCANNER", default="")
# An age key: its public half to make backups, its secret half to restore them.
BACKUP_KEY = env.str("BACKUP_KEY", default="")

# ---- Celery ---------------------------------------------------------------------------------------------------------
# Measured with Redis refusing and with Redis hung: the request goes on within about a second.
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "max_retries": 0,
    "socket_connect_timeout": 1,
    "socket_timeout": 1,
    # Longer than the longest task: redelivery is the sweeper's work, by the row's lease.
    "visibility_timeout": 2 * 60 * 60,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 60 * 60
CELERY_TASK_SOFT_TIME_LIMIT = 55 * 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# PDF rendering grows a process by about 60 MB a document.
CELERY_WORKER_MAX_TASKS_PER_CHILD = 50
CELERY_TIMEZONE = "America/Mexico_City"
CELERY_BEAT_SCHEDULER = "habitat.heartbeat:Clock"
# How long the clock may sleep: it gives a sign of life each time it wakes.
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
CELERY_BEAT_SCHEDULE = clock.schedule()

# ---- People ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["habitat.accounts.backends.ValidityBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_ADAPTER = "habitat.accounts.adapters.AccountAdapter"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
# A second factor for reviewers and above, and a fresh confirmation before one signs.
STRONG_SIGN_IN = env.bool("STRONG_SIGN_IN", default=True)
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
MFA_ADAPTER = "habitat.accounts.second_factor.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Hábitat"
# Telephones' clocks differ by some seconds.
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# On top of the library's own limits on sign-in and password reset: tries at invitation links.
ACCOUNT_RATE_LIMITS = {
    "invitation": "20/m/ip",
    "comment": "10/h/ip",
    "complaint": "10/h/ip",
    "complaint_look": "20/m/ip",
}
INVITATION_DAYS = env.int("INVITATION_DAYS", default=7)

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Programa Hábitat <habitat@localhost>")

# ---- Audit ----------------------------------------------------------------------------------------------------------
PGHISTORY_APPEND_ONLY = True

# ---- Language and place ---------------------------------------------------------------------------------------------
LANGUAGE_CODE = "es-mx"
LANGUAGES = [("es-mx", "Español"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "habitat" / "locale"]
FORMAT_MODULE_PATH = ["habitat.formats"]
# What a filter offers first, in place of "---------".
FILTERS_EMPTY_CHOICE_LABEL = _("All")
USE_THOUSAND_SEPARATOR = True
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "America/Mexico_City"
USE_TZ = True

# ---- Static files ---------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
# Sources stay in static/; only what esbuild makes of them is served.
STATICFILES_DIRS = [("build", BASE_DIR / "static" / "dist")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": env.str("STATICFILES_BACKEND", default="habitat.lib.staticfiles.GzipManifestStaticFilesStorage"),
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_MIMETYPES = {".mjs": "text/javascript"}

# An optional raster background for maps, "https://host/{z}/{x}/{y}.png"; it extends the policy below.
MAP_BACKGROUND_URL = env.str("MAP_BACKGROUND_URL", default="")
MAP_BACKGROUND_ATTRIBUTION = env.str("MAP_BACKGROUND_ATTRIBUTION", default="")
_background = [f"https://{urlsplit(MAP_BACKGROUND_URL).netloc}"] if MAP_BACKGROUND_URL else []

# ---- Safety ---------------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "worker-src": [SELF],
        "connect-src": [SELF, *_background],
        # Bootstrap's and MapLibre's style sheets carry small data: pictures.
        "img-src": [SELF, "data:", "blob:", *_background],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
# Behind TLS by default; `make run` on a laptop says INSECURE_COOKIES=true because it speaks plain HTTP.
_secure = not env.bool("INSECURE_COOKIES", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _secure
SESSION_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=_secure)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=3600 if _secure else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_INCLUDE_SUBDOMAINS", default=_secure)
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=_secure)
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# GDAL 3.6 of Debian 12 cannot be kept from files in spatial references; uploads never reach it.
SILENCED_SYSTEM_CHECKS = ["gis.W001"]

# ---- API ------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "habitat.accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["habitat.accounts.permissions.MayWrite"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "habitat.lib.drf.schema.ResourceSchema",
    "EXCEPTION_HANDLER": "habitat.lib.drf.problems.problem_details",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "habitat.lib.drf.throttling.AccountRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": env.str("API_RATE_ANONYMOUS", default="60/min"),
        "user": env.str("API_RATE_USER", default="600/min"),
    },
    # Behind no proxy, X-Forwarded-For is the caller's own claim.
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Programa Hábitat API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    # Names for choices whose field is called "status", "kind" or "source" in several resources.
    "ENUM_NAME_OVERRIDES": {
        "ActStatus": "projects.models.acts.ActStatus",
        "CityKind": "polygons.models.City.Kind",
        "DocumentKind": "modalities.models.DocumentKind",
        "FiscalYearStatus": "modalities.models.FiscalYear.Status",
        "MilestoneKind": "modalities.models.Milestone.Kind",
        "MoneySource": "projects.models.Source",
        "PolygonSource": "polygons.models.PolygonVersion.Source",
        "PolygonStatus": "polygons.models.PolygonVersion.Status",
        "ProgressStatus": "projects.models.ProgressReport.Status",
        "ProjectStatus": "projects.models.Status",
        "ReportStatus": "reports.models.Report.Status",
        "RulesStatus": "modalities.models.RulesVersion.Status",
    },
    "DESCRIPTION": _(
        "Everybody reads what is public; with a key (Authorization: Token …) or logged in, what your account may read."
        " Lists come page by page: follow `next`. `?format=csv` gives the whole list as a table, `?format=geojson`"
        " features for a map. Money is text in pesos, deficits are ranges, times are UTC."
    ),
    "SWAGGER_UI_SETTINGS": {"docExpansion": "none", "defaultModelsExpandDepth": -1, "deepLinking": True},
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
KNOX_TOKEN_MODEL = "accounts.ApiToken"
# The library's migrations would make the table that our own model replaces.
MIGRATION_MODULES = {"knox": None}
REST_KNOX = {
    "TOKEN_TTL": timedelta(days=365),
    "AUTO_REFRESH": False,
    "SECURE_HASH_ALGORITHM": "hashlib.sha512",
}

# ---- Tables ---------------------------------------------------------------------------------------------------------
DJANGO_TABLES2_TEMPLATE = "components/table.html"

# ---- Logs -----------------------------------------------------------------------------------------------------------
DJANGO_STRUCTLOG_CELERY_ENABLED = True
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer(),
            "foreign_pre_chain": [
                structlog.contextvars.merge_contextvars,
                structlog.processors.TimeStamper(fmt="iso"),
                structlog.stdlib.add_logger_name,
                structlog.stdlib.add_log_level,
                structlog.processors.format_exc_info,
            ],
        },
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    # Both tell each stage of each document at the level INFO.
    "loggers": {"weasyprint": {"level": "WARNING"}, "fontTools": {"level": "WARNING"}},
}

# Names shown for settings values that people read.
PROGRAM_NAME = _("Habitat Program")

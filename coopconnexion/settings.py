"""Settings, read from the environment; `README.md` lists the variables. Production refuses to start half configured."""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
TESTING = False


def required_in_production(name: str, development: str) -> str:
    """Read a variable that has a default in development only."""
    if DEBUG:
        return env.str(name, default=development)
    value = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"La variable d’environnement {name} est obligatoire hors développement.")
    return value


SECRET_KEY = required_in_production("SECRET_KEY", "development-only-secret-key-never-used-in-production")
SITE_URL = required_in_production("SITE_URL", "http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "coopconnexion.site.apps.SiteConfig",
    "events",
    "permanences",
    "premises",
    "projects",
    "members",
    "coopconnexion.partnerships",
    "coopconnexion.notices",
    "coopconnexion.accounts",
    "coopconnexion.territories",
    "coopconnexion.site.apps.BackOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_filters",
    "django_htmx",
    "js_lib_leaflet",
    "csp",
    "pgtrigger",
    "pghistory",
    "phonenumber_field",
]
if DEBUG:
    INSTALLED_APPS.insert(0, "coopconnexion.dev")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "coopconnexion.site.middleware.ZeroByteMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "coopconnexion.accounts.middleware.PrivatePagesMiddleware",
    "coopconnexion.accounts.middleware.StaffSessionMiddleware",
    "coopconnexion.accounts.middleware.SecondFactorMiddleware",
    "coopconnexion.accounts.middleware.AuthorMiddleware",
]

ROOT_URLCONF = "coopconnexion.urls"
WSGI_APPLICATION = "coopconnexion.wsgi.application"

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
                "coopconnexion.site.context_processors.site",
            ],
            "builtins": [
                "coopconnexion.french",
                "coopconnexion.panel_tags",
                "coopconnexion.periods",
                "django.templatetags.static",
            ],
        },
    },
    {
        "NAME": "jinja",
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "rows"],
        "OPTIONS": {"environment": "coopconnexion.jinja.environment"},
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- engines ---------------------------------------------------------------------------------------------------------
DATABASES = {
    "default": {
        **env.db_url_config(required_in_production("DATABASE_URL", "postgres:///coopconnexion")),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"TEMPLATE": "template0"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = required_in_production("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "coopconnexion",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
    }
}

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "visibility_timeout": 3600,
    "max_retries": 0,  # a page does not wait for a broker that is away: the sweeper takes over
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000  # kB
CELERY_TIMEZONE = "UTC"  # beat skips or repeats jobs at clock changes in a local zone (celery #6438)
CELERY_BEAT_SCHEDULE = {
    "notices-sweep": {"task": "notices.sweep_messages", "schedule": 60.0},
    "notices-access": {"task": "notices.review_access", "schedule": 3600.0},
    "notices-forget": {"task": "notices.forget_secret_messages", "schedule": 3600.0},
    "accounts-flaws": {"task": "accounts.count_flaws", "schedule": crontab(hour="3", minute="10")},
    "accounts-exports": {"task": "accounts.tend_exports", "schedule": 60.0},
    "accounts-history": {"task": "accounts.forget_history", "schedule": crontab(hour="4", minute="50")},
    "accounts-imports": {"task": "accounts.discard_stale_rows", "schedule": crontab(hour="4", minute="25")},
    "permanences-reminders": {"task": "permanences.send_due_reminders", "schedule": 60.0},
    "permanences-waiting-lists": {"task": "permanences.tend_waiting_lists", "schedule": 60.0},
    "events-reminders": {"task": "events.send_due_reminders", "schedule": 60.0},
    "events-invitations": {"task": "events.remind_invitations", "schedule": 3600.0},
    "events-waiting-lists": {"task": "events.promote_all_waiting", "schedule": 300.0},
    "permanences-holds": {"task": "permanences.release_expired_holds", "schedule": 60.0},
    "projects-archive": {"task": "projects.archive_quiet", "schedule": crontab(hour="4", minute="10")},
    "projects-digests": {"task": "projects.send_digests", "schedule": 1800.0},
    "projects-drafts": {"task": "projects.tend_drafts", "schedule": 3600.0},
    "projects-owners": {"task": "projects.assign_owners", "schedule": 60.0},
    "members-alerts": {"task": "members.raise_due_alerts", "schedule": crontab(hour="5", minute="20")},
    "members-outcomes": {"task": "members.ask_due_outcomes", "schedule": crontab(hour="7", minute="40")},
    "members-imports": {"task": "members.discard_stale_imports", "schedule": crontab(hour="4", minute="30")},
    "premises-arrivals": {"task": "premises.note_arrivals", "schedule": crontab(hour="0", minute="20")},
    "premises-imports": {"task": "premises.resume_units", "schedule": 60.0},
    "premises-stale-imports": {"task": "premises.discard_stale_units", "schedule": crontab(hour="4", minute="35")},
    "premises-leases": {"task": "premises.give_lease_alerts", "schedule": crontab(hour="5", minute="35")},
    "premises-counts": {"task": "premises.resume_counts", "schedule": 60.0},
    "site-files": {"task": "site.sweep_files", "schedule": crontab(hour="4", minute="40")},
    "permanences-generate": {"task": "permanences.generate_permanences", "schedule": 3600.0},
}

# --- mail ------------------------------------------------------------------------------------------------------------
vars().update(env.email_url("EMAIL_URL", default="smtp://127.0.0.1:1025" if DEBUG else "smtp://127.0.0.1:25"))
EMAIL_TIMEOUT = 20  # seconds; must stay below notices.rules.CLAIM_LIFETIME
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="CoopConnexion <contact@coopconnexion.example>")
REPLY_TO_EMAIL = env.str("REPLY_TO_EMAIL", default="")
MAIL_DOMAIN = env.str("MAIL_DOMAIN", default="coopconnexion.example")  # right-hand side of Message-ID and calendar UIDs
DEV_MAILBOX = Path(env.str("DEV_MAILBOX", default=str(BASE_DIR / ".run" / "mail"))) if DEBUG else None

# --- the coop, as the public pages name it ----------------------------------------------------------------------------
COOP_PHONE = env.str("COOP_PHONE", default="03 21 00 00 00")
COOP_EMAIL = env.str("COOP_EMAIL", default="contact@coopconnexion.example")

# --- people ----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # the address is unique through Lower(email)
AUTHENTICATION_BACKENDS = [
    "coopconnexion.accounts.backends.MandateBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = reverse_lazy("site:after_login")
LOGOUT_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "coopconnexion.notices.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 900  # seconds
ACCOUNT_RATE_LIMITS = {
    "request_login_code": "20/m/ip,3/m/key,12/h/key",
    "login_code_failed": "6/30m/key",  # wrong codes for one address from one place
    "login_code_failed_anywhere": "20/h/key",
}
ACCOUNT_FORMS = {
    "request_login_code": "coopconnexion.accounts.forms.CodeRequestForm",
    "confirm_login_code": "coopconnexion.accounts.forms.CodeForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "CoopConnexion"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", default=not DEBUG)

SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
HISTORY_DAYS = env.int("HISTORY_DAYS", default=365)  # how long a version about people outlives the next one
TECHNICAL_HISTORY_DAYS = env.int("TECHNICAL_HISTORY_DAYS", default=1826)  # and one about the house: rhythms, lists…
STAFF_SESSION_IDLE = 60 * 60 * env.int("STAFF_SESSION_HOURS", default=12)  # seconds without a page of the back office
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not DEBUG)
SECURE_HSTS_SECONDS = 0 if DEBUG else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEBUG
SECURE_REFERRER_POLICY = "same-origin"
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"

# --- maps: no request leaves for a third party until a tile server is named -------------------------------------------
MAP_TILE_URL = env.str("MAP_TILE_URL", default="")  # https://tuiles.example.org/{z}/{x}/{y}.png
MAP_TILE_ATTRIBUTION = env.str("MAP_TILE_ATTRIBUTION", default="")


def tile_origins(template: str) -> list[str]:
    """Return what ``img-src`` lets through for the tiles of a map: the scheme and host of their address alone."""
    parts = urlsplit(template.replace("{s}", "*"))
    if not template:
        return []
    if parts.scheme not in ("https", "http") or not parts.netloc or "{" in parts.netloc:
        raise ImproperlyConfigured("MAP_TILE_URL doit être une adresse entière : https://hote/{z}/{x}/{y}.png")
    return [f"{parts.scheme}://{parts.netloc}"]


CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", *tile_origins(MAP_TILE_URL)],  # data: is the QR code of the second factor
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- language, time, files --------------------------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français")]
TIME_ZONE = "Europe/Paris"
USE_TZ = True
USE_I18N = True
PHONENUMBER_DEFAULT_REGION = "FR"
PHONENUMBER_DEFAULT_FORMAT = "NATIONAL"

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(BASE_DIR / "media")))
UPLOAD_CAP_BYTES = 11_000_000  # a little past what any form accepts
STAFF_UPLOAD_CAP_BYTES = 61_000_000  # a little past the lists that staff bring
FILE_UPLOAD_HANDLERS = [
    "coopconnexion.uploads.UploadCap",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": MEDIA_ROOT / "private"},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"tokens": {"()": "coopconnexion.logs.TokenFilter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["tokens"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}

OPEN_DATA_SIRETS = env.dict("OPEN_DATA_SIRETS", default={})  # INSEE code → SIRET of the collectivity
PROJECT_LADDER_DAYS = env.list("PROJECT_LADDER_DAYS", cast=int, default=[9, 21, 45])  # of silence, a rung each

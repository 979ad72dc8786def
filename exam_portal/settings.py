"""Django's settings. What an operator may change comes from the environment; see docs/operations.md."""

import socket
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from exam_portal import embedded, environment, production, secret
from exam_portal.log_settings import log_settings

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = environment.folder("PORTAL_DATA_DIR", BASE_DIR / "var")
PORT = environment.number("PORT", 8000, least=1, most=65535)
DEBUG = environment.flag("DEBUG")

# --- database -----------------------------------------------------------------------------------
# Without DATABASE_URL the portal brings its own PostgreSQL, and with it come defaults that are
# only right for one machine: a generated secret, loopback, cookies without TLS.
_database = environment.database("DATABASE_URL")
EMBEDDED = _database is None
_connecting = {
    "ENGINE": "django.db.backends.postgresql",
    "CONN_MAX_AGE": 60,
    "CONN_HEALTH_CHECKS": True,
    # PgBouncer in transaction mode cannot keep a cursor between transactions.
    "DISABLE_SERVER_SIDE_CURSORS": True,
}
DATABASES: dict[str, dict[str, Any]] = {
    "default": {**_connecting, **(_database or embedded.connection_settings(DATA_DIR))}
}
# A streaming replica of it, for lists, statistics and exports (candidates/replica.py).
_replica = environment.database("DATABASE_REPLICA_URL")
if _replica is not None:
    if _database is None:
        environment.refuse("DATABASE_REPLICA_URL", "(not shown)", "unset where DATABASE_URL is")
    production.refuse_same_server("DATABASE_REPLICA_URL", _replica, "DATABASE_URL", _database)
    # No page waits for one that is gone.
    _replica["OPTIONS"] = {"connect_timeout": "2", "tcp_user_timeout": "5000", **_replica["OPTIONS"]}
    DATABASES["replica"] = {**_connecting, **_replica, "TEST": {"MIRROR": "default"}}
    DATABASE_ROUTERS = ["candidates.replica.Router"]
# Another role of the same database, whose the tables are: `migrate` uses it, and nothing else does. The portal's own
# role then has only the rights that `grant_application_role` gives it.
_owner = environment.database("DATABASE_OWNER_URL")
if EMBEDDED:
    if _owner is not None:
        environment.refuse("DATABASE_OWNER_URL", "(not shown)", "unset where DATABASE_URL is")
    _owner = {"USER": embedded.OWNER}
DATABASE_OWNER = _owner
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- who may reach it, and the secret -------------------------------------------------------------
IS_PRODUCTION = not (EMBEDDED or DEBUG)
if IS_PRODUCTION:
    SECRET_KEY = environment.text("SECRET_KEY")
    ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", [])
    production.refuse_weak_secret("SECRET_KEY", SECRET_KEY)
    production.refuse_hosts(ALLOWED_HOSTS)
else:
    SECRET_KEY = environment.text("SECRET_KEY") or secret.read_or_make(DATA_DIR / "secret-key")
    ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
    if not EMBEDDED:
        production.refuse_debug_in_public(ALLOWED_HOSTS)
SECRET_KEY_FALLBACKS = environment.words("SECRET_KEY_FALLBACKS", [])
# Personal fields are encrypted and receipts proved with keys derived from these, newest first
# (candidates/encryption.py).
FIELD_KEYS = environment.words("FIELD_KEYS", [SECRET_KEY, *SECRET_KEY_FALLBACKS])
if IS_PRODUCTION:
    production.refuse_weak_secret("FIELD_KEYS", FIELD_KEYS[0])
# Whose X-Forwarded-For is believed; without any, the address is that of whoever connects.
TRUSTED_PROXIES = environment.networks("TRUSTED_PROXIES")
# Who may read /metrics: whoever has this; without it in production nobody, elsewhere this machine.
METRICS_TOKEN = environment.text("METRICS_TOKEN")
if IS_PRODUCTION and METRICS_TOKEN:
    production.refuse_short_token("METRICS_TOKEN", METRICS_TOKEN)
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS", [])

# --- the application ------------------------------------------------------------------------------
INSTALLED_APPS = [
    "candidates",
    "materials",
    "review",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "csp",
]
MIDDLEWARE = [
    "exam_portal.middleware.RequestIDMiddleware",
    "exam_portal.metrics.MetricsMiddleware",
    "exam_portal.middleware.ClientAddressMiddleware",
    # What only adds headers, before all that may answer early: those answers need the headers too.
    "exam_portal.middleware.PrivatePagesMiddleware",
    "exam_portal.middleware.SecurityHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "exam_portal.middleware.MachinesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "exam_portal.middleware.LanguageMiddleware",
    "exam_portal.middleware.WrongMethodMiddleware",
    "materials.middleware.BodyLimitMiddleware",
    "exam_portal.backlog.BusyMiddleware",
    "exam_portal.middleware.PlainTextMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "exam_portal.signed_in.SecondFactorMiddleware",
    "exam_portal.signed_in.SessionTimeMiddleware",
    "exam_portal.middleware.StaffTimeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "exam_portal.urls"
WSGI_APPLICATION = "exam_portal.wsgi.application"
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
            ]
        },
    }
]

# --- accounts -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "candidates.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "candidates.backends.AccountBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "registration"
# Sign-ins are held back by account and address together: ten candidates behind one address are
# not one, and a stranger elsewhere cannot lock an owner out.
AXES_USERNAME_CALLABLE = "candidates.backends.attempt_key"
AXES_CLIENT_IP_CALLABLE = "candidates.backends.attempt_address"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_LOCKOUT_TEMPLATE = "errors/429.html"
AXES_VERBOSE = False
# Its tables hold names as keyed hashes, which tell nobody anything; failed sign-ins are events of ours.
AXES_ENABLE_ADMIN = False

# Staff give a code from a phone too, everywhere but in the demonstration (candidates/services/second_factor.py).
STAFF_SECOND_FACTOR = production.second_factor(is_production=IS_PRODUCTION)
OTP_TOTP_ISSUER = ALLOWED_HOSTS[0]  # what the app calls the account: staff may have one at several portals
# One step of 30 seconds to either side and no more, whatever went before.
OTP_TOTP_SYNC = False
# How long a browser stays signed in in which nobody acts (candidates/web_sessions.py), in seconds.
STAFF_SESSION_AGE = 30 * 60
SESSION_COOKIE_AGE = 12 * 3600

# --- language and time ----------------------------------------------------------------------------
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("English"))]
LANGUAGE_CODE = environment.choice("LANGUAGE_CODE", "zh-hans", ("zh-hans", "en"))
# The switch stays for a year.
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "exam_portal.formats"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- files ----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
# Who sends pictures to browsers, once the portal has said yes (materials/serving.py).
PHOTOS_SERVED_BY = environment.choice("PHOTOS_SERVED_BY", "worker", ("worker", "nginx", "store"))
_s3 = {
    "STORAGE_S3_ENDPOINT": environment.address("STORAGE_S3_ENDPOINT", "", ("https", "http")),
    **{
        name: environment.text(name) for name in ("STORAGE_S3_BUCKET", "STORAGE_S3_ACCESS_KEY", "STORAGE_S3_SECRET_KEY")
    },
}
if any(_s3.values()):
    for _name, _value in _s3.items():
        if not _value:
            environment.refuse(_name, None, "set when any of the STORAGE_S3_… settings is")
    if PHOTOS_SERVED_BY == "store" and _s3["STORAGE_S3_ENDPOINT"].startswith("http:") and not (EMBEDDED or DEBUG):
        environment.refuse("STORAGE_S3_ENDPOINT", "http://…", "https://… where browsers go there (PHOTOS_SERVED_BY)")
    _photos = {
        "BACKEND": "materials.s3_storage.PrivateS3Storage",
        "OPTIONS": {
            "endpoint_url": _s3["STORAGE_S3_ENDPOINT"],
            "bucket_name": _s3["STORAGE_S3_BUCKET"],
            "access_key": _s3["STORAGE_S3_ACCESS_KEY"],
            "secret_key": _s3["STORAGE_S3_SECRET_KEY"],
        },
    }
elif PHOTOS_SERVED_BY == "store":
    environment.refuse("PHOTOS_SERVED_BY", "store", "worker or nginx where no STORAGE_S3_… is set")
else:
    # nginx's account reads them through the portal's group.
    _modes = {"directory_permissions_mode": 0o750, "file_permissions_mode": 0o640}
    _photos = {
        "BACKEND": "materials.storage.DurableFileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "photos", **(_modes if PHOTOS_SERVED_BY == "nginx" else {})},
    }
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "files"}},
    "photos": _photos,
    "staticfiles": {"BACKEND": "exam_portal.static_files.HashedStaticFiles"},
}

# --- pictures -------------------------------------------------------------------------------------
UPLOAD_MAX_BYTES = 20 * 1024 * 1024
# A body holds a little more than its files: the form's other fields and the parts' headers.
BODY_MAX_BYTES = UPLOAD_MAX_BYTES + 64 * 1024
UPLOADS_PER_HOUR = environment.number("UPLOADS_PER_HOUR", 200, least=1, most=100_000)
# A virus scanner that speaks ClamAV's protocol; where there is one, no upload passes without its word.
SCANNER = environment.socket_address("SCANNER")
# Uploads stay in memory: they are bounded, and a temporary file would be one more copy of an
# identity document to lose.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
# materials/middleware.py bounds every body by its address; this must take the largest, a roster's.
FILE_UPLOAD_MAX_MEMORY_SIZE = 50 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = BODY_MAX_BYTES
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# --- messages -------------------------------------------------------------------------------------
SMS_BACKEND = environment.choice("SMS_BACKEND", "file", ("file", "http"))
SMS_URL = environment.address("SMS_URL", "", ("https", "http"))
SMS_TOKEN = environment.text("SMS_TOKEN")
if SMS_BACKEND == "http" and not SMS_URL:
    environment.refuse("SMS_URL", None, "the gateway's address (https://…) when SMS_BACKEND is http")
EMAIL_URL = environment.address("EMAIL_URL", "file", ("smtp", "smtps"))
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", f"portal@{socket.getfqdn()}")
OUTBOX_DIR = DATA_DIR / "outbox"
if IS_PRODUCTION:
    production.refuse_open_connections(SMS_URL, EMAIL_URL, _s3["STORAGE_S3_ENDPOINT"])
# What strangers at the sign-in page can make the portal spend on one-time codes, all of them together.
SMS_CODES_PER_HOUR = environment.number("SMS_CODES_PER_HOUR", 5000, least=1, most=1_000_000)
# Whoever asks for a code has the answer after so long, so that the time does not tell whether one was sent.
SMS_ANSWER_SECONDS = 0.4

# --- headers and cookies --------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "exam_portal.errors.csrf_failure"
MESSAGE_STORAGE = "exam_portal.flash.FlashStorage"
MESSAGE_COOKIE_NAME = "messages"
if IS_PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    LANGUAGE_COOKIE_NAME = "__Host-language"
    MESSAGE_COOKIE_NAME = "__Host-messages"
# Where our own addresses redirect to, where the store shows its pictures itself.
_pictures_from = [environment.origin(_s3["STORAGE_S3_ENDPOINT"])] if PHOTOS_SERVED_BY == "store" else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", *_pictures_from],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- logs -----------------------------------------------------------------------------------------
LOGGING = log_settings(environment.choice("LOG_FORMAT", "line", ("line", "json")))
DEFAULT_EXCEPTION_REPORTER_FILTER = "exam_portal.logs.NoValues"

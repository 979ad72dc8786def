"""Settings for the tests: the portal's own, on a database and in folders that may be thrown away."""

import os
import tempfile
from pathlib import Path

from exam_portal import embedded
from exam_portal.settings import *  # noqa: F403
from exam_portal.settings import BASE_DIR, DATA_DIR, DATABASES, EMBEDDED, STORAGES

# One name for a run, its parallel workers included (they inherit the environment); two runs at once
# have two. pytest-django appends the worker's own name.
RUN = os.environ.setdefault("PORTAL_TEST_RUN", str(os.getpid()))
if EMBEDDED:
    DATABASES["default"] |= embedded.connection_settings(DATA_DIR, test=True)
DATABASES["default"] |= {"CONN_MAX_AGE": 0, "TEST": {"NAME": f"test_portal_{RUN}"}}
DATABASES.pop("replica", None)  # tests that want one make it

DATABASE_OWNER = None  # theirs makes databases, and owns what is in them
SECRET_KEY = "only-for-tests-" + "0123456789" * 5
FIELD_KEYS = [SECRET_KEY]
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
SCANNER = None  # tests that want one set it
METRICS_TOKEN = "only-for-tests-" + "m" * 20
SMS_ANSWER_SECONDS = 0.0
STAFF_SECOND_FACTOR = False  # tests that want one set it
TRUSTED_PROXIES = []
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Removed when the process ends.
_files = tempfile.TemporaryDirectory(prefix="portal-tests-")
FILES_DIR = Path(_files.name)
OUTBOX_DIR = FILES_DIR / "outbox"
STORAGES = {
    **STORAGES,
    "photos": {"BACKEND": "materials.storage.DurableFileSystemStorage", "OPTIONS": {"location": FILES_DIR / "photos"}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = BASE_DIR / "static"  # WhiteNoise warns about a folder that is not there

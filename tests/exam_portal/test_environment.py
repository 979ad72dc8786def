"""A wrong setting stops the start with one line: the variable, the value found, what it may be."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from exam_portal import environment

ROOT = Path(__file__).parent.parent.parent
OURS = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "DATABASE_REPLICA_URL",
    "PORT",
    "DEBUG",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "FIELD_KEYS",
    "ALLOWED_HOSTS",
    "DJANGO_SETTINGS_MODULE",
    "LANGUAGE_CODE",
    "SCANNER",
    "PHOTOS_SERVED_BY",
    "STAFF_SECOND_FACTOR",
    "SMS_BACKEND",
    "SMS_URL",
    "EMAIL_URL",
)
DATABASE = {"DATABASE_URL": "postgresql://u:hidden@db.example:5433/portal"}
SECRET = {"SECRET_KEY": "a-long-hidden-one-of-many-0123456789-characters-more"}
PRODUCTION = {**DATABASE, **SECRET, "ALLOWED_HOSTS": "exam.example"}
HTTP_SMS = {"SMS_BACKEND": "http", "SMS_TOKEN": "hidden"}
S3 = {
    "STORAGE_S3_ENDPOINT": "http://s3.example:8333",
    "STORAGE_S3_BUCKET": "photos",
    "STORAGE_S3_ACCESS_KEY": "hidden",
    "STORAGE_S3_SECRET_KEY": "hidden",
}


def start(
    tmp_path: Path, settings: dict[str, str], program: str = "import exam_portal.settings"
) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in OURS and not name.startswith("STORAGE_")}
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**clean, "PORTAL_DATA_DIR": str(tmp_path / "data"), **settings},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"PORT": "http"}, ["PORT", "'http'", "a whole number from 1 to 65535"]),
        ({"PORT": "65536"}, ["PORT", "'65536'", "65535"]),
        ({"PORT": "٨٠"}, ["PORT", "'٨٠'", "65535"]),
        ({"DEBUG": "maybe"}, ["DEBUG", "'maybe'", "on or off"]),
        ({"LANGUAGE_CODE": "fr"}, ["LANGUAGE_CODE", "'fr'", "zh-hans or en"]),
        ({"UPLOADS_PER_HOUR": "-1"}, ["UPLOADS_PER_HOUR", "'-1'", "from 1 to"]),
        ({"SMS_CODES_PER_HOUR": "0"}, ["SMS_CODES_PER_HOUR", "'0'", "from 1 to"]),
        ({"TRUSTED_PROXIES": "10.0.0.1,proxy"}, ["TRUSTED_PROXIES", "'10.0.0.1,proxy'", "10.1.0.0/16"]),
        ({"LOG_FORMAT": "xml"}, ["LOG_FORMAT", "'xml'", "line or json"]),
        ({**PRODUCTION, "METRICS_TOKEN": "short"}, ["METRICS_TOKEN", "(5 characters)", "32 random characters"]),
        ({"SMS_BACKEND": "pigeon"}, ["SMS_BACKEND", "'pigeon'", "file or http"]),
        ({"DATABASE_URL": "mysql://u:hidden@h/portal"}, ["DATABASE_URL", "mysql://…", "postgresql://"]),
        ({"DATABASE_URL": "postgresql://u:hidden@h"}, ["DATABASE_URL", "postgresql://…", "/database"]),
        ({"DATABASE_URL": "postgresql://u:hidden@h:x/portal"}, ["DATABASE_URL", "not shown", "port"]),
        ({"DATABASE_URL": "postgresql://u:hidden@h/portal?sslmod=require"}, ["DATABASE_URL", "?sslmod=", "sslmode"]),
        ({"DATABASE_URL": "postgresql://u:hidden@h/portal?sslmode"}, ["DATABASE_URL", "not shown", "?name=value"]),
        ({"SMS_URL": "https://u:hidden@sms.example:99999/send"}, ["SMS_URL", "not shown", "a port from 1 to 65535"]),
        ({"EMAIL_URL": "smtp://u:hidden@mail.example:99999"}, ["EMAIL_URL", "not shown", "a port from 1 to 65535"]),
        ({"EMAIL_URL": "smtp://u:hidden@mail.example:x"}, ["EMAIL_URL", "not shown", "a port from 1 to 65535"]),
        ({"EMAIL_URL": "imap://u:hidden@mail.example"}, ["EMAIL_URL", "imap://…", "smtp://… or smtps://…"]),
        ({"DATABASE_OWNER_URL": "postgresql://u:hidden@h/p"}, ["DATABASE_OWNER_URL", "not shown", "unset where"]),
        (
            {**DATABASE, "DATABASE_OWNER_URL": "mysql://u:hidden@h/p"},
            ["DATABASE_OWNER_URL", "mysql://…", "postgresql://"],
        ),
        ({"DATABASE_REPLICA_URL": "postgresql://u:hidden@h/p"}, ["DATABASE_REPLICA_URL", "not shown", "unset where"]),
        ({**DATABASE, "DATABASE_REPLICA_URL": "redis://u:hidden@h/1"}, ["DATABASE_REPLICA_URL", "redis://…"]),
        (
            {**DATABASE, "DATABASE_REPLICA_URL": "postgresql://other:hidden@db.example:5433/portal"},
            ["DATABASE_REPLICA_URL", "db.example:5433", "another server than DATABASE_URL's"],
        ),
        (DATABASE, ["SECRET_KEY", "is not set", "50 random characters"]),
        ({**DATABASE, "SECRET_KEY": "hidden"}, ["SECRET_KEY", "6 characters", "50 random characters"]),
        ({**DATABASE, **SECRET}, ["ALLOWED_HOSTS", "is not set", "host names"]),
        ({**DATABASE, "SECRET_KEY": "x" * 60}, ["SECRET_KEY", "only 1 different", "50 random characters"]),
        ({**DATABASE, "SECRET_KEY": f"django-insecure-{'hidden0123456789' * 4}"}, ["SECRET_KEY", "django-insecure-…"]),
        ({**PRODUCTION, "FIELD_KEYS": "hidden"}, ["FIELD_KEYS", "6 characters", "50 random characters"]),
        ({**PRODUCTION, "ALLOWED_HOSTS": "exam.example,*"}, ["ALLOWED_HOSTS", "'*'", "without wildcards"]),
        ({**PRODUCTION, "ALLOWED_HOSTS": ".example"}, ["ALLOWED_HOSTS", "'.example'", "without wildcards"]),
        ({**PRODUCTION, "DEBUG": "on"}, ["DEBUG", "'on'", "off when DATABASE_URL", "exam.example"]),
        ({**PRODUCTION, "STAFF_SECOND_FACTOR": "off"}, ["STAFF_SECOND_FACTOR", "'off'", "on or unset"]),
        ({"STAFF_SECOND_FACTOR": "perhaps"}, ["STAFF_SECOND_FACTOR", "'perhaps'", "on or off"]),
        (
            {**PRODUCTION, **HTTP_SMS, "SMS_URL": "http://u:hidden@sms.example/send"},
            ["SMS_URL", "http://sms.example…", "https://…"],
        ),
        (
            {**PRODUCTION, "EMAIL_URL": "smtp://u:hidden@mail.example:25?plain"},
            ["EMAIL_URL", "smtp://mail.example…?plain", "smtps://…"],
        ),
        (
            {**PRODUCTION, **S3, "STORAGE_S3_ENDPOINT": "http://store.example:8333"},
            ["STORAGE_S3_ENDPOINT", "http://store.example…", "https://…"],
        ),
        ({"STORAGE_S3_BUCKET": "photos"}, ["STORAGE_S3_ENDPOINT", "is not set", "STORAGE_S3_"]),
        ({"STORAGE_S3_ENDPOINT": "s3://k:hidden@store"}, ["STORAGE_S3_ENDPOINT", "s3://…", "https://… or http://…"]),
        ({"PHOTOS_SERVED_BY": "cdn"}, ["PHOTOS_SERVED_BY", "'cdn'", "worker or nginx or store"]),
        ({"PHOTOS_SERVED_BY": "store"}, ["PHOTOS_SERVED_BY", "'store'", "where no STORAGE_S3_… is set"]),
        (
            {**DATABASE, **SECRET, "ALLOWED_HOSTS": "exam.example", **S3, "PHOTOS_SERVED_BY": "store"},
            ["STORAGE_S3_ENDPOINT", "'http://…'", "https://…"],
        ),
        ({"PORTAL_DATA_DIR": "/dev/null"}, ["PORTAL_DATA_DIR", "'/dev/null'", "a folder"]),
        ({"PORTAL_DATA_DIR": "/dev/null/below"}, ["PORTAL_DATA_DIR", "'/dev/null/below'", "a folder"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else None,
)
def test_a_wrong_value_stops_the_start_with_one_line(tmp_path, settings, said):
    result = start(tmp_path, settings)
    assert result.returncode == 1
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    assert [part for part in said if part not in line] == []
    assert "hidden" not in line, "a password or a key is never repeated"


@pytest.mark.parametrize(
    ("settings", "keys"),
    [
        ({"SECRET_KEY": "new"}, "['new']"),
        ({"SECRET_KEY": "new", "SECRET_KEY_FALLBACKS": "old,older"}, "['new', 'old', 'older']"),
        ({"SECRET_KEY": "new", "SECRET_KEY_FALLBACKS": "old", "FIELD_KEYS": "f"}, "['f']"),
    ],
)
def test_what_an_older_secret_was_used_for_goes_on_working(tmp_path, settings, keys):
    result = start(tmp_path, settings, "from exam_portal.settings import FIELD_KEYS; print(FIELD_KEYS)")
    assert (result.stdout.strip(), result.stderr) == (keys, "")


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"DEBUG": "ON", "PORT": " 8080 "},
        PRODUCTION,
        {**PRODUCTION, **HTTP_SMS, "SMS_URL": "http://127.0.0.1:9000/send", "EMAIL_URL": "smtp://localhost:25?plain"},
        {**PRODUCTION, **HTTP_SMS, "SMS_URL": "https://sms.example", "EMAIL_URL": "smtp://mail.example:587"},
        {**PRODUCTION, **S3, "STORAGE_S3_ENDPOINT": "http://[::1]:8333"},
        {**DATABASE, "DEBUG": "on"},
        {**PRODUCTION, "DATABASE_REPLICA_URL": "postgresql://u:hidden@replica.example:5433/portal"},
        {**HTTP_SMS, "SMS_URL": "http://sms.example/send", "ALLOWED_HOSTS": "*"},
    ],
    ids=[
        "defaults",
        "debug",
        "production",
        "same-machine",
        "encrypted",
        "store",
        "debug-here",
        "replica",
        "demonstration",
    ],
)
def test_good_values_start_without_a_word(tmp_path, settings):
    result = start(tmp_path, settings)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("settings", "is_asked_for"),
    [({}, False), ({"STAFF_SECOND_FACTOR": "on"}, True), (PRODUCTION, True), ({**DATABASE, "DEBUG": "on"}, False)],
    ids=["demonstration", "by choice", "production", "debug"],
)
def test_staff_give_a_second_factor_outside_the_demonstration(tmp_path, settings, is_asked_for):
    result = start(tmp_path, settings, "from exam_portal.settings import STAFF_SECOND_FACTOR as it; print(it)")
    assert (result.stdout.strip(), result.stderr) == (str(is_asked_for), "")


def test_what_should_not_stay_unseen_is_said_when_the_web_server_starts(tmp_path):
    program = "import exam_portal.wsgi"
    said = start(tmp_path, PRODUCTION, program)
    assert said.returncode == 0
    assert [
        name for name in ("SMS_BACKEND is file", "EMAIL_URL is file", "DATABASE_URL") if name not in said.stderr
    ] == []
    assert "hidden" not in said.stderr
    replica = {"DATABASE_REPLICA_URL": "postgresql://u:hidden@replica.example/portal"}
    assert "DATABASE_REPLICA_URL does not ask for encryption" in start(tmp_path, PRODUCTION | replica, program).stderr
    well = PRODUCTION | HTTP_SMS | {"SMS_URL": "https://sms.example", "EMAIL_URL": "smtps://mail.example"}
    well["DATABASE_URL"] += "?sslmode=verify-full"
    for quiet in (well, {}):
        assert "WARNING" not in start(tmp_path, quiet, program).stderr


@pytest.mark.parametrize(
    ("served_by", "store", "source"),
    [
        ("worker", {}, "'self' data:"),
        ("nginx", S3, "'self' data:"),
        ("store", S3, "'self' data: http://s3.example:8333"),
        ("store", {**S3, "STORAGE_S3_ENDPOINT": "https://s3.example/below/"}, "'self' data: https://s3.example"),
    ],
)
def test_pages_show_pictures_of_the_store_only_where_it_serves_them(tmp_path, served_by, store, source):
    program = """
import django
from django.conf import settings
from django.core.files.storage import storages
print(*settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"])
django.setup()
storages["photos"]
"""
    environment = {**store, "PHOTOS_SERVED_BY": served_by, "DJANGO_SETTINGS_MODULE": "exam_portal.settings"}
    result = start(tmp_path, environment, program)
    assert (result.stdout.strip(), result.stderr) == (source, "")


def test_a_database_address_is_taken_apart(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://name:p%40ss%2F@db.example:5433/portal%20a")
    assert environment.database("DATABASE_URL") == {
        "NAME": "portal a",
        "USER": "name",
        "PASSWORD": "p@ss/",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {},
    }


def test_the_owner_of_the_tables_is_another_role_of_the_same_database(tmp_path):
    given = {**DATABASE, **SECRET, "ALLOWED_HOSTS": "portal.example"}
    program = (
        "from exam_portal.settings import DATABASES, DATABASE_OWNER as owner;"
        "print(DATABASES['default']['USER'], owner and owner['USER'])"
    )
    owner = {"DATABASE_OWNER_URL": "postgresql://owner:hidden@db.example:5433/portal"}
    assert start(tmp_path, {**given, **owner}, program).stdout == "u owner\n"
    assert start(tmp_path, given, program).stdout == "u None\n"
    assert start(tmp_path, {}, program).stdout == "portal_app portal\n"


def test_what_the_database_address_says_about_the_connection_arrives(monkeypatch):
    address = "postgresql://db.example/portal?sslmode=verify-full&sslrootcert=/etc/ca+1.pem&connect_timeout=3"
    monkeypatch.setenv("DATABASE_URL", f"{address}&application_name=portal&options=-c%20statement_timeout%3D5s")
    settings = environment.database("DATABASE_URL")
    assert settings is not None
    assert settings["OPTIONS"] == {
        "sslmode": "verify-full",
        "sslrootcert": "/etc/ca+1.pem",
        "connect_timeout": "3",
        "application_name": "portal",
        "options": "-c statement_timeout=5s",
    }


def test_the_secret_is_made_once_and_for_its_owner(tmp_path):
    assert start(tmp_path, {}).returncode == 0
    key = tmp_path / "data" / "secret-key"
    first = key.read_text()
    assert key.stat().st_mode & 0o777 == 0o600
    assert len(first) >= 50
    assert start(tmp_path, {}).returncode == 0
    assert key.read_text() == first

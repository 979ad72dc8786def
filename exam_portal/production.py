"""What a portal that others can reach must not be started with. Each is refused by name, with what to set instead.

"Production" is with DATABASE_URL and without DEBUG. What is allowed there and still worth a word is said in the log
when the web server starts (``remarks``).
"""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from exam_portal import environment
from exam_portal.environment import refuse

# As Django's own check wants it (security.W009).
SECRET_LENGTH, SECRET_VARIETY, INSECURE = 50, 5, "django-insecure-"
TOKEN_LENGTH = 32
ENCRYPTED = ("require", "verify-ca", "verify-full")


def refuse_weak_secret(name: str, secret: str) -> None:
    wanted = "50 random characters or more when DATABASE_URL is set"
    if len(secret) < SECRET_LENGTH:
        refuse(name, f"({len(secret)} characters)" if secret else None, wanted)
    if secret.startswith(INSECURE):
        refuse(name, f"({INSECURE}…)", wanted)
    if len(set(secret)) < SECRET_VARIETY:
        refuse(name, f"(only {len(set(secret))} different characters)", wanted)


def refuse_short_token(name: str, token: str) -> None:
    if len(token) < TOKEN_LENGTH:
        refuse(name, f"({len(token)} characters)", f"{TOKEN_LENGTH} random characters or more, or unset")


def refuse_hosts(hosts: list[str]) -> None:
    """Any host at all would let a forged one into links and past the check of where a form came from."""
    if not hosts:
        refuse("ALLOWED_HOSTS", None, "the portal's host names, separated by commas, when DATABASE_URL is set")
    for host in hosts:
        if "*" in host or host.startswith("."):
            refuse("ALLOWED_HOSTS", host, "the portal's host names in full, separated by commas, without wildcards")


def refuse_same_server(name: str, database: Mapping[str, Any], other_name: str, other: Mapping[str, Any]) -> None:
    """What is to take work off a server must be another one."""
    if [database["HOST"], database["PORT"] or "5432"] == [other["HOST"], other["PORT"] or "5432"]:
        refuse(name, f"postgresql://…@{database['HOST']}:{database['PORT']}/…", f"another server than {other_name}'s")


def refuse_debug_in_public(hosts: list[str]) -> None:
    """DEBUG shows settings and data of whoever's error it is: with a real database only to this machine."""
    for host in hosts:
        if not is_this_machine(host):
            refuse(
                "DEBUG", "on", f"off when DATABASE_URL is set and ALLOWED_HOSTS names {host}, which others can reach"
            )


def refuse_open_connections(sms_url: str, email_url: str, s3_endpoint: str) -> None:
    """What carries codes, phone numbers or pictures to another machine must be encrypted on its way."""
    for name, address in (("SMS_URL", sms_url), ("STORAGE_S3_ENDPOINT", s3_endpoint)):
        parts = urlsplit(address)
        if parts.scheme == "http" and not is_this_machine(parts.hostname or ""):
            refuse(name, f"http://{parts.hostname}…", "https://… unless it is on this machine")
    mail = urlsplit(email_url)
    if mail.scheme == "smtp" and mail.query == "plain" and not is_this_machine(mail.hostname or ""):
        refuse(
            "EMAIL_URL",
            f"smtp://{mail.hostname}…?plain",
            "smtps://… or smtp://… without ?plain unless it is on this machine",
        )


def second_factor(*, is_production: bool) -> bool:
    """Whether staff give a second factor: always in production, by choice elsewhere."""
    wanted = environment.flag("STAFF_SECOND_FACTOR", default=is_production)
    if is_production and not wanted:
        refuse("STAFF_SECOND_FACTOR", "off", "on or unset when DATABASE_URL is set: staff see identity documents")
    return wanted


def is_this_machine(host: str) -> bool:
    if host in ("localhost", ""):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.endswith(".localhost")


def remarks(*, sms_backend: str, email_url: str, databases: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What may be so in production and should not stay so unseen, a sentence each."""
    if sms_backend == "file":
        yield "SMS_BACKEND is file: no SMS leaves this machine, nobody can activate an account; set http and SMS_URL."
    if email_url == "file":
        yield "EMAIL_URL is file: no mail leaves this machine; set smtps://… or smtp://…."
    for alias, database in databases.items():
        name = "DATABASE_URL" if alias == "default" else "DATABASE_REPLICA_URL"
        host, is_encrypted = str(database["HOST"]), database.get("OPTIONS", {}).get("sslmode") in ENCRYPTED
        if not is_this_machine(host) and not host.startswith("/") and not is_encrypted:
            yield f"{name} does not ask for encryption; add ?sslmode=verify-full&sslrootcert=… (or sslmode=require)."

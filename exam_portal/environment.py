"""Reads the settings that come from the environment. A wrong value stops the start with one line."""

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qsl, unquote, urlsplit

Network = IPv4Network | IPv6Network
TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}
# What of libpq's parameters DATABASE_URL may carry; one that was left out unseen could be the encryption.
DATABASE_OPTIONS = {"application_name", "connect_timeout", "options", "sslmode", "sslrootcert"}


def refuse(name: str, value: str | None, allowed: str) -> NoReturn:
    """Stop the start, naming the variable, the value found and what it may be."""
    found = "is not set" if value is None else f"is {value!r}"
    raise SystemExit(f"{name} {found}; it must be {allowed}.")


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def flag(name: str, *, default: bool = False) -> bool:
    value = os.environ.get(name)
    if value is None:
        return default
    lowered = value.strip().lower()
    if lowered in TRUE:
        return True
    if lowered in FALSE:
        return False
    refuse(name, value, "on or off (1, true, yes, on, 0, false, no, off)")


def number(name: str, default: int, *, least: int, most: int) -> int:
    value = text(name)
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        refuse(name, value, f"a whole number from {least} to {most}")
    return int(value)


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = text(name, default) or default
    if value not in allowed:
        refuse(name, value, " or ".join(allowed))
    return value


def words(name: str, default: list[str]) -> list[str]:
    value = text(name)
    return [word.strip() for word in value.split(",") if word.strip()] or default


def networks(name: str) -> list[Network]:
    """Addresses and networks, separated by commas."""
    try:
        return [ip_network(word) for word in words(name, [])]
    except ValueError:
        refuse(name, text(name), "addresses or networks like 10.0.0.7,10.1.0.0/16,fd00::/8, separated by commas")


def address(name: str, default: str, schemes: tuple[str, ...]) -> str:
    """A URL of one of ``schemes``, or the default."""
    value = text(name) or default
    if value == default:
        return value
    allowed = " or ".join(f"{scheme}://…" for scheme in schemes)
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        refuse(name, "(not shown)", f"{allowed}, with a port from 1 to 65535 if any")
    if parts.scheme not in schemes or not parts.hostname or port == 0:
        # The value may hold a password, so only its scheme is repeated.
        refuse(name, f"{parts.scheme}://…", allowed)
    return value


def origin(address: str) -> str:
    """Scheme, host and port of a URL, as a content security policy names them."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def socket_address(name: str) -> tuple[str, int] | str | None:
    """What a socket connects to: (host, port) of tcp://host:port, the path of unix:///path, or None where unset."""
    value = text(name)
    if not value:
        return None
    allowed = "tcp://host:port (1 to 65535) or unix:///path/to/a.socket (a path of at most 107 bytes)"
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
        host.encode("idna")  # what connecting will do
    except ValueError:
        refuse(name, value, allowed)
    if value == f"unix://{parts.path}" and 1 < len(os.fsencode(parts.path)) <= 107:  # Linux takes no longer one
        return parts.path
    if value == f"tcp://{parts.netloc}" and host and port and "@" not in value:
        return host, port
    refuse(name, value, allowed)


def database(name: str) -> dict[str, Any] | None:
    """Django's connection settings from postgresql://user:password@host:port/name?sslmode=…, or None where unset."""
    value = text(name)
    if not value:
        return None
    allowed = "postgresql://user:password@host:port/database"
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        refuse(name, "(not shown)", allowed)
    database_name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgres", "postgresql"} or not database_name:
        # The value may hold a password, so only its scheme is repeated.
        refuse(name, f"{parts.scheme}://…", allowed)
    try:
        # libpq takes a plus for a plus.
        query = parts.query.replace("+", "%2B")
        options = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=True)) if query else {}
    except ValueError:
        refuse(name, "(not shown)", f"{allowed}?name=value&…")
    for option in sorted(set(options) - DATABASE_OPTIONS):
        refuse(name, f"…?{option}=…", f"{allowed} with no other parameters than {', '.join(sorted(DATABASE_OPTIONS))}")
    return {
        "NAME": database_name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(port or ""),
        "OPTIONS": options,
    }


def folder(name: str, default: Path) -> Path:
    path = Path(text(name) or default).expanduser().absolute()
    if path.exists() and not path.is_dir():
        refuse(name, str(path), "a folder, or a path where one can be made")
    return path

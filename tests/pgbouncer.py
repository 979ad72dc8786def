"""A real PgBouncer before the tests' PostgreSQL, with deploy/pgbouncer.ini as it is there but for its places."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from exam_portal import unprivileged
from exam_portal.serve import die_with_parent
from tests.seaweed import free_ports

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
PASSWORD = "only-for-tests"


@contextmanager
def pgbouncer(role: str, **changed: int) -> Iterator[dict[str, Any]]:
    """Run it; yields what differs of Django's connection settings. ``changed``: values of the file to test with."""
    if PGBOUNCER is None:
        pytest.skip("PgBouncer is not installed (Debian: pgbouncer)")
    server = connection.settings_dict
    [port] = free_ports(1)
    text = (Path(settings.BASE_DIR) / "deploy/pgbouncer.ini").read_text()
    with TemporaryDirectory(prefix="portal-pgbouncer-") as folder:
        target = f"host={server['HOST']} port={server['PORT']} dbname={server['NAME']}"
        places = {
            "host=127.0.0.1 port=5432 dbname=portal": target,
            "listen_port = 6432": f"listen_port = {port}",
            "/etc/pgbouncer/userlist.txt": f"{folder}/userlist.txt",
        }
        for name, value in changed.items():
            [line] = [line for line in text.splitlines() if line.startswith(f"{name} = ")]
            places[line] = f"{name} = {value}"
        for example, place in places.items():
            assert example in text, example
            text = text.replace(example, place)
        Path(folder, "pgbouncer.ini").write_text(text)
        Path(folder, "userlist.txt").write_text(f'"{role}" "{PASSWORD}"\n')
        # It refuses to be root; whoever runs the database can reach the database's socket.
        account = unprivileged.owner(Path(str(server["HOST"])))
        if account:
            for path in (Path(folder), *Path(folder).iterdir()):
                shutil.chown(path, account.uid, account.gid)
        with Path(folder, "log").open("w") as log:
            process = subprocess.Popen(
                [PGBOUNCER, f"{folder}/pgbouncer.ini"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=partial(_as, account),
            )
        try:
            reached = {"HOST": "127.0.0.1", "PORT": str(port), "NAME": "portal", "USER": role, "PASSWORD": PASSWORD}
            _wait_for(process, reached, Path(folder, "log"))
            yield reached
        finally:
            process.terminate()
            process.wait()


def _as(account: unprivileged.Account | None) -> None:
    if account:
        os.setgroups([])
        os.setgid(account.gid)
        os.setuid(account.uid)
    die_with_parent()


def _wait_for(process: subprocess.Popen[bytes], reached: dict[str, Any], log: Path) -> None:
    for _ in range(200):
        assert process.poll() is None, log.read_text()
        try:
            psycopg2.connect(
                host=reached["HOST"],
                port=reached["PORT"],
                dbname=reached["NAME"],
                user=reached["USER"],
                password=reached["PASSWORD"],
            ).close()
        except psycopg2.OperationalError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"PgBouncer does not answer: {log.read_text()}")

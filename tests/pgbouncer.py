"""A real PgBouncer before the tests' PostgreSQL, with deploy/pgbouncer.ini as it is there but for its places."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg2
import pytest
from django.db import connection

from cluster.pgbouncer import PGBOUNCER, configured
from drill.portal import free_ports
from exam_portal.serve import die_with_parent

PASSWORD = "only-for-tests"


@contextmanager
def pgbouncer(role: str, **changed: int) -> Iterator[dict[str, Any]]:
    """Run it; yields what differs of Django's connection settings. ``changed``: values of the file to test with."""
    if PGBOUNCER is None:
        pytest.skip("PgBouncer is not installed (Debian: pgbouncer)")
    server = connection.settings_dict
    [port] = free_ports(1)
    with TemporaryDirectory(prefix="portal-pgbouncer-") as folder:
        place = (str(server["HOST"]), str(server["PORT"]), str(server["NAME"]))
        command, identity = configured(Path(folder), place, port, role, PASSWORD, **changed)
        with Path(folder, "log").open("w") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
                **identity,
            )
        try:
            reached = {"HOST": "127.0.0.1", "PORT": str(port), "NAME": "portal", "USER": role, "PASSWORD": PASSWORD}
            _wait_for(process, reached, Path(folder, "log"))
            yield reached
        finally:
            process.terminate()
            process.wait()


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

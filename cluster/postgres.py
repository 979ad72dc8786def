"""A PostgreSQL that streams from another: what DATABASE_REPLICA_URL names, with the wheel's own programs."""

from __future__ import annotations

import os
from pathlib import Path

from exam_portal import embedded, unprivileged
from exam_portal.embedded import Cluster


def listening(port: int) -> dict[str, str]:
    """Settings of a server that is reached by TCP, from this machine alone."""
    return {"listen_addresses": "127.0.0.1", "port": str(port)}


def replica_of(primary: Cluster, folder: Path, port: int) -> Cluster:
    """Copy a running server into ``folder``, which is made, and have the copy stream from it and answer at ``port``."""
    account = unprivileged.owner(primary.folder)
    unprivileged.make_private(folder, account)
    replica = Cluster(folder, embedded.sockets_of(folder), primary.test, listening(port))
    # It may be root's, who can read it all; the programs that the server's account has are three others.
    program = unprivileged.of_the_wheel() / "pg_basebackup"
    place = ["--host", primary.sockets, "--port", primary.port, "--username", "postgres"]
    how = ["--pgdata", replica.data, "--write-recovery-conf", "--checkpoint", "fast", "--no-sync"]
    ended = unprivileged.run([program, *place, *how], None)
    if ended.returncode:
        raise SystemExit(f"pg_basebackup: status {ended.returncode}. {ended.stderr}")
    if account:
        for path in [replica.data, *replica.data.rglob("*")]:
            os.chown(path, account.uid, account.gid, follow_symlinks=False)
    replica.start()
    return replica

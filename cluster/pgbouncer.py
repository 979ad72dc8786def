"""deploy/pgbouncer.ini for a PgBouncer on this machine, before a server that is reached by its socket."""

from __future__ import annotations

import shutil
from pathlib import Path

from cluster.places import placed, program
from exam_portal import unprivileged

PGBOUNCER = program("pgbouncer")


def configured(
    folder: Path, server: tuple[str, str, str], port: int, role: str, password: str, **changed: int
) -> tuple[list[str], dict[str, object]]:
    """Write its files; returns its command, and as whom to run it, in Popen's words.

    ``server``: host, port and database. ``changed``: values of the file to try it with.
    """
    host, server_port, database = server
    places = {
        "host=127.0.0.1 port=5432 dbname=portal": f"host={host} port={server_port} dbname={database}",
        "listen_port = 6432": f"listen_port = {port}",
        "/etc/pgbouncer/userlist.txt": f"{folder}/userlist.txt",
    }
    for name, value in changed.items():
        [line] = [line for line in placed("pgbouncer.ini", {}).splitlines() if line.startswith(f"{name} = ")]
        places[line] = f"{name} = {value}"
    (folder / "pgbouncer.ini").write_text(placed("pgbouncer.ini", places))
    (folder / "userlist.txt").write_text(f'"{role}" "{password}"\n')
    identity: dict[str, object] = {}
    # It refuses to be root; whoever runs the database can reach the database's socket.
    if account := unprivileged.owner(Path(host)):
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, account.uid, account.gid)
        identity = {"user": account.uid, "group": account.gid, "extra_groups": []}
    return [PGBOUNCER or "pgbouncer", f"{folder}/pgbouncer.ini"], identity

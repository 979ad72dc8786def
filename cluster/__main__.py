"""``make cluster``: starts, on this machine and in a folder of its own, what a nation would run on many: PostgreSQL
with a streaming replica, PgBouncer, SeaweedFS with two volume servers, three gunicorns, the message sender, nginx. Goes
the whole way from the roster to the published list once, then kills each part in turn under load, and looks up all that
was said yes to. Ends by itself in some minutes, with a table; status 1 if anything is lost, or as it must not be.

``--rounds N``: how often each is killed; ``--seed N``: of what is left to chance; ``--json FILE``: the table for
machines.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from bench.report import data_folder
from drill.gateway import Gateway

if TYPE_CHECKING:
    from cluster.nation import Nation
    from drill.parts import Row
    from exam_portal.embedded import Cluster

CANDIDATES, REVIEWERS = 4, 2
APPLICATIONS = 8  # that each looks after


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    from cluster import nginx, pgbouncer

    for name, program in (("nginx", nginx.NGINX), ("pgbouncer", pgbouncer.PGBOUNCER)):
        if program is None:
            sys.exit(f"{name} is not installed (Debian: {name}); `make debian` as root installs it.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # all that was started is stopped
    folder = data_folder() / "cluster" / str(os.getpid())
    folder.mkdir(mode=0o711, parents=True)
    gateway = Gateway()
    try:
        rows = _run(folder, gateway, options)
    finally:
        gateway.close()
        # For root the server may be elsewhere, behind a link (exam_portal/embedded.py).
        for path in ((folder / "postgres").resolve(), folder):
            shutil.rmtree(path, ignore_errors=True)
    from drill.table import as_text

    print(as_text(rows))
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1))
    sys.exit(not all(row.is_good for row in rows))


def _run(folder: Path, gateway: Gateway, options: argparse.Namespace) -> list[Row]:
    from cluster.nation import Nation, Ports, settings
    from exam_portal import embedded

    ports = Ports()
    for name in list(os.environ):
        # What would lead to somebody's real services, or is decided here.
        if name.startswith(("DATABASE_", "STORAGE_S3_", "SMS_", "EMAIL_", "FIELD_")) or name in ("DEBUG", "SCANNER"):
            del os.environ[name]
    os.environ |= settings(folder, ports) | gateway.settings
    with embedded.running(folder) as primary:
        nation = Nation(folder, primary, ports)
        try:
            return _drilled(nation, primary, gateway, options)
        except SystemExit:
            print((folder / "portal.log").read_text(errors="replace")[-3000:], file=sys.stderr)
            raise
        finally:
            nation.stop()


def _drilled(nation: Nation, primary: Cluster, gateway: Gateway, options: argparse.Namespace) -> list[Row]:
    nation.start_database_parts()
    nation.start_store()
    import django

    django.setup()
    from random import Random

    from django.conf import settings
    from django.db import connections

    from cluster.journey import Journey
    from cluster.outages import Outages, Staff
    from drill.messages import Messages
    from drill.people import Candidates, Load, Reviewer
    from drill.scene import Scene
    from drill.table import said
    from exam_portal import serve

    nation.make_bucket()
    # Migrations go straight to the server, as the owner; PgBouncer knows only the portal's role.
    settings.DATABASE_OWNER = {"HOST": str(primary.sockets), "PORT": primary.port, "USER": primary.owner}
    serve.prepare(with_demo=False)
    nation.start_portal()
    nation.start_front()
    print("Everything runs.", flush=True)
    scene, seed = Scene(nation.port, pictures=12), options.seed
    Journey(scene, gateway).go()
    print(f"Lists and exports by who answered: {nation.metrics()}", flush=True)
    load = Load(scene.ledger)
    for number in range(CANDIDATES):
        dice = Random(f"{seed} candidates {number}")
        load.people.append(Candidates(scene.ledger, scene.candidates(APPLICATIONS), dice))
    for number in range(REVIEWERS):
        dice = Random(f"{seed} reviewer {number}")
        load.people.append(Reviewer(scene.ledger, scene.reviewer(number), dice, load.is_over))
    load.people.append(Staff(scene.ledger, scene.staff(1), Random(f"{seed} staff"), load.is_over))
    outages = Outages(nation, scene, load, seed)
    messages = Messages(nation, scene, gateway, seed)
    rows = [said(messages.sender(2 * options.rounds, 1, 0))]
    rows += [said(part()) for part in outages.all(options.rounds)]
    print(f"Acknowledged: {scene.ledger.tally}", flush=True)
    print(f"Refused: {dict(scene.ledger.book.refusals.most_common())}", flush=True)
    connections.close_all()
    return rows


if __name__ == "__main__":
    main()

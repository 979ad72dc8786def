"""``make drill``: what becomes of the portal when its parts are killed under load. Ends by itself in about a quarter
of an hour, with a table; status 1 if anything that was acknowledged is lost, or anything is as it must not be.

``--kills N``: of web workers, and fewer of all else in proportion; ``--seed N``: of what is left to chance;
``--only PART …``: some parts; ``--json FILE``: the table for machines.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from bench.report import data_folder
from drill.gateway import Gateway
from drill.portal import Portal, free_ports

if TYPE_CHECKING:
    from drill.parts import Row

PARTS = ("races", "master", "database", "sender", "disk", "workers")
CANDIDATES, REVIEWERS = 5, 2
APPLICATIONS = 12  # that each looks after
#: What the drill decides itself, or what would lead to somebody's real services.
NOT_OURS = ("DATABASE_URL", "ALLOWED_HOSTS", "DEBUG", "SCANNER", "EMAIL_URL", "SECRET_KEY", "FIELD_KEYS")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # all that was started is stopped
    folder = data_folder() / "drill" / str(os.getpid())
    folder.mkdir(mode=0o711, parents=True)
    gateway = Gateway()
    [port] = free_ports(1)
    _settle(folder, port, gateway)
    try:
        rows = _run(folder, port, gateway, options)
    finally:
        gateway.close()
        # For root the cluster may be elsewhere, behind a link (exam_portal/embedded.py).
        for path in ((folder / "postgres").resolve(), folder):
            shutil.rmtree(path, ignore_errors=True)
    from drill.table import as_text

    print(as_text(rows))
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1))
    sys.exit(not all(row.is_good for row in rows))


def _settle(folder: Path, port: int, gateway: Gateway) -> None:
    """The settings of this process and of all that it starts."""
    for name in list(os.environ):
        if name in NOT_OURS or name.startswith("STORAGE_S3_"):
            del os.environ[name]
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "exam_portal.settings",
        "PORTAL_DATA_DIR": str(folder),
        "PORT": str(port),
        "UPLOADS_PER_HOUR": "100000",
        **gateway.settings,
    }


def _run(folder: Path, port: int, gateway: Gateway, options: argparse.Namespace) -> list[Row]:
    import django

    from exam_portal import embedded, serve

    with embedded.running(folder) as cluster:
        django.setup()
        serve.prepare(with_demo=False)
        from random import Random

        from django.db import connections

        from drill.messages import Messages
        from drill.parts import Drill
        from drill.people import Candidates, Load, Reviewer
        from drill.scene import Scene
        from drill.table import said

        portal = Portal(folder, port, cluster)
        # Races send twenty at once beside those that are there already.
        scene, seed = Scene(port, pictures=24 if "races" in options.only else 12), options.seed
        load = Load(scene.ledger)
        for number in range(max(CANDIDATES, REVIEWERS)):
            if number < CANDIDATES:
                dice = Random(f"{seed} candidates {number}")
                load.people.append(Candidates(scene.ledger, scene.candidates(APPLICATIONS), dice))
            if number < REVIEWERS:
                dice = Random(f"{seed} reviewer {number}")
                load.people.append(Reviewer(scene.ledger, scene.reviewer(number), dice, load.is_over))
        drill = Drill(portal, scene, load, seed)
        messages = Messages(portal, scene, gateway, seed)
        few = max(1, options.kills // 20)
        parts: dict[str, Callable[[], Iterable[Row]]] = {
            "races": lambda: drill.races(few),
            "master": lambda: [drill.master(max(1, few // 2))],
            "database": lambda: [drill.database(max(1, few // 2))],
            "sender": lambda: [messages.sender(max(2, few * 2), max(1, few // 3), drill.restarts)],
            "disk": drill.disk,
            "workers": lambda: [drill.workers(options.kills)],
        }
        try:
            portal.start_web()
            portal.start_sender()
            rows = [said(row) for name in PARTS if name in options.only for row in parts[name]()]
            print(f"Acknowledged: {scene.ledger.tally}", flush=True)
            print(f"Refused: {dict(scene.ledger.book.refusals.most_common())}", flush=True)
        finally:
            portal.stop()
            connections.close_all()
    return rows


if __name__ == "__main__":
    main()

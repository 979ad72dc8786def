"""The portal as it runs in operation, in a folder of its own, and the ways to hurt it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from exam_portal import embedded, serve, unprivileged

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 120.0  # seconds, for what takes a moment; the drill fails by it and measures nothing with it


def free_ports(number: int) -> list[int]:
    """Ports that nobody listens at; somebody might in a moment, so ask when they are needed."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class Portal:
    """PostgreSQL, gunicorn and the message sender. All but the first are stopped by ``stop``."""

    def __init__(self, folder: Path, port: int, cluster: embedded.Cluster) -> None:
        self.folder, self.port, self._cluster = folder, port, cluster
        self.photos = folder / "photos"
        self.steps = folder / "steps"
        self.steps.mkdir()
        self._log = (folder / "portal.log").open("ab")
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def _start(self, name: str, command: list[str], **otherwise: Any) -> None:
        """``otherwise``: Popen's arguments, e.g. as whom."""
        # A session of its own, as under a supervisor, which ends all of a service; and it ends with the drill.
        self._children[name] = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
            preexec_fn=serve.die_with_parent,
            **{"cwd": ROOT, "env": os.environ | {"DRILL_STEPS": str(self.steps)}, **otherwise},
        )

    def start_web(self) -> None:
        """Returns when it answers."""
        command = serve.commands(self.port)["The web server"]
        command[command.index("exam_portal.wsgi:application")] = "drill.stepping:application"
        self._start("web", [sys.executable, *command])
        serve.wait_for_answer(self.port, {"gunicorn": self._children["web"]})

    def start_sender(self) -> None:
        self._start("sender", [sys.executable, "manage.py", "send_messages", "--every", "1"])

    def stop(self) -> None:
        for child in self._children.values():
            serve.send(child, signal.SIGTERM)
        for child in self._children.values():
            with suppress(subprocess.TimeoutExpired):
                child.wait(serve.STOP_SECONDS)
            serve.send(child, signal.SIGKILL)
            child.wait()
        self._log.close()

    # --- hurting it -------------------------------------------------------------------------------

    def is_sender_alive(self) -> bool:
        return self._children["sender"].poll() is None

    def workers(self) -> list[int]:
        master = self._children["web"].pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        return [int(pid) for pid in children if _state(pid)[:1] not in ([], ["Z"])]

    def all_belong(self) -> bool:
        """Whether all that ever came of the web server and still runs has a parent there. Dead ones need a moment."""
        until = time.monotonic() + PATIENCE
        while orphans := _orphans(self._children["web"].pid):
            if time.monotonic() > until:
                return not orphans
            time.sleep(0.2)
        return True

    def kill_worker(self, which: int) -> None:
        """The ``which``-th of those there are."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if workers := self.workers():
                with suppress(ProcessLookupError):  # it was gone already
                    os.kill(workers[which % len(workers)], signal.SIGKILL)
                    return
            time.sleep(0.02)

    def dies_at(self, step: str) -> bool:
        """Have the next worker that comes to this step kill itself there. False: for a while none came by."""
        draft = self.steps / "draft"
        draft.write_text(step)
        draft.rename(self.steps / "armed")
        until = time.monotonic() + PATIENCE / 4
        while not (self.steps / "taken").exists():
            if time.monotonic() > until:
                with suppress(FileNotFoundError):
                    (self.steps / "armed").unlink()
                    return False
            time.sleep(0.02)
        (self.steps / "taken").unlink()
        return True

    def kill_master(self) -> None:
        """Its workers live on for now, as orphans."""
        self._children["web"].kill()
        self._children["web"].wait()

    def restart_web(self) -> None:
        """As a supervisor does it, who ends what a dead service left, too."""
        serve.send(self._children["web"], signal.SIGKILL)
        self.start_web()

    def kill_sender(self) -> None:
        self._children["sender"].kill()
        self._children["sender"].wait()

    def restart_database(self) -> None:
        """``pg_ctl restart -m immediate``: no server process is asked to finish. Returns when it is back."""
        account = unprivileged.owner(self._cluster.folder)
        programs = unprivileged.programs(account)
        options = ["-D", self._cluster.data.name, "-l", self._cluster.log.name, "-w", "-t", str(int(PATIENCE)), "-s"]
        command = [programs / "pg_ctl", "restart", "-m", "immediate", *options]
        ended = unprivileged.run(command, account, self._cluster.folder)
        if ended.returncode:
            raise SystemExit(f"pg_ctl restart: status {ended.returncode}. {ended.stderr}")


def _state(pid: str) -> list[str]:
    """What /proc says of a process: its state ("Z": dead, not buried), parent, group, session; nothing once gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _orphans(leader: int) -> list[int]:
    """Processes of a session that its leader is no forefather of (any more)."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        match _state(stat.parent.name):
            case [letter, parent, _group, session, *_] if int(session) == leader and letter != "Z":
                parents[int(stat.parent.name)] = int(parent)
    return [pid for pid, parent in parents.items() if pid != leader and parent not in parents]

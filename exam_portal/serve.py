"""`make run`: the whole portal on this machine, until Ctrl-C. Run as ``python -m exam_portal.serve``."""

import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

import django

from exam_portal import embedded

ADDRESS = "127.0.0.1"
FIRST_ANSWER_SECONDS = 60
STOP_SECONDS = 15
PR_SET_PDEATHSIG = 1  # from <sys/prctl.h>
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exam_portal.settings")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    under_make = "MAKELEVEL" in os.environ  # started in any other way, we may be meant to outlive the starter
    if under_make:
        die_with_parent()
    from django.conf import settings

    refuse_taken_port(settings.PORT)
    with embedded.running(settings.DATA_DIR) if settings.EMBEDDED else nullcontext() as server:
        say("Preparing the database and the static files…")
        django.setup()
        prepare(with_demo=settings.EMBEDDED)
        with children(settings.PORT, settings.BASE_DIR) as started:
            wait_for_answer(settings.PORT, started)
            say(f"http://{ADDRESS}:{settings.PORT}")
            while True:
                refuse_dead(started)
                if under_make and parent_handles_interrupt():
                    sys.exit(0)
                if server:
                    server.keep_up()
                time.sleep(1)


def say(text: str) -> None:
    print(text, flush=True)


def stop(_number: int, _frame: FrameType | None) -> NoReturn:
    """End as asked: everything started is stopped on the way out."""
    be_deaf()
    sys.exit(0)


def be_deaf() -> None:
    """Let nothing interrupt the stopping once it has begun."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Have the kernel send this process a signal when the one that started it ends, however it ends."""
    if _libc:
        _libc.prctl(PR_SET_PDEATHSIG, number)


def parent_handles_interrupt() -> bool:
    """Whether make was sent SIGINT alone (`kill -INT`, not Ctrl-C, which reaches us too).

    It then waits for us, who were told nothing; but while it does, it has the signal blocked.
    """
    try:
        status = Path(f"/proc/{os.getppid()}/status").read_text()
    except OSError:  # not Linux, or it is gone
        return False
    blocked = status.partition("SigBlk:")[2].split()[0]
    return bool(int(blocked, 16) & 1 << (signal.SIGINT - 1))


def refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        # As gunicorn does; without it, connections of a run that has just ended count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError as error:
            raise SystemExit(
                f"PORT is {port}, and nothing can be served there ({error.strerror}); set PORT to a free port."
            ) from None


def prepare(*, with_demo: bool) -> None:
    """Bring the database and the static files up to date. An empty database of our own gets the demonstration data."""
    from django.core.management import call_command
    from django.db import connections

    from candidates.models import Region
    from materials.intake import isolated

    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    if with_demo:
        call_command("load_demo", accounts_only=Region.objects.exists())
    # From here on this process only waits: what it held for the above, it lets go.
    connections.close_all()
    isolated.end()


@contextmanager
def children(port: int, folder: Path) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Hold the web server and what runs beside it, all stopped at the end."""
    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands(port).items():
            started[name] = subprocess.Popen(
                [sys.executable, *command],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for us; we stop them in order
                preexec_fn=die_with_parent,
            )
        yield started
    finally:
        be_deaf()
        for child in started.values():
            send(child, signal.SIGTERM)
        for child in started.values():
            with suppress(subprocess.TimeoutExpired):
                child.wait(STOP_SECONDS)
            send(child, signal.SIGKILL)
            child.wait()


def send(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to a child and all of its own: a killed gunicorn leaves workers that still hold the port."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, number)


def commands(port: int) -> dict[str, list[str]]:
    """What runs beside each other, by the names that messages call them."""
    gunicorn = ["-m", "gunicorn", "-c", "python:exam_portal.gunicorn_conf", "exam_portal.wsgi:application"]
    gunicorn.append(f"--bind={ADDRESS}:{port}")
    return {
        "The web server": gunicorn,
        "The message sender": ["manage.py", "send_messages", "--every", "5"],
        "The roster loader": ["manage.py", "load_rosters", "--every", "2"],
        "The periodic run": ["manage.py", "run_periodic", "--every", "60"],
    }


def refuse_dead(started: dict[str, subprocess.Popen[bytes]]) -> None:
    for name, child in started.items():
        if child.poll() is not None:
            raise SystemExit(f"{name} ended unexpectedly (status {child.returncode}); all is stopped.")


def wait_for_answer(port: int, started: dict[str, subprocess.Popen[bytes]]) -> None:
    """Wait until the web server answers anything but a failure: whatever ALLOWED_HOSTS says of our address."""
    deadline = time.monotonic() + FIRST_ANSWER_SECONDS
    while time.monotonic() < deadline:
        refuse_dead(started)
        connection = http.client.HTTPConnection(ADDRESS, port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status < 500:
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.2)
    raise SystemExit(f"The web server does not answer on http://{ADDRESS}:{port}/healthz; all is stopped.")


if __name__ == "__main__":
    main()

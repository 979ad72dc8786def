"""Commands in processes of their own, each sent a signal at a chosen step of its work.

A step is what changes something, just before it happens: a statement, a commit, a file written, renamed or removed, a
request to a gateway or to the store of pictures. What is read between two of them is one step more. As a program
(``python -m tests.interrupting``) this is the process that all others fork from: Django is loaded once and not for
every step.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

SECONDS = 60  # a process that takes longer hangs


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code or, negative, the signal; what it said; and its steps, the last one not taken
    if a signal came before it.
    """

    code: int
    out: str
    err: str
    steps: list[str]


class Interrupter:
    """The process that others fork from, with the tests' database, files and settings."""

    def __init__(self, database: str, files: Path, photos: dict[str, Any] | None = None) -> None:
        """``photos``: of settings.STORAGES, where they are not in the folder."""
        environment = os.environ | {"TEST_DATABASE": database, "TEST_FILES": str(files)}
        environment["TEST_PHOTOS"] = json.dumps(photos)
        command = [sys.executable, "-m", "tests.interrupting"]
        root = Path(__file__).resolve().parent.parent
        self._process = subprocess.Popen(
            command, env=environment, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, *arguments: object, at: int | str = 0, by: int = signal.SIGKILL, **settings: object) -> Ended:
        """Run ``manage.py`` with these arguments, or the function ``module:name``, and send it the signal just before
        a step.

        ``at``: its number, counted from 1, or how the first such step begins; ``settings``: for this process.
        """
        assert self._process.stdin
        assert self._process.stdout
        request = {"arguments": list(map(str, arguments)), "at": at, "by": int(by), "settings": settings}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return Ended(**json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        self._process.communicate()


# --- the process that others fork from ------------------------------------------------------------------------------


def serve() -> None:
    """For each line that comes in, a process; its end is the line that goes out."""
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
    settings.EMBEDDED = False  # the tests keep the server
    settings.FILES_DIR = Path(os.environ["TEST_FILES"])
    settings.OUTBOX_DIR = settings.FILES_DIR / "outbox"
    settings.STORAGES["photos"]["OPTIONS"]["location"] = settings.FILES_DIR / "photos"
    settings.STORAGES["photos"] = json.loads(os.environ["TEST_PHOTOS"]) or settings.STORAGES["photos"]
    import django

    django.setup()
    for line in sys.stdin:
        print(json.dumps(_fork(**json.loads(line))), flush=True)


def _fork(arguments: list[str], at: int | str, by: int, settings: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err, tempfile.TemporaryFile("w+") as log:
        process = os.fork()
        if not process:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            os.setsid()
            _become(arguments, at, by, settings, log.fileno())
        _, status = os.waitpid(process, 0)
        said = [_content(file) for file in (out, err, log)]
    return {"code": os.waitstatus_to_exitcode(status), "out": said[0], "err": said[1], "steps": said[2].splitlines()}


def _content(file: Any) -> str:
    file.seek(0)
    return str(file.read())


def _become(arguments: list[str], at: int | str, by: int, changed: dict[str, Any], log: int) -> None:
    """Never returns."""
    from django.conf import settings

    import manage

    signal.alarm(SECONDS)
    # Where the tests run in the background of a shell, it is ignored, and that is handed on.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name, value in changed.items():
        setattr(settings, name, value)
    sys.argv = ["manage.py", *arguments, *([] if arguments[0] == "draw_examples" else ["--skip-checks"])]
    code: Any = 0
    with _steps(at, by, log):
        try:
            if ":" in arguments[0]:
                module, _, name = arguments[0].partition(":")
                getattr(import_module(module), name)(*arguments[1:])
            else:
                manage.main()
        except SystemExit as end:
            code = end.code
        except BaseException:
            import traceback

            traceback.print_exc()
            code = 99
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code or 0)


@contextmanager
def _steps(at: int | str, by: int, log: int) -> Iterator[None]:
    from botocore.client import BaseClient
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.utils import CursorWrapper

    count, is_on, last_was_reading = 0, True, False

    def step(what: str) -> None:
        nonlocal count, last_was_reading
        is_reading = what.startswith(("SELECT", "SAVEPOINT", "RELEASE"))
        if not is_on or (is_reading and last_was_reading):
            return
        last_was_reading = is_reading
        count += 1
        os.write(log, f"{what}\n".encode())
        if count == at or (isinstance(at, str) and what.startswith(at)):
            os.kill(os.getpid(), by)

    def before(kind: type, name: str, says: Any) -> None:
        does = getattr(kind, name)

        def stepping(self: Any, *args: Any, **options: Any) -> Any:
            step(says(*args))
            return does(self, *args, **options)

        setattr(kind, name, stepping)

    # A method of psycopg2's that Django hands through.
    CursorWrapper.copy_expert = lambda self, *args: self.cursor.copy_expert(*args)
    for name in ("execute", "executemany", "copy_expert"):
        before(CursorWrapper, name, lambda sql, *_: " ".join(str(sql).split())[:200])
    before(BaseDatabaseWrapper, "_commit", lambda: "COMMIT")
    before(BaseClient, "_make_api_call", lambda operation, _: f"{'SELECT' if 'Get' in operation else 's3'} {operation}")

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("os.rename", "os.remove", "os.link", "urllib.Request"):
            step(f"{event} {arguments[0]}")
        elif event == "open" and isinstance(arguments[1], str) and arguments[1][:1] in "wx":
            step(f"write {arguments[0]}")

    sys.addaudithook(audit)
    try:
        yield
    finally:
        is_on = False


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    serve()

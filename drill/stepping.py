"""What the drill has gunicorn serve: the portal itself, in workers that can be told to die at a named step of an act.

The portal's code does not know of it. Which step it is stands in the file ``armed`` of the folder DRILL_STEPS, e.g.
"upload: after the row" (steps.py has them all). The first worker to come there takes the file, so that no other does,
and sends itself SIGKILL.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import local
from typing import Any

from django.core.files.base import File
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from exam_portal.wsgi import application as portal
from materials.storage import DurableFileSystemStorage

ACTS = {
    "submit": re.compile(r"/materials/submit/$"),
    "upload": re.compile(r"/materials/[\w-]+/$"),
    "delete": re.compile(r"/photos/[\w-]+/delete/$"),
    "finish": re.compile(r"/admin/review/[\w-]+/finish/$"),
}
_armed = Path(os.environ["DRILL_STEPS"]) / "armed"
_this = local()  # act: the one under way in this thread; files: how many of it are stored


def _step(name: str) -> None:
    act = getattr(_this, "act", None)
    if act is None:
        return
    try:
        if _armed.read_text() != f"{act}: {name}":
            return
        _armed.rename(_armed.with_name("taken"))
    except FileNotFoundError:  # nothing is armed, or another worker was first
        return
    os.kill(os.getpid(), signal.SIGKILL)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
    acts = ACTS.items() if environ["REQUEST_METHOD"] == "POST" else ()
    _this.act = next((act for act, address in acts if address.search(environ["PATH_INFO"])), None)
    _this.files = 0
    try:
        answer = portal(environ, start_response)
        _step("before the answer")
        return answer
    finally:
        _this.act = None


class _InTwo(File):
    """What is stored, written in two pieces."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        data = b"".join(super().chunks(chunk_size))
        yield data[: len(data) // 2]
        _step("in the middle of the file")
        yield data[len(data) // 2 :]


def _install() -> None:
    save, replace = DurableFileSystemStorage._save, os.replace
    execute, commit = CursorWrapper.execute, BaseDatabaseWrapper._commit

    def saving(self: DurableFileSystemStorage, name: str, content: File) -> str:
        _step("before the file")
        stored = save(self, name, _InTwo(content.file, content.name))
        _this.files = getattr(_this, "files", 0) + 1
        _step("after the file" if _this.files == 1 else "after both files")
        return stored

    def replacing(*names: Any, **options: Any) -> None:
        _step("before its final name")
        replace(*names, **options)

    def executing(self: CursorWrapper, sql: Any, params: Any = None) -> Any:
        done = execute(self, sql, params)
        if str(sql).startswith('INSERT INTO "materials_photo"'):
            _step("after the row")
        return done

    def committing(self: BaseDatabaseWrapper) -> None:
        _step("before the commit")
        commit(self)
        _step("after the commit")

    for owner, name, does in (
        (DurableFileSystemStorage, "_save", saving),
        (os, "replace", replacing),
        (CursorWrapper, "execute", executing),
        (BaseDatabaseWrapper, "_commit", committing),
    ):
        setattr(owner, name, does)


_install()

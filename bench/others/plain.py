"""The plain Django project (bench/plain/), as its own gunicorn serves it from its own database."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from bench.others.stand import LIST, NEXT, OPEN, OWN, SEARCH, UPLOAD, Stand, gunicorn, make_database, page, run, settle
from bench.served import Browser, Portal, multipart

NAME = "plain Django"
_DATABASE = "plain"
_PASSWORD = "a-bench-and-a-half"
_ROOT = Path(__file__).resolve().parents[2]


class Plain:
    """The project, served. ``stand``: fill it as far as the portal is filled, then sign in."""

    def __init__(self, portal: Portal, folder: Path, environment: dict[str, str]) -> None:
        self._portal, self._folder, self._environment = portal, folder, environment
        self._served: tuple[int, Any] = (0, list)

    @contextmanager
    def served(self) -> Iterator[Plain]:
        self._manage("migrate", "--verbosity=0")
        with gunicorn(sys.executable, "bench.plain.wsgi", self._environment, self._folder, "/login/") as self._served:
            yield self

    def stand(self, counts: list[int], picture: bytes) -> Stand:
        """``counts``: of each submission, how many pictures."""
        port, web = self._served
        file = self._folder / "counts.json"
        file.write_text(json.dumps(counts))
        found = json.loads(self._manage("fill", file, "--password", _PASSWORD))
        settle(self._portal, _DATABASE)
        staff, candidate = Browser(port), Browser(port)
        staff.sign_in("staff", _PASSWORD, "/admin/login/", next="/admin/")
        candidate.sign_in(found["candidate"], _PASSWORD)
        listed, opened = "/admin/plain/submission/", f"/admin/plain/submission/{found['submission']}/change/"
        body = multipart(picture, "image", category=str(found["category"]))
        acts = {
            LIST: page(staff, listed, "result_list"),
            SEARCH: page(staff, f"{listed}?q={found['candidate']}", found["candidate"]),
            NEXT: partial(staff.led_to, "/next/"),
            OPEN: page(staff, opened, "photos-0-image"),
            OWN: page(candidate, "/photos/", "data-mine"),
            UPLOAD: partial(candidate.send, "/photos/", body),
        }
        undone = {NEXT: self._give_back, UPLOAD: self._forget_upload}
        return Stand(NAME, web, acts, partial(staff.stream, "/results.csv"), undone)

    def _manage(self, *arguments: str | Path) -> str:
        return run([sys.executable, "-m", "django", *arguments], self._environment, _ROOT)

    def _give_back(self) -> None:
        """So that the queue stays as long as it is."""
        self._do("UPDATE plain_submission SET reviewer_id = NULL WHERE status = 'submitted'")

    def _forget_upload(self) -> None:
        """So that the own page stays as long as it is."""
        self._do("DELETE FROM plain_photo WHERE image NOT LIKE 'photos/2026/01/01/%'")

    def _do(self, sql: str) -> None:
        with closing(self._portal.database(NAME=_DATABASE)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute(sql)


def plain(portal: Portal) -> Plain:
    folder = portal.folder / "plain"
    folder.mkdir()
    make_database(portal, _DATABASE)
    settings = portal.connection_settings()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "bench.plain.settings",
        "PLAIN_DATABASE": _DATABASE,
        "PLAIN_MEDIA": str(folder / "media"),
        **{f"PLAIN_{name}": str(settings[name]) for name in ("USER", "HOST", "PORT")},
    }
    return Plain(portal, folder, environment)

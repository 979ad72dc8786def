"""pretalx from PyPI, in a virtual environment of its own: run to be measured, never imported and never shipped."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.others.stand import LIST, OPEN, OWN, SEARCH, Stand, gunicorn, make_database, page, run, settle
from bench.report import data_folder
from bench.served import Browser, Portal, free_port

NAME = "pretalx"
_VERSION = "2025.2.0"
_DATABASE = "pretalx"
_PASSWORD = "a-bench-and-a-half"
_FILL = Path(__file__).with_name("pretalx_fill.py")
# Models can be imported once Django is set up, and not before. -P, and by its path: or this file would be pretalx.
_SET_UP = "import runpy, sys, django; django.setup(); del sys.argv[0]; runpy.run_path(sys.argv[0], run_name='__main__')"
#: Columns that say what ours say; all that pretalx offers would take it several times as long.
_COLUMNS = ("title", "state", "submission_type", "track", "created", "speaker_names")


class Missing(Exception):
    """It cannot be had here, and why."""


def _home() -> Path:
    """Its environment, which stays for the next run, as its static files do."""
    return data_folder() / "bench" / f"pretalx-{_VERSION}"


def _python() -> Path:
    folder = _home()
    python, done = folder / "bin" / "python", folder / "installed"
    if not done.exists():
        wanted = [f"pretalx=={_VERSION}", "psycopg[binary]", f"gunicorn=={version('gunicorn')}"]
        try:
            run([sys.executable, "-m", "venv", "--clear", folder], dict(os.environ), Path("/"))
            run([python, "-m", "pip", "install", "-qq", *wanted], dict(os.environ), Path("/"))
        except RuntimeError as error:
            raise Missing(f"pretalx cannot be installed: {str(error).splitlines()[-1]}") from None
        done.touch()
    return python


class Pretalx:
    """pretalx, served. ``stand``: fill it up to so many submissions, then sign in."""

    def __init__(self, portal: Portal, folder: Path, python: Path) -> None:
        settings = portal.connection_settings()
        self._portal, self._folder, self._python, self._port = portal, folder, python, free_port()
        self._environment = {
            # None of our own settings: pretalx asks for some of the same names.
            **{name: value for name, value in os.environ.items() if not name.startswith(("PRETALX_", "DJANGO_"))},
            "DJANGO_SETTINGS_MODULE": "pretalx.settings",
            "PRETALX_DATA_DIR": str(folder),
            "PRETALX_FILESYSTEM_STATIC": str(_home() / "static"),
            "PRETALX_SITE_URL": f"http://127.0.0.1:{self._port}",
            "PRETALX_DEBUG": "False",
            "PRETALX_NO_INITIAL_LOG": "1",
            "PRETALX_DB_TYPE": "postgresql",
            "PRETALX_DB_NAME": _DATABASE,
            **{f"PRETALX_DB_{name}": str(settings[name]) for name in ("USER", "HOST", "PORT")},
        }
        self._web: Any = None

    @contextmanager
    def served(self) -> Iterator[Pretalx]:
        self._manage("migrate", "--verbosity=0")
        if not (_home() / "static" / "staticfiles.json").exists():
            self._manage("collectstatic", "--no-input", "--verbosity=0")
        served = gunicorn(self._python, "pretalx.wsgi", self._environment, self._folder, "/orga/login/", self._port)
        with served as (_port, self._web):
            yield self

    def stand(self, rows: int) -> Stand:
        said = run([self._python, "-P", "-c", _SET_UP, _FILL, str(rows), _PASSWORD], self._environment, self._folder)
        found = json.loads(said.splitlines()[-1])
        settle(self._portal, _DATABASE)
        organiser, speaker = self._signed_in(found["organiser"]), self._signed_in(found["speaker"])
        listed = f"/orga/event/{found['event']}/submissions/"
        acts = {
            LIST: page(organiser, listed, "Registration "),
            SEARCH: page(organiser, f"{listed}?q={found['submission']}", found["title"]),
            OPEN: page(organiser, f"{listed}{found['submission']}/", found["title"]),
            OWN: page(speaker, f"/{found['event']}/me/submissions/", found["title"]),
        }
        chosen = dict.fromkeys((*_COLUMNS, f"question_{found['question']}"), "on")
        form = {"target": "all", "export_format": "csv", "data_delimiter": "comma", **chosen}
        export = partial(organiser.stream, f"/orga/event/{found['event']}/schedule/export/", **form)
        return Stand(NAME, self._web, acts, export, exports=1)

    def _manage(self, *arguments: str) -> None:
        run([self._python, "-m", "django", *arguments], self._environment, self._folder)

    def _signed_in(self, address: str) -> Browser:
        browser = Browser(self._port, "pretalx_csrftoken")
        browser.get("/orga/login/")
        browser.post("/orga/login/", login_email=address, login_password=_PASSWORD)
        return browser


def pretalx(portal: Portal) -> Pretalx:
    """Raises ``Missing`` where PyPI is not reached."""
    python = _python()
    folder = portal.folder / "pretalx"
    folder.mkdir()
    make_database(portal, _DATABASE)
    return Pretalx(portal, folder, python)

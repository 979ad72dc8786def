"""The examples of deploy/ with other places and nothing else changed."""

from __future__ import annotations

import shutil
from pathlib import Path

from drill.portal import ROOT

DEPLOY = ROOT / "deploy"


def placed(name: str, places: dict[str, str]) -> str:
    """The text of ``deploy/<name>``, each example replaced by its place; one that is not in it is a fault of ours."""
    text = (DEPLOY / name).read_text()
    for example, place in places.items():
        if example not in text:
            raise ValueError(f"deploy/{name} does not say {example!r}")
        text = text.replace(example, place)
    return text


def program(name: str, *folders: Path) -> str | None:
    """Where a program is; Debian's servers are not on everybody's path."""
    path = ":".join([*map(str, folders), "/usr/sbin", "/usr/local/sbin"])
    return shutil.which(name) or shutil.which(name, path=path)

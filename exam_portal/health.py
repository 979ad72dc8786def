"""What machines ask: is the process alive; do the database, the store of pictures and the scanner answer."""

import logging
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import FileSystemStorage, storages
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from materials import scanner

logger = logging.getLogger(__name__)


@login_not_required
@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """200 as long as this process answers; asks nobody else."""
    return JsonResponse({"status": "alive"})


@login_not_required
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when every part answers, 503 with the failing ones named otherwise. Writes nothing."""
    parts = {"database": _answers("database", _ask_database), "store": _answers("store", _ask_store)}
    if settings.SCANNER is not None:
        parts["scanner"] = _answers("scanner", partial(scanner.ping, settings.SCANNER))
    failing = [name for name, answers in parts.items() if not answers]
    body = {"status": "unavailable" if failing else "ready", "failing": failing}
    return JsonResponse(body, status=503 if failing else 200)


def _answers(name: str, ask: Callable[[], None]) -> bool:
    try:
        ask()
    except Exception as error:  # whatever a driver or a store raises
        logger.error("not ready: %s: %s", name, type(error).__name__)
        return False
    return True


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def _ask_store() -> None:
    """Look for a name that is not there: an S3 store has to answer for that."""
    store = storages["photos"]
    store.exists("ready")
    if isinstance(store, FileSystemStorage):
        # The folder is made with the first picture; until then what counts is where it will be.
        folder = next(folder for folder in (Path(store.location), *Path(store.location).parents) if folder.exists())
        if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
            raise PermissionError("the folder of pictures cannot be written")

"""What machines ask: is the process alive; do the database, the store of pictures and the scanner answer."""

import logging
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from materials import scanner
from materials.models import photo_storage

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
    parts = {"database": _answers("database", _ask_database), "store": _answers("store", photo_storage().probe)}
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

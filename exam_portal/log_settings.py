"""What Django, and gunicorn beside it, are told about their logs."""

from typing import Any

FORMATTERS = {
    "line": {
        "()": "exam_portal.logs.PersonalFormatter",
        "format": "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s",
    },
    "json": {"()": "exam_portal.logs.JSONFormatter"},
}


def log_settings(chosen: str) -> dict[str, Any]:
    """`chosen`: LOG_FORMAT."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {chosen: FORMATTERS[chosen]},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": chosen}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {"axes": {"level": "WARNING"}},
    }

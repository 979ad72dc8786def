#!/usr/bin/env python
"""Django's commands, with the embedded PostgreSQL running where they need it: `make run` may be up or not."""

import os
import signal
import sys
from contextlib import AbstractContextManager, nullcontext

WITHOUT_DATABASE = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "makemigrations",
    "version",
}


def needs_database(arguments: list[str]) -> bool:
    asks_for_help = not arguments or any(word in {"-h", "--help", "--version"} for word in arguments)
    return not asks_for_help and arguments[0] not in WITHOUT_DATABASE


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exam_portal.settings")
    from django.conf import settings
    from django.core.management import execute_from_command_line

    from exam_portal import embedded

    server: AbstractContextManager[object] = nullcontext()
    if needs_database(sys.argv[1:]) and settings.EMBEDDED:
        # Told to stop, a command leaves the server as tidily as when it ends by itself.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        server = embedded.running(settings.DATA_DIR)
    with server:
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

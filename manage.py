#!/usr/bin/env python
"""Django's commands, with the embedded PostgreSQL running where they need it: `make run` may be up or not.

Ctrl-C and SIGTERM end them alike: what was not committed is undone, and a line says so.
"""

import os
import signal
import sys
from contextlib import AbstractContextManager, nullcontext

from candidates.interruption import Terminated, heed_sigterm, interrupt_behind

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
    heed_sigterm()
    try:
        run()
    except BaseException as error:
        interrupt = interrupt_behind(error)
        if interrupt is None:
            raise
        print("Stopped. Nothing is half-done; what had begun is undone. Run it again for the rest.", file=sys.stderr)
        sys.exit(128 + (signal.SIGTERM if isinstance(interrupt, Terminated) else signal.SIGINT))


def run() -> None:
    from django.conf import settings
    from django.core.management import execute_from_command_line

    from exam_portal import embedded

    server: AbstractContextManager[object] = nullcontext()
    if needs_database(sys.argv[1:]) and settings.EMBEDDED:
        server = embedded.running(settings.DATA_DIR)
    with server:
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

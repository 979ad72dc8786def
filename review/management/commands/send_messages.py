import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections

from candidates.services.messages import send_waiting
from review.services.circulars import write_circulars


class Command(BaseCommand):
    help = "Send the messages that wait in the outbox. Safe to run many at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=float, metavar="SECONDS", help="go on until stopped, looking this often")

    def handle(self, *args: Any, every: float | None, **options: Any) -> None:
        while True:
            try:
                write_circulars()
                sent, failed = send_waiting()
            except (OperationalError, InterfaceError):
                # A database that restarts must not end the sender; without --every the operator sees it.
                if every is None:
                    raise
                self.stderr.write("The database does not answer; trying again.")
                sent = failed = 0
            if sent or failed or every is None:
                self.stdout.write(f"{sent} sent, {failed} failed")
            if every is None:
                return
            close_old_connections()
            time.sleep(every)

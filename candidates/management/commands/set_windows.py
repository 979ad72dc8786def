from argparse import ArgumentParser
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import CommandError

from candidates.commands import SessionCommand
from candidates.models import ExamSession
from candidates.services.events import OPERATOR
from candidates.services.sessions import set_windows

OPTIONS = {"opens": "opens_at", "closes": "closes_at", "corrections": "corrections_until"}


class Command(SessionCommand):
    help = "Change a session's windows. Times are ISO 8601; without an offset they are in the region's time zone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        for name in OPTIONS:
            parser.add_argument(f"--{name}", metavar="T")

    def act(self, session: ExamSession, **options: Any) -> None:
        zone = ZoneInfo(session.region.time_zone)
        times = {field: instant(name, options[name], zone) for name, field in OPTIONS.items() if options[name]}
        if not times:
            raise CommandError("Nothing to change: give --opens, --closes or --corrections.")
        changed = set_windows(OPERATOR, session.code, **times)
        for name, field in OPTIONS.items():
            self.stdout.write(f"{name}: {getattr(changed, field).astimezone(zone).isoformat()}")


def instant(name: str, text: str, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        moment.astimezone(zone)
    except (ValueError, OverflowError) as error:
        raise CommandError(f"--{name} {text!r} is not a time: write it like 2026-03-31T18:00.") from error
    return moment

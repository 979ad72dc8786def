from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from candidates.commands import RehearsedCommand, SessionCommand
from candidates.models import ExamSession
from candidates.services.events import OPERATOR
from candidates.services.sessions import set_windows
from materials.selectors import counts_by_windows

OPTIONS = {"opens": "opens_at", "closes": "closes_at", "corrections": "corrections_until"}


class Command(RehearsedCommand, SessionCommand):
    help = "Change a session's windows. Times are ISO 8601; without an offset they are in the region's time zone."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        for name in OPTIONS:
            parser.add_argument(f"--{name}", metavar="T")

    def act(self, session: ExamSession, **options: Any) -> None:
        zone = ZoneInfo(session.region.time_zone)
        times = {field: instant(name, options[name], zone) for name, field in OPTIONS.items() if options[name]}
        if not times:
            raise CommandError("Nothing to change: give --opens, --closes or --corrections.")
        now = timezone.now()
        before = counts_by_windows(session, now)
        changed = set_windows(OPERATOR, session.code, **times)
        for name, field in OPTIONS.items():
            old, new = (getattr(one, field).astimezone(zone).isoformat() for one in (session, changed))
            self.stdout.write(f"{name}: {old} → {new}" if old != new else f"{name}: {old}, as before")
        after = counts_by_windows(changed, now)
        self.stdout.write(f"drafts: {after.drafts}; may upload now: {before.may_upload} → {after.may_upload}")
        self.stdout.write(
            f"returned: {after.returned}; may correct now: {before.may_correct} → {after.may_correct}; "
            f"keep a later deadline of their own: {after.extended}"
        )


def instant(name: str, text: str, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        moment.astimezone(zone)
    except (ValueError, OverflowError) as error:
        raise CommandError(f"--{name} {text!r} is not a time: write it like 2026-03-31T18:00.") from error
    return moment

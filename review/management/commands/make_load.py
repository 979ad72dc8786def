from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from candidates.commands import RecordedCommand
from candidates.services.database_role import connected_as
from review.load.session import LEAST, make_load, why_not


class Command(RecordedCommand):
    help = (
        "Make a synthetic session of any size in region 天津, for measuring, beside the demonstration at most. "
        "Prints its code last. Candidates' password is the demonstration's; copies share the files of pictures. "
        "Until it is done, a portal that runs on the same database waits."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--candidates", type=int, required=True, metavar="N", help=f"at least {LEAST}")
        parser.add_argument("--seed", type=int, default=1, help="of what is left to chance")

    def handle(self, *args: Any, candidates: int, seed: int, **options: Any) -> None:
        if not (settings.EMBEDDED or settings.DEBUG):
            raise CommandError(
                "Nobody in this session is real, and their password is public: it is only made with DEBUG on or in the "
                "embedded database."
            )
        refusal = why_not(candidates)
        if refusal:
            raise CommandError(refusal)
        # Blocks of keys are the owner's to take; the guards of the tables hold for the owner too.
        owner = settings.DATABASE_OWNER
        with nullcontext() if owner is None else connected_as(owner):
            for said in make_load(candidates, seed):
                self.stdout.write(said)
                self.stdout.flush()

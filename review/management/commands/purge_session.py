from typing import Any

from django.utils.translation import gettext as _

from candidates.commands import DryRunCommand, SessionCommand
from candidates.models import ExamSession
from candidates.services.events import OPERATOR
from review.services.erasure import plan_purge, purge_session


class Command(DryRunCommand, SessionCommand):
    help = (
        "Remove the pictures and personal data of a session whose retention has ended. Counts, outcomes and events "
        "stay, under pseudonyms. It cannot be taken back; ended anywhere, the next run does the rest."
    )

    def act(self, session: ExamSession, *, dry_run: bool, **options: Any) -> None:
        purged = plan_purge(session) if dry_run else purge_session(OPERATOR, session)
        if purged.is_done:
            self.stdout.write(_("The personal data of this session is removed already. There is nothing to do."))
            return
        self.stdout.write(f"candidates: {purged.candidates}")
        self.stdout.write(f"pictures: {purged.pictures}")
        self.stdout.write(f"purged: {session.code}")

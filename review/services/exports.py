"""Handing out results, with an event for each time (docs/product.md, rule 11)."""

from collections.abc import Generator
from copy import copy
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256

from django.db.models import QuerySet
from django.utils import timezone

from candidates.enums import Action
from candidates.models import ExamSession
from candidates.replica import alias, reads_from_replica
from candidates.selectors import matching
from candidates.services.events import Actor, record
from materials.enums import Status
from materials.models import Application

from ..export.files import csv_pieces, xlsx_pieces
from ..progress import in_state, waiting_over
from ..rules import RESULTS

# What the status column may show, and the state that is stored: a published draft shows as not submitted.
STATUSES = {status.value: status.value for status in Status} | {
    result: status.value for status, result in RESULTS.items()
}
FORMATS = {"csv": csv_pieces, "xlsx": xlsx_pieces}


@dataclass(frozen=True)
class Chosen:
    """Which applications of a session; an empty one means all.

    ``site`` and ``stage``: codes; ``status``: one of STATUSES; ``progress``: one of Progress; ``waiting``: submitted
    more than so many hours ago; ``search``: the beginning of a registration number or of a name, as in the lists.
    """

    site: str = ""
    status: str = ""
    stage: str = ""
    progress: str = ""
    waiting: str = ""
    search: str = ""

    def of(self, applications: QuerySet[Application]) -> QuerySet[Application]:
        if self.site:
            applications = applications.filter(site__code=self.site)
        if self.status:
            applications = applications.filter(status=STATUSES[self.status])
        if self.stage:
            applications = applications.filter(stage=self.stage)
        if self.progress:
            applications = applications.filter(in_state(self.progress))
        if self.waiting:
            applications = applications.filter(waiting_over(int(self.waiting), timezone.now()))
        return applications.filter(matching(self.search, "candidate__"))


def export_results(
    actor: Actor,
    applications: QuerySet[Application],
    session: ExamSession,
    *,
    headers: str,
    kind: str = "csv",
    chosen: Chosen | None = None,
) -> Generator[bytes]:
    """A file of ``applications`` (scoped to the caller), narrowed to what was chosen. ``kind``: one of FORMATS.

    The event is recorded before the first byte leaves, with all the rows, however many of them are fetched then.
    """
    chosen = chosen or Chosen()
    applications, rows = _counted(chosen.of(applications.filter(session=session)))
    facts = {f"of_{name}": value for name, value in asdict(chosen).items()}
    if not (rows and any(map(str.isdigit, chosen.search))):
        # A name, or what may be an ID number: neither belongs in an event.
        facts["of_search"] = "…" if chosen.search else ""
    record(Action.EXPORTED, actor, session=session, rows=rows, headers=headers, format=kind, **facts)
    return FORMATS[kind](applications, session, headers)


@reads_from_replica
def _counted(applications: QuerySet[Application]) -> tuple[QuerySet[Application], int]:
    """How many there are, and the same again to be read where they were counted: the file leaves later."""
    applications = applications.using(alias())
    return applications, applications.count()


def sum_of_list(session: ExamSession, published_at: datetime) -> str:
    """SHA-256, in hexadecimal, of the CSV of the whole session with ``headers=code`` once it is published.

    Nothing leaves, so it is no event. Read where it is published: in that transaction, from the primary.
    """
    published = copy(session)
    published.published_at = published_at
    digest = sha256()
    for piece in csv_pieces(Application.objects.filter(session=session), published, "code"):
        digest.update(piece)
    return digest.hexdigest()

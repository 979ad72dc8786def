"""Handing out results, with an event for each time (docs/product.md, rule 11)."""

from collections.abc import Iterator

from django.db.models import QuerySet

from candidates.enums import Action
from candidates.models import ExamSession
from candidates.services.events import Actor, record
from materials.enums import Status
from materials.models import Application

from ..export import csv_lines, results
from ..rules import RESULTS

# What the status column may show, and the state that is stored: a published draft shows as not submitted.
STATUSES = {status.value: status.value for status in Status} | {
    result: status.value for status, result in RESULTS.items()
}


def export_results(
    actor: Actor,
    applications: QuerySet[Application],
    session: ExamSession,
    *,
    headers: str,
    site: str = "",
    status: str = "",
) -> Iterator[str]:
    """The lines of the CSV of ``applications`` (scoped to the caller), narrowed by site and status codes.

    ``status`` is one of STATUSES. The event is recorded before the first line leaves.
    """
    if site:
        applications = applications.filter(site__code=site)
    if status:
        applications = applications.filter(status=STATUSES[status])
    rows = applications.filter(session=session).count()
    record(Action.EXPORTED, actor, session=session, rows=rows, headers=headers, of_site=site, of_status=status)
    return csv_lines(results(applications, session), headers)

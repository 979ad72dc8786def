"""A candidate's deadline for their own calendar (RFC 5545)."""

from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event
from icalendar.enums import TRANSP

from candidates.enums import DraftsAtClose
from candidates.models import ExamSession

from .enums import Status
from .models import Application

ALARMS = (timedelta(days=1), timedelta(hours=2))


def deadline_file(
    application: Application, session: ExamSession, until: datetime, now: datetime, address: str
) -> bytes:
    """One event at ``until``, with alarms. ``address``: the materials page, absolute.

    Calendars go to other people's servers, so nothing in it says who. The event keeps its UID, and its SEQUENCE grows
    with every change of the application and of the session: a file that is taken in later moves the event.
    """
    if application.status == Status.RETURNED:
        summary = _("Deadline: submit your corrected exam materials")
        what = _("Replace the items asked for and press “Submit again” before this time; else the correction is lost.")
    else:
        summary = _("Deadline: submit your exam materials")
        what = _("Upload what is missing and press “Submit for review” before this time; a draft does not count.")
        if session.drafts_at_close == DraftsAtClose.COUNT:
            what = _(
                "Upload what is missing and press “Submit for review” before this time; of drafts only complete ones "
                "count."
            )
    event = Event.new(
        uid=f"deadline-{application.pk}",
        sequence=application.version + session.version,
        stamp=now.astimezone(UTC),
        start=until.astimezone(UTC),
        summary=summary,
        description=f"{session.title}\n{what}\n{address}",
        url=address,
        transparency=TRANSP.TRANSPARENT,
    )
    for before in ALARMS:
        alarm = Alarm.new(description=summary)
        alarm.add("ACTION", "DISPLAY")
        alarm.add("TRIGGER", -before)
        event.add_component(alarm)
    calendar = Calendar.new(prodid="-//Exam Materials Portal//Deadline//EN", subcomponents=[event])
    content: bytes = calendar.to_ical()
    return content

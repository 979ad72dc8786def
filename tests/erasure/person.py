"""One candidate of whom everything is stored that the portal ever stores of anybody."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.test import Client

from candidates.enums import MessageKind
from candidates.models import Candidate, ExamSession
from candidates.services.events import OPERATOR, Actor, record
from candidates.services.messages import tell
from candidates.services.phone import change_phone
from materials.models import Application, RosterLoad
from materials.services.extension import extend_deadline
from materials.services.photos import delete_photo, record_view
from materials.services.submission import reply_to_request, submit_application
from review.enums import Outcome
from review.models import PictureTurn, SecondLook
from review.services.circulars import send_circular
from review.services.exports import Chosen, export_results
from tests import factories

NAME, PHONE, NEW_PHONE, MAIL = "欧阳不群", "13812345678", "13987654321", "buqun@example.com"
NOTE, REPLY, WHY = "看不清欧阳的证书", "证书背面有水渍", "住院证明已交"
ADDRESS = "203.0.113.77"
SENT_BACK, SETTLED, WITHDRAWN, CIRCULAR = "请再核对学历", "与本人电话确认", "误将不群列入", "请欧阳联系考点"


@dataclass
class Person:
    """``plain``: what of them stands in the database as it is, or in a file's name."""

    application: Application
    session: ExamSession
    plain: list[str]
    id_number: str

    @property
    def candidate(self) -> Candidate:
        return Candidate.objects.get(pk=self.application.candidate_id)


def a_person(client: Client, **fields: Any) -> Person:
    session = factories.make_session(second_look_percent=100)
    application = factories.draft(session, name=NAME, phone=PHONE, email=MAIL, flags=["military"], **fields)
    candidate = application.candidate
    actor = Actor(candidate.user, ADDRESS)
    client.post("/login/", {"username": candidate.registration_number, "password": "wrong"})
    client.post("/login/sms/", {"username": candidate.registration_number})
    client.post("/login/", {"username": candidate.registration_number, "password": factories.PASSWORD})

    gone = factories.make_photo(application, "OTHER")
    delete_photo(actor, candidate, "OTHER", gone.pk)
    factories.submit(application)
    factories.review(application, Outcome.RETURN, ask=["EDU"], note=NOTE)
    reply_to_request(actor, Candidate.objects.get(pk=candidate.pk), "EDU", REPLY)
    submit_application(actor, Candidate.objects.get(pk=candidate.pk))
    application.refresh_from_db()
    factories.review(application, Outcome.PASS, note=NOTE)
    factories.review(application, Outcome.SEND_BACK, note=SENT_BACK)
    factories.review(application, Outcome.PASS)
    factories.review(application, Outcome.PASS, note=NOTE)
    return _with_staff(session, application)


def _with_staff(session: ExamSession, application: Application) -> Person:
    staff = Actor(factories.region_staff(session.region), "198.51.100.9")
    candidate = Candidate.objects.get(pk=application.candidate_id)
    photo = application.items.get(category__code="ID").photos.first()
    record_view(staff, photo, thumb=True)
    PictureTurn.objects.create(photo=photo, degrees=90)
    until = session.corrections_until.replace(year=2099)
    extend_deadline(staff, application.pk, version=application.version, until=until, reason=WHY)
    change_phone(staff, candidate.pk, version=candidate.version, phone=NEW_PHONE, checked="video", reason=WHY)
    look = SecondLook.objects.get(application=application, taken_back_at=None)
    reviewer = factories.region_reviewer(session.region)
    now = session.opens_at
    SecondLook.objects.filter(pk=look.pk).update(
        reviewer=reviewer, expires_at=now, answered_at=now, settled_at=now, settled_by=staff.user, settlement=SETTLED,
        findings=[{"item": "ID", "reason": "blurred", "note": NOTE}],
    )  # fmt: skip
    record("second_look_settled", staff, candidate=candidate, note=SETTLED)
    words = dict.fromkeys(["title_zh", "title_en", "text_zh", "text_en"], CIRCULAR)
    tell(candidate, MessageKind.CIRCULAR, **words)
    send_circular(OPERATOR, session.code, uuid4(), number=1, states=["passed"], sites=[], words=words)
    chosen = Chosen(search=candidate.registration_number)
    list(export_results(staff, Application.objects.all(), session, headers="code", chosen=chosen))
    record("withdrawn", staff, session=session, number=1, reason=WITHDRAWN)
    RosterLoad.objects.create(
        session=session, actor=staff.user, language="en", dry_run=True, ended_at=now, faults="x",
        phones_kept=[candidate.registration_number], refusal=NAME,
    )  # fmt: skip
    application.corrections_until = None
    application.save()
    factories.publish(session)
    publication = session.publications.get()
    type(publication).objects.filter(pk=publication.pk).update(withdrawal_reason=WITHDRAWN)
    application.refresh_from_db()
    masked = [f"{number[:3]}****{number[-4:]}" for number in (PHONE, NEW_PHONE)]
    plain = [NAME, "欧阳", candidate.registration_number, *masked, NOTE, REPLY, WHY, ADDRESS, SENT_BACK, SETTLED]
    return Person(application, session, [*plain, WITHDRAWN, CIRCULAR], candidate.id_number)

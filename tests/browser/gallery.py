"""Every page in every state that matters, for the tests that look at all of them and for the screenshots.

One world: the demonstration, and beside it sessions that are published, closed and still to come.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from candidates.enums import DraftsAtClose
from candidates.models import Candidate, ExamSession, User
from candidates.services.events import OPERATOR, Actor
from materials.models import Application, Category, Photo, Submission
from materials.receipts.codes import check_code
from materials.services.photos import add_photo
from review.demo import SESSION, document, load_demo
from review.models import SecondLook
from review.services.publication import withdraw_results
from tests import factories


@dataclass(frozen=True)
class Scene:
    """``who``: a key of ``World.people``, None for a visitor. ``path`` may name facts of the world in braces.

    ``type`` is what to type into which field (by name), and ``press`` the CSS selector of a button to press, once the
    page is there; ``status`` what the page answers with.
    """

    name: str
    who: str | None
    path: str
    status: int = 200
    press: str = ""
    type: tuple[tuple[str, str], ...] = ()


@dataclass
class World:
    people: dict[str, User] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


SEND = "main form button[type=submit]"
#: Of visitors and candidates.
CANDIDATES = [
    Scene("home", None, "/"),
    Scene("sign-in", None, "/login/"),
    Scene("sign-in-refused", None, "/login/", press=SEND),
    # A number that nobody has is answered as any, and as often as one asks.
    Scene("sms-sign-in", None, "/login/sms/"),
    Scene("sms-sign-in-code", None, "/login/sms/", press=SEND, type=(("username", "TJ26999999"),)),
    Scene("forgotten-password", None, "/password/forgotten/"),
    Scene("forgotten-password-code", None, "/password/forgotten/", press=SEND, type=(("username", "TJ26999998"),)),
    Scene("receipt-check", None, "/receipts/check/"),
    Scene("receipt-genuine", None, "/receipts/check/?number={receipt}&code={code_of_receipt}"),
    Scene("receipt-not-genuine", None, "/receipts/check/?number={receipt}&code=AAAA-AAAA-AAAA"),
    Scene("activation", "new", "/activate/"),
    Scene("notice", "draft", "/notice/"),
    Scene("registration", "draft", "/registration/"),
    Scene("materials-draft", "draft", "/materials/"),
    Scene("materials-complete", "full", "/materials/"),
    Scene("materials-submitted", "submitted", "/materials/"),
    Scene("materials-returned", "returned", "/materials/"),
    Scene("materials-before", "early", "/materials/"),
    Scene("materials-closed", "late", "/materials/"),
    Scene("materials-counted", "counted", "/materials/"),
    Scene("materials-published", "passed", "/materials/"),
    Scene("category-empty", "draft", "/materials/OTHER/"),
    Scene("category-pictures", "full", "/materials/EDU/"),
    Scene("category-full", "full", "/materials/ID/"),
    Scene("category-returned", "returned", "/materials/TRIAL/"),
    Scene("category-locked", "submitted", "/materials/ID/"),
    Scene("check", "full", "/materials/submit/"),
    Scene("check-incomplete", "draft", "/materials/submit/"),
    Scene("receipt", "submitted", "/materials/receipt/1/"),
    Scene("timeline-draft", "draft", "/timeline/"),
    Scene("timeline-returned", "returned", "/timeline/"),
    Scene("timeline-published", "passed", "/timeline/"),
    Scene("password", "draft", "/password/"),
    Scene("password-refused", "draft", "/password/", press="main form[action*='password'] button[type=submit]"),
    Scene("messages", "returned", "/messages/"),
    Scene("messages-none", "draft", "/messages/"),
    Scene("result-hidden", "submitted", "/result/"),
    Scene("result-passed", "passed", "/result/"),
    Scene("result-rejected", "rejected", "/result/"),
    Scene("result-withdrawn", "withdrawn", "/result/"),
    Scene("not-found", "draft", "/nowhere/", status=404),
]
#: Of reviewers and regional staff.
STAFF = [
    Scene("staff-sign-in", None, "/admin/login/"),
    Scene("queue", "site1", "/admin/"),
    Scene("review", "site1", "/admin/review/{submitted}/"),
    Scene("second-look", "region2", "/admin/review/second/{look}/"),
    Scene("staff", "staff1", "/admin/"),
    Scene("sessions", "staff1", "/admin/candidates/examsession/"),
    Scene("session", "staff1", "/admin/candidates/examsession/{session}/change/"),
    Scene("setup", "staff1", "/admin/sessions/{code}/setup/"),
    Scene("preview", "staff1", "/admin/sessions/{code}/preview/"),
    Scene("categories", "staff1", "/admin/materials/category/?session__id__exact={session}"),
    Scene("category", "staff1", "/admin/materials/category/{category}/change/"),
    Scene("notice-versions", "staff1", "/admin/sessions/{code}/notice/"),
    Scene("roster", "staff1", "/admin/sessions/{code}/roster/"),
    Scene("progress", "staff1", "/admin/sessions/{code}/progress/"),
    Scene("deliveries", "staff1", "/admin/sessions/{code}/messages/"),
    Scene("message-to-a-list", "staff1", "/admin/sessions/{code}/messages/new/"),
    Scene("reviews", "staff1", "/admin/sessions/{code}/reviews/"),
    Scene("disagreements", "staff1", "/admin/sessions/{code}/disagreements/"),
    Scene("publish", "staff1", "/admin/sessions/{code}/publish/"),
    Scene("withdraw", "staff1", "/admin/sessions/{published}/withdraw/"),
    Scene("export", "staff1", "/admin/sessions/{code}/export/"),
    Scene("applications", "staff1", "/admin/materials/application/"),
    Scene("application", "staff1", "/admin/materials/application/{submitted}/change/"),
    Scene("extension", "staff1", "/admin/applications/{returned}/extension/"),
    Scene("candidates", "staff1", "/admin/candidates/candidate/"),
    Scene("erasure", "staff1", "/admin/candidates/{candidate}/erase/"),
    Scene("find", "staff1", "/admin/candidates/candidate/find/"),
    Scene("events", "staff1", "/admin/candidates/event/"),
    Scene("accounts", "lead1", "/admin/candidates/user/"),
    Scene("publications", "staff1", "/admin/review/publication/"),
]


def build() -> World:
    """Make the world. Takes some seconds: the pictures are taken in as anybody's."""
    load_demo()
    factories.StaffFactory.reset_sequence(1000, force=True)  # not the demonstration's names
    world = World()
    session = ExamSession.objects.get(code=SESSION)
    region = session.region
    numbers = {"new": 1, "draft": 3, "submitted": 4, "returned": 5}
    world.people = {name: User.objects.get(username=f"TJ2600000{number}") for name, number in numbers.items()}
    world.people |= {name: User.objects.get(username=name) for name in ("site1", "staff1", "lead1", "admin")}
    world.people["full"] = _full(session).user

    past = _session(
        session,
        "TJ-2025",
        "2025年医师资格考试（天津考区）报名材料审核",
        "2025 medical licensing exam, Tianjin: review of materials",
    )
    world.people["passed"] = factories.decided(
        "passed", past, name="周文博", registration_number="TJ26000011"
    ).candidate.user
    world.people["rejected"] = factories.decided(
        "rejected", past, name="吴欣然", registration_number="TJ26000012"
    ).candidate.user
    factories.publish(past)
    late = _session(
        session,
        "TJ-2026-1",
        "2026年医师资格考试（第一批）报名材料审核",
        "2026 medical licensing exam, part one: review of materials",
    )
    world.people["late"] = factories.draft(late, name="郑浩", registration_number="TJ26000013").candidate.user
    factories.close_window(late)
    counted = _session(
        session,
        "TJ-2026-2",
        "2026年医师资格考试（第二批）报名材料审核",
        "2026 medical licensing exam, part two: review of materials",
    )
    ExamSession.objects.filter(pk=counted.pk).update(drafts_at_close=DraftsAtClose.COUNT)
    draft = factories.draft(counted, name="冯思琪", registration_number="TJ26000014")
    factories.fill(draft)
    counted.refresh_from_db()
    factories.close_window(counted)
    world.people["counted"] = draft.candidate.user
    withdrawn = _session(
        session,
        "TJ-2024",
        "2024年医师资格考试（天津考区）报名材料审核",
        "2024 medical licensing exam, Tianjin: review of materials",
    )
    world.people["withdrawn"] = factories.decided(
        "passed", withdrawn, name="沈雨", registration_number="TJ26000017"
    ).candidate.user
    factories.publish(withdrawn)
    withdraw_results(OPERATOR, withdrawn.code, "名单有误")
    ahead = _session(
        session,
        "TJ-2027",
        "2027年医师资格考试（天津考区）报名材料审核",
        "2027 medical licensing exam, Tianjin: review of materials",
    )
    now = timezone.now()
    ahead.opens_at, ahead.closes_at, ahead.corrections_until = (now + timedelta(days=days) for days in (20, 30, 40))
    ahead.save()
    world.people["early"] = factories.draft(ahead, name="蒋欣怡", registration_number="TJ26000015").candidate.user

    receipt = Submission.objects.get(application=_application(world.people["submitted"])).receipt_number

    world.people["region2"] = factories.region_reviewer(region, name="钱复看")
    world.facts = {
        "code": session.code,
        "session": session.pk,
        "published": past.code,
        "submitted": _application(world.people["submitted"]).pk,
        "returned": _application(world.people["returned"]).pk,
        "candidate": world.people["draft"].candidate.pk,
        "category": Category.objects.get(session=session, code="EDU").pk,
        "look": _look(session).pk,
        "receipt": receipt,
        "code_of_receipt": check_code(receipt),
    }
    return world


def _session(like: ExamSession, code: str, title: str, title_en: str) -> ExamSession:
    session = factories.SessionFactory(
        region=like.region, code=code, title_zh=title, title_en=title_en, contact="022-0000-0000"
    )
    factories.load_catalogue(session, ("ID", "EDU", "OTHER"))
    return session


def _application(user: User) -> Application:
    return Application.objects.get(candidate__user=user)


def _full(session: ExamSession) -> Candidate:
    """A candidate with 15 pictures: everything required, and more; two of them with a warning."""
    candidate = factories.make_candidate(session, name="赵一鸣", registration_number="TJ26000006")
    actor = Actor(candidate.user)
    for code, pages in (("ID", 2), ("EDU", 4), ("EDUVER", 3), ("OTHER", 6)):
        category = Category.objects.get(session=session, code=code)
        for page in range(1, pages + 1):
            add_photo(actor, candidate, code, document(candidate, category, page))
    warned = Photo.objects.filter(item__application__candidate=candidate, item__category__code="EDU")
    warned.filter(position=2).update(warnings=["blurred"])
    warned.filter(position=3).update(warnings=["sideways", "cropped"])
    return candidate


def _look(session: ExamSession) -> SecondLook:
    """A second look that waits, at an application that both stages passed."""
    ExamSession.objects.filter(pk=session.pk).update(second_look_percent=100)
    session.refresh_from_db()
    passed = factories.decided("passed", session, name="韩雪", registration_number="TJ26000016")
    ExamSession.objects.filter(pk=session.pk).update(second_look_percent=0)
    return passed.second_looks.get()

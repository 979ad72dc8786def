"""Whatever an address writes is an event, every address that takes a POST (docs/product.md, rule 11).

One that is not here fails the suite. Forms of the admin and commands: test_every_form_is_an_event.py.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from candidates.models import Candidate, Event, ExamSession, Site, User
from candidates.services.events import Actor
from candidates.services.messages import tell
from candidates.services.notices import add_notice
from materials.models import Application
from review.rules import Answer
from review.services import claims
from tests import factories
from tests.candidates import by_sms
from tests.candidates.test_roster import csv, row
from tests.materials.pages import file
from tests.review import desk
from tests.stored import tables, written
from tests.test_access import WRITING_GETS, Cast, rows

pytestmark = pytest.mark.django_db

ADDRESS = "203.0.113.9"
# Rows that are written without an event, and why.
QUIET = {
    "messages_read": {"candidates_message"},  # that a candidate saw one changes nothing (docs/decisions.md, 76)
    # An open page says every minute that it is open; who took the application, gave it back or decided is an event.
    "review_beat": {"review_claim"},
    "review_leave": {"review_claim"},
}
NEW_PASSWORD = "lotus-pond-2026"
TWICE = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
Act = Callable[[Cast], tuple[Client, str, dict[str, Any]]]


def client_of(user: User | None) -> Client:
    client = Client(REMOTE_ADDR=ADDRESS)
    if user is not None:
        client.force_login(user, backend="candidates.backends.AccountBackend")
    return client


# --- for every address something that it takes ------------------------------------------------------------------------


def by(role: str, **data: Any) -> Act:
    """One of the cast sends this to the address as the table of addresses has it."""

    def act(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
        return client_of(cast.users[role]), "", data

    return act


def other(cast: Cast) -> Application:
    """The draft of the cast's other candidate."""
    return Application.objects.select_related("candidate").get(candidate__user=cast.users["other"])


def on_draft(rest: str, *, removed: bool = False, **data: Any) -> Act:
    """The other candidate, with two pictures in EDU; ``rest`` of the address of the first."""

    def act(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
        photo, _second = (factories.make_photo(other(cast), "EDU") for _ in range(2))
        if removed:
            photo.superseded_at = timezone.now()
            photo.save()
        return client_of(cast.users["other"]), f"/materials/EDU/photos/{photo.pk}/{rest}/", data

    return act


def with_code(door: str, **data: Any) -> Act:
    """Whoever asked for a code at this door types it."""

    def act(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
        client = client_of(None)
        by_sms.ask(client, cast.application.candidate.registration_number, door)
        return client, f"{door}code/", {"code": by_sms.newest_code(), **data}

    return act


def activating(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
    client = client_of(cast.users["new"])
    client.post("/activate/code/")
    return client, "", {"code": by_sms.newest_code(), "consent": "on", **TWICE}


def guessing(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
    client, address, data = activating(cast)
    return client, address, data | {"code": by_sms.wrong(data["code"])}


def agreeing(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
    texts = {"text_zh": "一", "text_en": "one"}
    add_notice(Actor(cast.users["staff1"]), cast.session.code, number=0, ask_again=True, **texts)
    return client_of(cast.users["owner"]), "", {"notice": "1", "consent": "on"}


def replying(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
    returned = factories.returned(cast.session, codes=["EDU"])
    return client_of(returned.candidate.user), "", {"reply": "学校已撤销"}


def submitting(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
    factories.fill(other(cast))
    return client_of(cast.users["other"]), "", {}


def reading(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
    return client_of(cast.users["owner"]), "", {"message": [cast.application.candidate.messages.get().pk]}


def reviewing(role: str = "site1", *, held_by: str = "site1", **data: Any) -> Act:
    """A reviewer who has the application, or takes it from somebody who does."""

    def act(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
        if held_by:
            claims.claim(Actor(cast.users[held_by]), cast.application.pk)
        return client_of(cast.users[role]), "", {"version": desk.now_of(cast.application).version, **data}

    return act


def keeping_ahead(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
    factories.submitted(cast.session, site=cast.application.site)
    return reviewing()(cast)


def finishing(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
    desk.accept_all(cast.users["site1"], cast.application)
    return reviewing(outcome="pass")(cast)


def unlocking(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
    return reviewing(reason=factories.ReasonFactory().code)(cast)


def looking_again(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
    answers = dict.fromkeys(("opinion-ID", "opinion-EDU", "opinion-OTHER"), "fine")
    version = desk.now_of(cast.look.application).version
    return client_of(cast.users["region1"]), "", {"version": version, **answers}


def settling(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
    reason = factories.ReasonFactory().code
    look = desk.look_again(cast.users["region1"], cast.look, EDU=Answer("change", reason, "模糊"))
    version = desk.now_of(look.application).version
    return client_of(cast.users["staff1"]), "", {"look": look.pk, "version": version, "note": "清楚"}


def loading(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
    Site.objects.filter(pk=cast.application.site_id).update(code="TJ01")
    return client_of(cast.users["staff1"]), "", {"act": "load", "file": file(csv(row(1)), "roster.csv")}


def handing_in_a_long_roster(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
    padding = "\n" * 1024 * 1024
    given = file(csv(row(1)) + padding.encode(), "roster.csv")
    return client_of(cast.users["staff1"]), "", {"act": "check", "file": given}


def publishing(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
    cast.session = factories.make_session(region=cast.session.region)
    factories.draft(cast.session)
    factories.close_window(cast.session)
    return client_of(cast.users["staff1"]), "", {"version": ExamSession.objects.get(pk=cast.session.pk).version}


def proposing(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
    client, address, data = publishing(cast)
    ExamSession.objects.filter(pk=cast.session.pk).update(two_persons=True)
    return client, address, data | {"act": "propose"}


def taking_back(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
    client, _address, data = proposing(cast)
    assert client.post(cast.address("staff_publish"), data).status_code == 303
    version = ExamSession.objects.get(pk=cast.session.pk).version
    return client, "", {"act": "take_back", "version": version}


def withdrawing(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
    client, _address, data = publishing(cast)
    assert client.post(cast.address("staff_publish"), data).status_code == 303
    version = ExamSession.objects.get(pk=cast.session.pk).version
    return client, "", {"version": version, "reason": "名单有误"}


def trying_again(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
    tell(cast.application.candidate, "published")
    delivery = cast.application.candidate.deliveries.latest("pk")
    delivery.status, delivery.error = "failed", "no such number"
    delivery.save()
    return client_of(cast.users["staff1"]), "", {}


def telling_a_list(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
    client = client_of(cast.users["staff1"])
    words = {"title_zh": "请激活", "title_en": "Activate", "text_zh": "请登录。", "text_en": "Please sign in."}
    data = {"states": ["not_activated"], **words}
    page = client.post(cast.address("staff_circular"), data).content.decode()
    keys = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("key", "number")}
    return client, "", data | keys


def phoning(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
    version = Candidate.objects.get(pk=cast.application.candidate_id).version
    about = {"phone": "13900000077", "checked": "in_person", "reason": "换号"}
    return client_of(cast.users["site1"]), "", {"version": version, **about}


def extending(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
    version = desk.now_of(cast.application).version
    return client_of(cast.users["staff1"]), "", {"version": version, "until": "2030-05-01T18:00", "reason": "住院"}


def erasing(cast: Cast) -> tuple[Client, str, dict[str, Any]]:
    candidate = other(cast).candidate
    about = {"version": candidate.version, "typed": candidate.registration_number, "reason": "本人申请"}
    return client_of(cast.users["staff1"]), f"/admin/candidates/{candidate.pk}/erase/", about


NUMBER = "{number}"  # the owner's registration number
ACTS: dict[str, list[Act]] = {
    "login": [by("nobody", username=NUMBER, password=factories.PASSWORD), by("nobody", username=NUMBER, password="x")],
    "sms_sign_in": [by("nobody", username=NUMBER), by("nobody", username="nobody-such")],
    "sms_sign_in_code": [with_code(by_sms.SIGN_IN)],
    "password_forgotten": [by("nobody", username=NUMBER), by("nobody", username="nobody-such")],
    "password_forgotten_code": [with_code(by_sms.RESET, **TWICE)],
    "password": [by("owner", old_password=factories.PASSWORD, **TWICE)],
    "logout": [by("owner")],
    "activate": [activating, guessing],
    "activation_code": [by("new")],
    "notice": [agreeing],
    "category": [by("other", photo=file(seed=3)), by("other", photo=file(b"no picture"))],
    "delete_photo": [on_draft("delete")],
    "restore_photo": [on_draft("restore", removed=True)],
    "move_photo": [on_draft("move", to=2)],
    "not_applicable": [by("other", value="on")],
    "reply": [replying],
    "submit": [submitting],
    "messages_read": [reading],
    "set_language": [by("owner", language="en")],
    "own_password": [
        by("site1", old_password=factories.PASSWORD, new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD)
    ],
    "review_claim": [reviewing(held_by="")],
    "review_release": [reviewing()],
    "review_verdict": [reviewing(verdict="accepted")],
    "review_skip": [reviewing()],
    "review_leave": [reviewing()],
    "review_beat": [reviewing()],
    "review_ahead": [keeping_ahead],
    "review_turn": [reviewing(turn="left")],
    "review_take_over": [reviewing("admin")],
    "review_accept_rest": [reviewing()],
    "review_finish": [finishing],
    "review_unlock": [unlocking],
    "review_second": [looking_again],
    "staff_notice": [by("staff1", version="0", text_zh="一", text_en="one")],
    "staff_roster": [loading, handing_in_a_long_roster],
    "staff_publish": [publishing, proposing, taking_back],
    "staff_withdraw": [withdrawing],
    "staff_messages": [trying_again],
    "staff_circular": [telling_a_list],
    "staff_disagreements": [settling],
    "staff_phone": [phoning],
    "staff_extension": [extending],
    "staff_erasure": [erasing],
    # GETs that write: see docs/decisions.md, 10.
    "review_next": [reviewing(held_by="")],
    "review_second_next": [lambda cast: (client_of(cast.users["region1"]), "", {"drawn": cast.look.pk})],
    "photo": [by("site1")],
    "thumb": [by("site1")],
    "export_results": [lambda cast: (client_of(cast.users["staff1"]), "", {"session": cast.session.code})],
    "export_workbook": [lambda cast: (client_of(cast.users["staff1"]), "", {"session": cast.session.code})],
}
# What these take changes no row: what is asked for is kept in the session, or nowhere.
NOTHING = {"review_queue", "staff_preview_page"}
# What needs more than the cast has: a picture that can be decoded (test_a_picture_turned_by_its_candidate); a second
# factor that is asked for (tests/candidates/test_second_factor.py).
ELSEWHERE = {"turn_photo", "second_factor", "second_factor_own"}


def send(cast: Cast, name: str, act: Act) -> HttpResponse:
    client, address, data = act(cast)
    data = {
        key: cast.application.candidate.registration_number if value == NUMBER else value for key, value in data.items()
    }
    request = client.get if name in WRITING_GETS else client.post
    return request(address or cast.address(name), data)


def test_every_address_that_writes_is_here():
    posts = {name for method, name, _statuses in rows() if method == "POST"}
    assert set(ACTS) | NOTHING | ELSEWHERE == posts | set(WRITING_GETS)


@pytest.mark.parametrize(("name", "number"), [(name, number) for name in ACTS for number in range(len(ACTS[name]))])
def test_what_an_address_writes_is_an_event(name, number):
    cast = Cast()
    act = ACTS[name][number]
    # What the act needs first is not looked at: it is done before.
    ready: list[Any] = []

    def prepared(cast: Cast) -> Any:
        made = act(cast)
        ready.extend([tables(), Event.objects.count()])
        return made

    response = send(cast, name, prepared)
    list(response) if response.streaming else response.content

    before, events = ready
    assert response.status_code in (200, 204, 302, 303, 422, 503), response.content
    tables_written = written(before)
    recorded = Event.objects.order_by("pk")[events:]
    assert tables_written or recorded, "it did something"
    if tables_written - QUIET.get(name, set()):
        assert recorded, f"{name} wrote {tables_written} without an event"
    assert {event.ip_address for event in recorded} <= {ADDRESS}


def test_a_picture_turned_by_its_candidate(client):
    candidate = factories.make_candidate()
    client.force_login(candidate.user, backend="candidates.backends.AccountBackend")
    client.post("/materials/EDU/", {"photo": file()})
    photo = candidate.application.items.get().photos.get()
    before, events = tables(), Event.objects.count()

    assert client.post(f"/materials/EDU/photos/{photo.pk}/turn/", {"turn": "left"}).status_code == 303

    assert written(before)
    assert [event.action for event in Event.objects.order_by("pk")[events:]] == ["photo_turned"]

"""A command that is ended anywhere leaves nothing half-done: all at once, or what running it again completes.

Each is sent a signal at every step of its work, one after the other: SIGKILL, and what people and supervisors send.
"""

import signal
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from itertools import count, cycle
from json import loads
from pathlib import Path
from threading import Thread
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from candidates.enums import MessageKind
from candidates.models import Candidate, Delivery, Event, ExamSession, Message, Seal, User
from candidates.services.events import OPERATOR, Actor
from candidates.services.messages import tell
from materials.models import Application, Item, Photo, RosterLoad, Submission, photo_storage
from materials.services import roster_loads
from review.services.circulars import send_circular
from tests import acts, factories
from tests.candidates.test_roster import csv, row
from tests.interrupting import Ended, Interrupter
from tests.stored import stored

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def interrupter(django_db_setup) -> Iterator[Interrupter]:
    one = Interrupter(str(connection.settings_dict["NAME"]), settings.FILES_DIR)
    yield one
    one.close()


@pytest.fixture
def session() -> ExamSession:
    return acts.new_session()


def all_steps(interrupter: Interrupter, *arguments: object, **options: object) -> Iterator[Ended]:
    """Run it again and again, sending it each of the signals at each step, until it runs through. Each was ended so."""
    politely = cycle([signal.SIGTERM, signal.SIGINT])
    for at in count(1):
        for by in (signal.SIGKILL, next(politely)):
            ended = interrupter.run(*arguments, at=at, by=by, **options)
            if len(ended.steps) < at:
                assert ended.code == 0, ended.err
                assert at > 2, "something was done"
                return
            if by == signal.SIGKILL:
                assert ended.code == -by
            else:
                assert (ended.code, len(ended.err.splitlines())) == (128 + by, 1), ended.err
            yield ended


# --- what is one transaction: all or nothing -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "act",
    [
        acts.set_windows,
        acts.load_catalogue,
        acts.load_roster,
        acts.publish_results,
        acts.withdraw_results,
        acts.remove_second_factor,
    ],
)
def test_all_or_nothing(act, session, tmp_path, interrupter):
    arguments = act(session, tmp_path)
    before = stored()
    assert interrupter.run(*arguments, "--dry-run").code == 0
    assert stored() == before

    for ended in all_steps(interrupter, *arguments):
        if "COMMIT" in ended.steps[:-1]:
            break
        assert stored() == before

    after = stored()
    assert after != before
    interrupter.run(*arguments)  # there is nothing left to do, or it is refused
    assert stored() == after


def test_drafts_are_counted_each_as_a_whole_and_the_rest_by_whoever_comes_next(session, tmp_path, interrupter):
    arguments = acts.run_periodic(session, tmp_path)

    for _ended in all_steps(interrupter, *arguments):
        counted = Application.objects.filter(status="submitted")
        assert Submission.objects.count() == Message.objects.count() == counted.count()
        assert not Item.objects.filter(application__in=counted, locked=False).exists()

    assert Submission.objects.count() == 2
    interrupter.run(*arguments)  # seals what the one before it wrote
    after = stored()
    interrupter.run(*arguments)
    assert stored() == after


def test_a_chain_of_seals_is_whole_wherever_its_sealer_ends(session, interrupter):
    factories.returned(session)

    for _ended in all_steps(interrupter, "seal_events"):
        assert interrupter.run("verify_events").code == 0

    assert Seal.objects.count() == Event.objects.count()
    after = stored()
    assert interrupter.run("seal_events").code == 0
    assert stored() == after


def test_a_long_roster_is_loaded_as_a_whole_by_whoever_comes_next(session, interrupter, monkeypatch):
    monkeypatch.setattr(roster_loads, "AT_ONCE_BYTES", 0)
    user = factories.region_staff(session.region)
    roster_loads.take_in_roster(Actor(user), user, session, BytesIO(csv(row(1), row(2))), dry_run=False)
    before = stored()

    for ended in all_steps(interrupter, "load_rosters"):
        if "COMMIT" in ended.steps[:-1]:
            break
        RosterLoad.objects.update(percent=0)  # told beside the load, for the page
        assert stored() == before

    load = RosterLoad.objects.get()
    assert (load.new, load.content, load.ended_at is None) == (2, "", False)
    assert Candidate.objects.count() == Application.objects.count() == 2
    after = stored()
    interrupter.run("load_rosters")
    assert stored() == after


def test_the_demonstration_is_there_or_not(interrupter):
    before = stored()["candidates_candidate"]
    for at, by in (("os.rename", signal.SIGKILL), ("COMMIT", signal.SIGTERM)):
        assert interrupter.run("load_demo", at=at, by=by, DEBUG=True).code in (-9, 128 + signal.SIGTERM)
        assert not User.objects.exists()
        assert stored()["candidates_candidate"] == before

    assert interrupter.run("load_demo", DEBUG=True).code == 0

    swept = interrupter.run("sweep_photos")
    assert swept.code == 0, "every picture's file is there"
    assert "removed" in swept.out, "those of the demonstrations that were not to be"
    assert interrupter.run("sweep_photos").out == "0 without a row, 0 without a file\n"
    assert Counter(Application.objects.values_list("status", flat=True)) == {"draft": 3, "submitted": 1, "returned": 1}


# --- what is several: running it again does the rest, and nothing twice ---------------------------------------------


class Gateway:
    """An SMS gateway that takes everything, and remembers the number of each delivery."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        taken = self.taken

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                taken.append(loads(self.rfile.read(int(self.headers["Content-Length"])))["id"])
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def settings(self) -> dict[str, str]:
        return {"SMS_BACKEND": "http", "SMS_TOKEN": "t", "SMS_URL": f"http://127.0.0.1:{self.server.server_port}/"}


@pytest.fixture
def gateway(settings) -> Iterator[Gateway]:
    one = Gateway()
    for name, value in one.settings.items():
        setattr(settings, name, value)  # or what is told here would leave at once
    yield one
    one.server.shutdown()
    one.server.server_close()


def put_into_the_outbox(session: ExamSession) -> None:
    """A message that waits, and one to a list that is not written yet."""
    first = Candidate.objects.earliest("pk")
    tell(first, MessageKind.SUBMITTED, receipt="R1")
    words = {"title_zh": "通知", "title_en": "Notice", "text_zh": "请尽快。", "text_en": "Please hurry."}
    send_circular(OPERATOR, session.code, uuid4(), number=1, states=["draft"], sites=[], words=words)


def test_messages_leave_once_and_none_is_lost(session, interrupter, gateway):
    factories.draft(session)
    put_into_the_outbox(session)

    for ended in all_steps(interrupter, "send_messages", **gateway.settings):
        interrupter.run("send_messages", **gateway.settings)

        sent = set(Delivery.objects.filter(status="sent").values_list("pk", flat=True))
        assert len(sent) == Delivery.objects.count() == 2
        twice = [pk for pk, times in Counter(gateway.taken).items() if times > 1]
        assert set(gateway.taken) == sent
        # Only a process that was killed between the gateway's answer and its own commit cannot tell.
        asked = [step for step in ended.steps[:-1] if step.startswith(("urllib", "COMMIT"))]
        assert len(twice) == (ended.code == -signal.SIGKILL and asked[-1:] != [] and asked[-1] != "COMMIT")
        Delivery.objects.all().delete()
        Message.objects.all().delete()
        gateway.taken.clear()
        put_into_the_outbox(session)


def test_reminders_are_written_once_to_everybody(session, interrupter, gateway):
    ExamSession.objects.filter(pk=session.pk).update(closes_at=timezone.now() + timedelta(days=2))
    last_day = factories.make_session(closes_at=timezone.now() + timedelta(hours=2))
    reminded = {factories.draft(one).candidate.pk for one in (session, last_day)}
    since = Event.objects.count()

    for _ended in all_steps(interrupter, "send_reminders", **gateway.settings):
        interrupter.run("send_reminders", **gateway.settings)

        told = Message.objects.filter(kind="reminder").values_list("candidate", flat=True)
        assert Counter(told) == Counter(reminded)
        assert Delivery.objects.filter(status="waiting").count() == 2
        events = Event.objects.order_by("pk")[since:]
        assert sorted((event.facts["days"], event.facts["number"]) for event in events) == [(1, 1), (3, 1)]
        since += 2
        Delivery.objects.all().delete()
        Message.objects.all().delete()


def test_the_sweep_removes_what_nobody_names_and_nothing_else(session, interrupter):
    photos = [factories.make_photo(factories.draft(session), "ID") for _ in range(2)]
    rows = stored()["materials_photo"]
    storage = photo_storage()
    named = {name for photo in photos for name in (photo.file.name, photo.thumb.name)}

    def leave_behind() -> set[str]:
        folders = [photo.file.name.rpartition("/")[0] for photo in photos]
        return {storage.save(f"{folder}/{n}.jpg", ContentFile(b"nobody's")) for folder in folders for n in "ab"}

    orphans = leave_behind()
    for _ended in all_steps(interrupter, "sweep_photos"):
        assert interrupter.run("sweep_photos").code == 0

        assert all(map(storage.exists, named))
        assert not any(map(storage.exists, orphans))
        assert stored()["materials_photo"] == rows
        orphans = leave_behind()


def test_an_example_is_drawn_as_a_whole(interrupter, tmp_path):
    def drawn() -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in tmp_path.glob("*.svg")}

    shown = {file.name: file.read_bytes() for file in (Path(settings.BASE_DIR) / "static" / "examples").glob("*.svg")}
    for at in (1, 2, 3, 8):
        assert interrupter.run("draw_examples", "--to", tmp_path, at=at).code == -signal.SIGKILL
        assert drawn().items() <= shown.items()
    assert interrupter.run("draw_examples", "--to", tmp_path).code == 0
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == shown


def test_of_an_export_there_is_an_event_or_nothing(session, interrupter):
    factories.draft(session)
    for ended in all_steps(interrupter, "export_results", "--session", session.code):
        assert Event.objects.filter(action="exported").exists() or not ended.out


@pytest.mark.parametrize("command", ["send_messages", "load_rosters"])
def test_what_goes_on_until_it_is_stopped_ends_well_and_without_a_word(command, interrupter):
    for at in ("SELECT", "COMMIT") if command == "send_messages" else ("SELECT",):
        ended = interrupter.run(command, "--every", "60", at=at, by=signal.SIGTERM)
        assert (ended.code, ended.err) == (0, "")


def test_what_a_purge_has_removed_is_gone_and_the_rest_goes_with_the_next(session, tmp_path, interrupter):
    """Wherever it ends: no file that no row names, and whoever is erased has neither files nor pictures left."""
    arguments = acts.purge_session(session, tmp_path)
    photos = Path(settings.FILES_DIR) / "photos"

    for _ended in all_steps(interrupter, *arguments):
        rows = {name for pair in Photo.objects.values_list("file", "thumb") for name in pair}
        files = {str(file.relative_to(photos)) for file in photos.rglob("*") if file.is_file()}
        assert files <= rows
        assert not Photo.objects.exclude(item__application__candidate__erased_at=None).exists()
        assert ExamSession.objects.filter(purged_at=None).exists() or not rows

    assert not Photo.objects.exists()
    assert not Candidate.objects.filter(erased_at=None).exists()
    assert Event.objects.filter(action="purged").count() == 1
    after = stored()
    interrupter.run(*arguments)
    assert stored() == after


def test_keys_are_rotated_value_by_value_and_all_can_be_read_at_any_time(session, tmp_path, interrupter, settings):
    settings.FIELD_KEYS = keys = ["newer", *settings.FIELD_KEYS]
    arguments = acts.rotate_keys(session, tmp_path)
    before = list(Candidate.objects.order_by("pk").values_list("id_number", "phone", "email"))

    for _ended in all_steps(interrupter, *arguments, FIELD_KEYS=keys):
        assert list(Candidate.objects.order_by("pk").values_list("id_number", "phone", "email")) == before

    settings.FIELD_KEYS = keys[:1]
    assert list(Candidate.objects.order_by("pk").values_list("id_number", "phone", "email")) == before

"""For each command that changes much: something for it to do, and the arguments that have it done."""

import io
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from candidates.enums import DraftsAtClose
from candidates.models import Candidate, ExamSession, OneTimeCode
from candidates.services.events import Actor
from candidates.services.messages import send_waiting
from materials.enums import Turn
from materials.models import photo_storage
from materials.services.catalogue import DEFAULT_CATALOGUE
from materials.services.photos import add_photo, turn_photo
from tests import factories
from tests.candidates.test_roster import csv, row
from tests.second_factor import set_up


def new_session() -> ExamSession:
    session = factories.make_session(code="TJ-2027")
    session.region.sites.update(code="TJ01")
    return session


def a_roster(session: ExamSession, folder: Path, *rows: str) -> list[str]:
    (folder / "roster.csv").write_bytes(csv(*rows))
    return ["load_roster", str(folder / "roster.csv"), "--session", session.code]


def load_roster(session: ExamSession, folder: Path) -> list[str]:
    call_command(*a_roster(session, folder, row(1), row(2)), stdout=io.StringIO())
    return a_roster(session, folder, row(1, name="李四", phone="13900000000"), row(2), row(3))


def load_catalogue(session: ExamSession, folder: Path) -> list[str]:
    """Of four categories one is new, one changed, one the same, and one is not in the file."""
    session.categories.all().delete()
    header, *lines = DEFAULT_CATALOGUE.read_text("utf-8-sig").splitlines()
    file = folder / "catalogue.csv"
    file.write_text("\n".join([header, *lines[:3]]), "utf-8")
    call_command("load_catalogue", str(file), session=session.code, stdout=io.StringIO())
    session.categories.filter(code="ID").delete()
    session.categories.filter(code="IDCHG").update(min_photos=3, levels=["assistant"])
    factories.CategoryFactory(session=session, code="OLD")
    return ["load_catalogue", str(file), "--session", session.code]


def set_windows(session: ExamSession, folder: Path) -> list[str]:
    factories.draft(session)
    own = factories.returned(session)
    own.corrections_until = timezone.now() + timedelta(days=30)
    own.save()
    return ["set_windows", "--session", session.code, "--closes", str(timezone.now() - timedelta(hours=1))]


def publish_results(session: ExamSession, folder: Path) -> list[str]:
    factories.decided("passed", session)
    factories.draft(session)
    factories.close_window(session)
    return ["publish_results", "--session", session.code]


def withdraw_results(session: ExamSession, folder: Path) -> list[str]:
    factories.decided("rejected", session)
    factories.draft(session, email="a@example.com")
    send_waiting()
    factories.publish(session)
    send_waiting(limit=1)
    return ["withdraw_results", "--session", session.code, "--reason", "名单有误"]


def remove_second_factor(session: ExamSession, folder: Path) -> list[str]:
    staff = factories.region_staff(session.region)
    set_up(staff)
    return ["remove_second_factor", staff.username]


def send_reminders(session: ExamSession, folder: Path) -> list[str]:
    session.closes_at = timezone.now() + timedelta(days=2)
    session.save()
    factories.draft(session)
    return ["send_reminders"]


def sweep_photos(session: ExamSession, folder: Path) -> list[str]:
    photo = factories.make_photo(factories.draft(session), "ID")
    photo_storage().save(f"{photo.file.name.rpartition('/')[0]}/left-over.jpg", ContentFile(b"nobody's"))
    return ["sweep_photos"]


def grant_application_role(session: ExamSession, folder: Path) -> list[str]:
    return ["grant_application_role", f"{connection.settings_dict['USER']}_app"]


def upload(candidate: str, seed: str) -> None:
    """What the worker does with a picture; says its id once it is acknowledged."""
    one = Candidate.objects.select_related("session__region", "user").get(pk=candidate)
    print(add_photo(Actor(one.user), one, "ID", factories.picture(int(seed))).pk)


def turn(candidate: str, photo: str) -> None:
    one = Candidate.objects.select_related("session__region", "user").get(pk=candidate)
    print(turn_photo(Actor(one.user), one, "ID", UUID(photo), Turn.LEFT).pk)


def run_periodic(session: ExamSession, folder: Path) -> list[str]:
    session.drafts_at_close = DraftsAtClose.COUNT
    session.save()
    for _number in range(2):
        factories.fill(factories.draft(session))
    factories.close_window(session)
    OneTimeCode.objects.create(sent_at=timezone.now() - timedelta(hours=25))
    return ["run_periodic"]


def purge_session(session: ExamSession, folder: Path) -> list[str]:
    """Everything that is personal, in every state; published longer ago than it is kept."""
    factories.decided("passed", session, note="问题")
    factories.returned(session, note="请重拍")
    factories.make_photo(factories.draft(session, email="a@example.com"), "ID")
    factories.publish(session)
    factories.end_retention(session)
    return ["purge_session", "--session", session.code]


def rotate_keys(session: ExamSession, folder: Path) -> list[str]:
    """What the oldest of several keys made; tests that call this have added one."""
    with override_settings(FIELD_KEYS=settings.FIELD_KEYS[-1:]):
        factories.draft(session, email="a@example.com")
        factories.draft(session)
    return ["rotate_keys"]

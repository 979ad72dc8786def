"""The drill (``make drill``): a short one against the real servers, and that it notices what it is for."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from candidates.models import Event
from candidates.services.events import Actor, record
from drill.browser import Answer, Book, Ended
from drill.check import check
from drill.ledger import Ledger, Place, Tally
from materials.models import Application, Item, Photo, Submission, photo_storage
from materials.services.photos import add_photo, delete_photo
from tests import factories

ROOT = Path(__file__).parent.parent


@pytest.fixture
def data_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="drill-"))
    folder.chmod(0o711)  # for the account that the server runs as when root runs the tests
    yield folder
    shutil.rmtree(folder)


@pytest.mark.slow
def test_nothing_is_lost_when_workers_and_the_database_are_killed(data_dir):
    """A dozen kills and one restart, on servers of their own; however long it takes."""
    options = ["--kills", "12", "--only", "database", "workers", "--json", str(data_dir / "table.json")]
    environment = os.environ | {"PORTAL_DATA_DIR": str(data_dir)}
    command = [sys.executable, "-m", "drill", *options]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    database, workers = json.loads((data_dir / "table.json").read_text())
    assert (database["tries"], workers["tries"]) == (1, 12)
    for row in (database, workers):
        assert row["acknowledged"] > 10
        assert row["findings"]["lost"] == row["findings"]["wrong"] == []
    assert workers["cut"] > 0, "somebody noticed"
    assert list((data_dir / "drill").iterdir()) == []


# --- the drill itself ---------------------------------------------------------------------------------------------


@pytest.fixture
def application(transactional_db) -> Application:
    return factories.draft()


@pytest.fixture
def ledger(application) -> Ledger:
    """An application with two pictures, one of them deleted again, all acknowledged."""
    candidate = application.candidate
    actor = Actor(candidate.user)
    no_receipts = SimpleNamespace(get=lambda path: Answer(404, b"", ""))
    place = Place(application.pk, candidate.registration_number, no_receipts, Tally())
    for seed in (1, 2):
        place.took("ID", add_photo(actor, candidate, "ID", factories.picture(seed)).sha256)
    photo = Photo.objects.latest("created_at")
    delete_photo(actor, candidate, "ID", photo.pk)
    place.let_go(str(photo.pk), photo.sha256)
    return Ledger(Book(), dict.fromkeys(place.added, b""), {place.pk: place})


def found(ledger: Ledger) -> tuple[str, str]:
    findings = check(ledger)
    return "\n".join(findings.lost), "\n".join(findings.wrong)


def test_what_is_as_acknowledged_is_good(ledger):
    assert found(ledger) == ("", "")


def test_a_picture_that_is_gone_is_lost(ledger):
    Photo.objects.filter(superseded_at=None).update(superseded_at=timezone.now())
    lost, wrong = found(ledger)
    assert "ID picture" in lost
    assert wrong == ""


def test_a_deletion_that_is_undone_is_wrong(ledger):
    Photo.objects.update(superseded_at=None)
    assert "not in None" in found(ledger)[1]


def test_other_bytes_than_the_row_says_are_lost(ledger):
    file = Path(Photo.objects.filter(superseded_at=None).get().file.path)
    file.write_bytes(file.read_bytes()[:-1])
    assert "not the bytes of its row" in found(ledger)[0]


def test_a_cut_off_file_without_a_row_is_lost_unless_it_is_under_a_draft_name(ledger, application):
    folder = f"{str(application.pk)[:2]}/{application.pk}"
    whole = b"picture"
    ledger.pictures[sha256(whole).hexdigest()] = whole
    for name, data in {"1.jpg": whole, "2.jpg.x.part": whole[:3]}.items():
        photo_storage().save(f"{folder}/{name}", ContentFile(data))
    assert found(ledger) == ("", ""), "it is swept"

    photo_storage().save(f"{folder}/3.jpg", ContentFile(whole[:3]))
    photo_storage().save(f"{folder}/3-thumb.jpg", ContentFile(factories.picture(3)[:3000]))
    lost, _wrong = found(ledger)
    assert "3.jpg: cut off" in lost
    assert "3-thumb.jpg" in lost


def test_an_act_without_its_event_is_lost_and_an_event_without_its_act_is_wrong(ledger):
    [place] = ledger.places.values()
    place.deleted.add("another")
    place.added.subtract([Event.objects.filter(action="photo_added").first().facts["sha256"]])
    lost, wrong = found(ledger)
    assert "photo_deleted" in lost
    assert "photo_added" in wrong


def test_a_submission_is_compared_with_what_was_there(ledger, application):
    [place] = ledger.places.values()
    place.submissions[1] = {"ID": ["0" * 64]}
    lost, _wrong = found(ledger)
    assert "submission 1\n" in lost
    assert "told of submission 1 0 times" in lost
    assert "receipt 1: 404" in lost

    Submission.objects.create(application=application, number=1, manifest=[])
    lost, wrong = found(ledger)
    assert "submission 1 says {}" in lost
    assert "counts other submissions than there are" in wrong


def test_impossible_states_are_wrong(ledger, application):
    Item.objects.filter(application=application).update(locked=True)
    _lost, wrong = found(ledger)
    assert "locked and not submitted" in wrong
    assert "a locked picture that no submission names" in wrong


def test_a_review_that_nobody_remembers_is_lost(ledger, application):
    [place] = ledger.places.values()
    place.decided("return")
    record("verdict_given", Actor(None), candidate=application.candidate, item="ID", verdict="accepted")
    lost, wrong = found(ledger)
    assert "0 reviews ended in return, 1 were acknowledged" in lost
    assert "told of 0 returns of 1" in lost
    assert wrong == ""


def test_an_outage_lasts_from_the_first_failure_to_the_next_good_answer_of_anybody():
    book = Book(
        [Ended(0, 1, "good"), Ended(1, 3, "cut"), Ended(2, 4, "failed"), Ended(4, 6, "good"), Ended(6, 7, "cut")]
    )
    assert book.longest_without_a_good_answer(0) == 5
    assert book.longest_without_a_good_answer(3) == 0
    assert book.failed_between(1, 6) == 2

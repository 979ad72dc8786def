"""A store that fails costs the act that needs it, and nothing else (docs/quality.md, section 4)."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command

from candidates.enums import Action
from candidates.models import Event
from cluster.seaweed import store_at
from materials.models import Application, Item, Photo, Submission
from materials.services.photos import delete_files
from materials.storage import PhotoStore
from tests import factories
from tests.stores import photos_in

from . import faulty_stores
from .faulty_stores import ANSWERS, ONLY_READING, answering, in_answer
from .pages import errors, file, items, upload

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)
FOLDERS = {"disk full": faulty_stores.full_disk, "folder not writable": faulty_stores.unwritable}
READING: dict[str, Callable[[], AbstractContextManager[PhotoStore]]] = {
    "refused": faulty_stores.refused,
    **{name: partial(in_answer, name) for name in ANSWERS},
}
REAL = ("bucket missing", "wrong secret", "wrong account")
WRITING = [*(name for name in READING if name not in ONLY_READING), *REAL, *FOLDERS]


@pytest.fixture
def fail(request, monkeypatch) -> Iterator[Callable[[str], PhotoStore]]:
    """From here on pictures are in the store that fails so."""
    faulty_stores.soon(monkeypatch)
    with ExitStack() as stack:

        def begin(name: str) -> PhotoStore:
            if name in REAL:
                wrong = {
                    "bucket missing": {"bucket_name": "nope"},
                    "wrong secret": {"secret_key": "x"},
                    "wrong account": {"access_key": "x"},
                }
                store: PhotoStore = store_at(request.getfixturevalue("s3_endpoint"), **wrong[name])
            else:
                store = stack.enter_context((READING | FOLDERS)[name]())
            return stack.enter_context(photos_in(store))

        yield begin


@pytest.fixture
def photo(draft: Application) -> Photo:
    return factories.make_photo(draft, "EDU")


@pytest.mark.parametrize("fault", WRITING)
def test_an_upload_is_refused_and_leaves_nothing(client, draft, photo, store, fail, fault):
    client.post("/materials/OTHER/not-applicable/", {"value": "on"})
    names, events = list(store.names()), Event.objects.exclude(action=Action.PHOTO_VIEWED).count()
    failing = fail(fault)

    answer = upload(client, "OTHER", file(seed=1), file(seed=2))

    assert (answer.status_code, errors(answer)) == (503, ["store", "store"])
    assert "请过一分钟再试" in answer.content.decode() or "稍后" in answer.content.decode()
    assert list(Photo.objects.all()) == [photo]
    assert Item.objects.get(category__code="OTHER").not_applicable, "as it was typed"
    assert Event.objects.exclude(action=Action.PHOTO_VIEWED).count() == events
    assert list(store.names()) == names
    if fault in FOLDERS:
        assert list(failing.names()) == names, "no half-written one either"


@pytest.mark.parametrize("fault", ["silent", "another's page"])
def test_other_pages_and_acts_go_on(client, draft, photo, fail, fault):
    gone = factories.make_photo(draft, "EDU")
    fail(fault)
    for page in ("/", "/materials/", "/materials/EDU/", "/registration/", "/messages/"):
        assert client.get(page).status_code == 200, page
    assert items(client.get("/materials/"))["EDU"].photos == 2
    assert client.post(f"/materials/EDU/photos/{gone.pk}/delete/").status_code == 303
    assert client.post(f"/materials/EDU/photos/{gone.pk}/restore/").status_code == 303
    assert client.post(f"/materials/EDU/photos/{gone.pk}/delete/").status_code == 303


@committed
@pytest.mark.parametrize("fault", ["refused", "silent", "bucket missing", "folder not writable"])
def test_submitting_needs_no_store(client, draft, fail, fault):
    """What was deleted before goes from the store with the next sweep."""
    factories.fill(draft)
    gone = [factories.make_photo(draft, "OTHER") for _ in range(2)]
    for photo in gone:
        client.post(f"/materials/OTHER/photos/{photo.pk}/delete/")
    fail(fault)
    assert client.post("/materials/submit/").status_code == 303
    assert Submission.objects.count() == 1
    assert client.get("/materials/receipt/1/").status_code == 200
    assert not Photo.objects.filter(pk__in=[photo.pk for photo in gone]).exists()


@pytest.mark.parametrize("fault", ["silent", "other bytes", "wrong account", "disk full"])
def test_a_turn_is_refused_and_the_picture_stays(client, photo, store, fail, fault):
    names = list(store.names())
    fail(fault)
    answer = client.post(f"/materials/EDU/photos/{photo.pk}/turn/", {"turn": "left"})
    assert (answer.status_code, errors(answer)) == (503, ["store"])
    assert list(Photo.objects.values_list("pk", "superseded_at")) == [(photo.pk, None)]
    assert list(store.names()) == names


@pytest.mark.parametrize("fault", [*READING, *REAL])
def test_a_picture_that_cannot_be_had_is_a_503_and_no_view(client, draft, photo, fail, fault):
    factories.submit(draft)
    fail(fault)
    for user in (draft.candidate.user, factories.site_reviewer(draft.site)):
        client.force_login(user)
        answer = client.get(f"/photos/{photo.pk}/")
        assert (answer.status_code, errors(answer), answer["Retry-After"]) == (503, ["store"], "30")
    assert not Event.objects.filter(action=Action.PHOTO_VIEWED).exists()
    client.force_login(draft.candidate.user)
    if fault != "other bytes":
        answer = client.get("/materials/receipt/1/receipt.pdf")
        assert (answer.status_code, errors(answer)) == (503, ["store"])


@pytest.mark.parametrize("fault", [*(name for name in READING if name not in ONLY_READING), *REAL, *FOLDERS])
def test_ready_names_the_store(client, photo, fail, fault):
    assert client.get("/readyz").status_code == 200
    fail(fault)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["failing"]) == (503, ["store"])
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("fault", [*(name for name in READING if name not in ONLY_READING), *REAL])
def test_a_sweep_says_so_and_calls_nothing_lost(photo, fail, fault):
    fail(fault)
    out = StringIO()
    with pytest.raises(CommandError, match=r"图片存储没有响应"):
        call_command("sweep_photos", stdout=out)
    assert "file is gone" not in out.getvalue()
    assert Photo.objects.get() == photo


# --- one by one ------------------------------------------------------------------------------------------------------


def test_a_silent_store_is_asked_twice_and_no_more(monkeypatch):
    faulty_stores.soon(monkeypatch)
    acts = [
        lambda store: store.open("a.jpg"),
        lambda store: store.save("a.jpg", ContentFile(b"a")),
        lambda store: store.delete("a.jpg"),
        lambda store: store.probe(),
        lambda store: list(store.names()),
    ]
    for act in acts:
        with answering(ANSWERS["silent"]) as (store, connections):
            with pytest.raises(Exception, match=r"[Tt]imeout"):
                act(store)
            assert len(connections) == 2


def test_whoever_waits_for_deletions_waits_for_one_failure(monkeypatch):
    faulty_stores.soon(monkeypatch)
    with answering(ANSWERS["silent"]) as (store, connections), photos_in(store):
        delete_files([f"{number}.jpg" for number in range(9)])
        assert len(connections) == 2


def test_its_time_outs_are_those_of_the_quality_bar():
    config = store_at("http://127.0.0.1:1").connection.meta.client.meta.config
    assert (config.connect_timeout, config.read_timeout, config.retries["total_max_attempts"]) == (2, 3, 2)


@pytest.mark.both_stores
@pytest.mark.parametrize("name", ["photo", "thumb"])
def test_when_one_of_both_files_cannot_be_written_the_other_goes(client, draft, store, monkeypatch, name):
    real = store._save

    def broken(file_name, content):
        if ("-thumb" in file_name) == (name == "thumb"):
            raise OSError
        return real(file_name, content)

    monkeypatch.setattr(store, "_save", broken)
    assert errors(upload(client, "ID", file())) == ["store"]
    assert list(store.names()) == []
    assert not Photo.objects.exists()

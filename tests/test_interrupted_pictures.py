"""A worker killed anywhere in taking a picture: what was acknowledged is there, and one sweep removes the rest.

Both files are written before the row, so whatever is killed between leaves files that no row names, never a row
without its files.
"""

import signal
from collections.abc import Iterator
from hashlib import sha256
from itertools import count

import pytest
from django.conf import settings
from django.db import connection

from candidates.models import Event
from cluster.seaweed import BUCKET, KEYS
from materials.models import Application, Item, Photo
from materials.services.sweep import sweep_photos
from materials.storage import PhotoStore
from tests import factories
from tests.interrupting import Interrupter
from tests.stores import content

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stores]


@pytest.fixture
def interrupter(store, request, django_db_setup) -> Iterator[Interrupter]:
    photos = None
    if request.node.callspec.params["store"] == "s3":
        options = {"endpoint_url": request.getfixturevalue("s3_endpoint"), "bucket_name": BUCKET} | KEYS
        photos = {"BACKEND": "materials.s3_storage.PrivateS3Storage", "OPTIONS": options}
    one = Interrupter(str(connection.settings_dict["NAME"]), settings.FILES_DIR, photos)
    yield one
    one.close()


def swept_and_whole(store: PhotoStore) -> list[str]:
    """What one sweep removes, where the files and the rows then are one another's, byte for byte."""
    orphans = sweep_photos().orphans
    photos = list(Photo.objects.all())
    assert set(store.names()) == {name for photo in photos for name in (photo.file.name, photo.thumb.name)}
    assert [sha256(content(photo.file)).hexdigest() for photo in photos] == [photo.sha256 for photo in photos]
    assert all(content(photo.thumb)[-2:] == b"\xff\xd9" for photo in photos)
    return orphans


def of_pictures() -> int:
    """Events about somebody's pictures; a sweep has its own."""
    return Event.objects.exclude(candidate=None).count()


@pytest.fixture
def draft() -> Application:
    return factories.draft()


def test_an_upload(store, draft, interrupter):
    left = set()
    for at in count(1):
        events = of_pictures()
        ended = interrupter.run("tests.acts:upload", draft.candidate.pk, 1, at=at)
        assert ended.code in (0, -signal.SIGKILL), ended.err

        orphans = swept_and_whole(store)
        there = [str(photo.pk) for photo in Photo.objects.all()]
        assert ended.out.split() in ([], there), "what was acknowledged is there"
        assert of_pictures() - events == Item.objects.count() == len(there), "all of it or nothing"
        left.add(sum(name.endswith(".jpg") for name in orphans))
        if not ended.code:
            break
        Item.objects.all().delete()
        sweep_photos()
    assert len(there) == 1
    assert left == {0, 1, 2}, "killed before, between and after the two files, too"
    assert swept_and_whole(store) == []


def test_a_turn(store, draft, interrupter):
    before = factories.make_photo(draft, "ID")
    for at in count(1):
        ended = interrupter.run("tests.acts:turn", draft.candidate.pk, before.pk, at=at)
        assert ended.code in (0, -signal.SIGKILL), ended.err

        swept_and_whole(store)
        now = Photo.objects.get()
        assert ended.out.split() in ([], [str(now.pk)])
        if not ended.code:
            break
        before = now
    assert now.pk != before.pk

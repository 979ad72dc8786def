"""The two stores of pictures: what both do, and what each does in its own way."""

import os
import tempfile

import pytest
from django.core.files.base import ContentFile

from materials.models import Photo
from materials.s3_storage import PrivateS3Storage
from materials.services.sweep import sweep_photos
from materials.serving import Damaged, read
from tests import factories
from tests.seaweed import empty
from tests.stores import photos_in

from .faulty_stores import folder_at
from .pages import file, upload


@pytest.mark.both_stores
def test_what_is_written_is_read_and_listed_in_order(store):
    names = [f"{shard}/{folder}/{name}.jpg" for shard in ("ab", "0f") for folder in ("b", "a") for name in "zy"]
    for name in names:
        assert store.save(name, ContentFile(name.encode())) == name
    assert list(store.names()) == sorted(names)
    assert list(store.names("ab/a")) == ["ab/a/y.jpg", "ab/a/z.jpg"]
    assert list(store.names("ab/none")) == []
    with store.open(names[0]) as opened:
        assert opened.read() == names[0].encode()
    store.delete(names[0])
    store.delete(names[0])
    assert not store.exists(names[0])
    with pytest.raises(FileNotFoundError):
        store.open(names[0])
    with pytest.raises(ValueError, match="no address"):
        store.url(names[1])


@pytest.mark.both_stores
@pytest.mark.django_db
def test_no_picture_passes_through_a_temporary_file(client, draft, store, monkeypatch, tmp_path):
    """In a folder it is written once, beside its final name."""
    opened = []
    real = os.open
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    monkeypatch.setattr(os, "open", lambda path, *args, **options: opened.append(path) or real(path, *args, **options))
    assert upload(client, "ID", file()).status_code == 303
    monkeypatch.undo()
    photo = Photo.objects.get()
    written = [str(path) for path in opened if str(path).endswith(".part")]
    assert len(written) == (0 if isinstance(store, PrivateS3Storage) else 2)
    assert all(str(photo.pk) in path for path in written)
    assert client.get(f"/photos/{photo.pk}/").status_code == 200


@pytest.mark.both_stores
@pytest.mark.django_db
def test_only_the_bytes_that_were_stored_are_read(store):
    photo = factories.make_photo(factories.draft(), "ID")
    good, thumb = read(photo), read(photo, thumb=True)
    assert good == thumb
    for other in (good[:-1], good[:-1] + b"x", b"", b"<html>"):
        for one, is_thumb in ((photo.file, False), (photo.thumb, True)):
            store.delete(one.name)
            store.save(one.name, ContentFile(other))
            with pytest.raises(Damaged):
                read(photo, thumb=is_thumb)


def test_a_folder_and_its_files_are_the_portals_alone_unless_nginx_reads_them(tmp_path):
    for options, folder_mode, file_mode in (
        ({}, 0o700, 0o600),
        ({"directory_permissions_mode": 0o750, "file_permissions_mode": 0o640}, 0o750, 0o640),
    ):
        store = folder_at(tmp_path / oct(folder_mode), **options)
        store.save("ab/c/d.jpg", ContentFile(b"d"))
        assert (tmp_path / oct(folder_mode)).stat().st_mode & 0o777 == folder_mode
        assert (tmp_path / oct(folder_mode) / "ab/c/d.jpg").stat().st_mode & 0o777 == file_mode


def test_an_s3_store_lists_more_than_one_answer_holds(s3_store, monkeypatch):
    names = sorted(f"ab/{number:04}/x.jpg" for number in range(7))
    for name in names:
        s3_store.save(name, ContentFile(b"x"))
    paginator = s3_store.connection.meta.client.get_paginator("list_objects_v2")
    pages = []

    def by_two(_operation):
        class Pages:
            def paginate(self, **options):
                for page in paginator.paginate(**options, PaginationConfig={"PageSize": 2}):
                    pages.append(page)
                    yield page

        return Pages()

    monkeypatch.setattr(s3_store.connection.meta.client, "get_paginator", by_two)
    try:
        assert list(s3_store.names()) == names
        assert len(pages) == 4
    finally:
        monkeypatch.undo()
        empty(s3_store)


def test_for_one_picture_an_s3_store_is_asked_once(s3_store):
    asked = []
    client = s3_store.connection.meta.client
    client.meta.events.register("before-call.s3", lambda model, **_: asked.append(model.name), unique_id="count")
    try:
        s3_store.save("ab/c/d.jpg", ContentFile(bytes(200_000)))
        s3_store.open("ab/c/d.jpg").read()
    finally:
        client.meta.events.unregister("before-call.s3", unique_id="count")
        empty(s3_store)
    assert asked == ["PutObject", "GetObject"]


@pytest.mark.django_db
def test_an_s3_store_is_asked_once_about_a_thousand_names(s3_store, django_assert_max_num_queries):
    asked = []
    client = s3_store.connection.meta.client
    with photos_in(s3_store):
        photo = factories.make_photo(factories.draft(), "ID")
        for _ in range(5):
            factories.make_photo(factories.draft(photo.item.application.session), "ID")
        client.meta.events.register("before-call.s3", lambda model, **_: asked.append(model.name), unique_id="count")
        try:
            with django_assert_max_num_queries(4):
                swept = sweep_photos()
        finally:
            client.meta.events.unregister("before-call.s3", unique_id="count")
            empty(s3_store)
    assert (swept.orphans, swept.lost) == ([], [])
    assert asked == ["ListObjectsV2"]

"""``sweep_photos``: the store and the database agree again, and no picture that counts is touched."""

from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command

from materials.models import Photo, photo_storage
from materials.services import sweep as sweeping
from materials.services.photos import delete_files
from materials.services.sweep import sweep_photos
from tests import factories
from tests.stores import is_stored

pytestmark = [pytest.mark.django_db, pytest.mark.both_stores]


@pytest.fixture
def photo():
    return factories.make_photo(factories.draft(), "ID")


def orphan_beside(photo: Photo, name: str = "left-over.jpg") -> str:
    folder = photo.file.name.rpartition("/")[0]
    return photo_storage().save(f"{folder}/{name}", ContentFile(b"nobody's"))


def sweep(**options) -> str:
    output = StringIO()
    call_command("sweep_photos", stdout=output, **options)
    return output.getvalue()


def test_a_file_without_a_row_is_removed_and_the_others_stay(photo):
    orphan = orphan_beside(photo)

    assert f"removed {orphan}" in sweep()

    assert not photo_storage().exists(orphan)
    assert photo_storage().exists(photo.file.name)
    assert photo_storage().exists(photo.thumb.name)


def test_a_half_written_file_is_removed(photo):
    orphan = orphan_beside(photo, f"{photo.pk}.jpg.abc.part")

    sweep()

    assert not photo_storage().exists(orphan)


def test_a_dry_run_removes_nothing(photo):
    orphan = orphan_beside(photo)

    assert f"removed {orphan}" in sweep(dry_run=True)

    assert photo_storage().exists(orphan)


def test_a_second_run_finds_nothing(photo):
    orphan_beside(photo)
    sweep()

    assert sweep() == "0 without a row, 0 without a file\n"


def test_files_of_an_application_that_does_not_exist_are_removed(photo):
    name = "00/00000000-0000-4000-8000-000000000000/x.jpg"
    photo_storage().save(name, ContentFile(b"nobody's"))

    assert sweep_photos().orphans == [name]

    assert not photo_storage().exists(name)


@pytest.mark.parametrize("whole_folder", [False, True])
def test_a_row_whose_file_is_gone_is_named_and_fails_the_command(photo, whole_folder):
    photo_storage().delete(photo.file.name)
    if whole_folder:
        photo_storage().delete(photo.thumb.name)
        photo_storage().delete(photo.file.name.rpartition("/")[0])

    with pytest.raises(CommandError, match="are gone"):
        sweep()

    assert photo.file.name in sweep_photos().lost
    assert Photo.objects.filter(pk=photo.pk).exists()


@pytest.mark.parametrize(
    "name",
    [
        "backup.tar",
        "ab/x.jpg",
        "ab/not-a-folder-of-ours/x.jpg",
        "ff/00000000-0000-4000-8000-000000000000/x.jpg",
        "00/00000000-0000-4000-8000-000000000000/below/x.jpg",
    ],
)
def test_what_is_not_named_as_the_portal_names_is_left_alone(photo, name):
    photo_storage().save(name, ContentFile(b"somebody's"))

    assert sweep() == "0 without a row, 0 without a file\n"

    assert photo_storage().exists(name)


def test_store_and_rows_of_many_applications_are_compared_page_by_page(photo, monkeypatch):
    """In every order in which one of both has what the other lacks."""
    monkeypatch.setattr(sweeping, "ROWS_AT_ONCE", 2)
    photos = [photo, *(factories.make_photo(factories.draft(photo.item.application.session), "ID") for _ in range(8))]
    photos += [factories.make_photo(one.item.application, "EDU") for one in photos[:4] for _ in range(2)]
    lost = {one.file.name for one in photos[::3]}
    for name in lost:
        photo_storage().delete(name)
    orphans = {orphan_beside(one) for one in photos[1::2]}
    orphans.add(photo_storage().save("00/00000000-0000-4000-8000-000000000000/x.jpg", ContentFile(b"nobody's")))
    orphans.add(photo_storage().save("ff/ffffffff-ffff-4fff-8fff-ffffffffffff/x.jpg", ContentFile(b"nobody's")))

    swept = sweep_photos()

    assert (set(swept.orphans), set(swept.lost)) == (orphans, lost)
    assert set(sweep_photos().lost) == lost


def test_rows_of_one_application_on_several_pages(photo, monkeypatch):
    monkeypatch.setattr(sweeping, "ROWS_AT_ONCE", 2)
    for _ in range(2):
        factories.make_photo(photo.item.application, "EDU")
    last = Photo.objects.latest("pk")
    names = sorted([last.file.name, last.thumb.name])
    delete_files(names)

    assert sweep_photos().lost == names


@pytest.mark.parametrize("behind", ["_stored", "_in_rows"])
def test_a_picture_that_comes_or_goes_meanwhile_is_neither_lost_nor_removed(photo, monkeypatch, behind):
    """Both are read ahead, so each may know of something that the other had not, or no longer."""
    read_ahead = list(getattr(sweeping, behind)())
    monkeypatch.setattr(sweeping, behind, lambda: iter(read_ahead))
    new = factories.make_photo(photo.item.application, "EDU")
    Photo.objects.get(pk=photo.pk).delete()
    delete_files([photo.file.name, photo.thumb.name])

    assert sweep() == "0 without a row, 0 without a file\n"

    assert is_stored(new.file)
    assert is_stored(new.thumb)

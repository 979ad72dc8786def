"""How much one candidate may upload (docs/quality.md, section 1, line 14; docs/contract.md, UPLOADS_PER_HOUR)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from candidates.enums import Action
from candidates.models import Event
from materials import rules
from materials.models import Photo
from tests import factories

from .pages import errors, file, upload

pytestmark = pytest.mark.django_db


def has_uploaded(application, count, *, ago=timedelta(0)):
    """Events of so many uploads, as uploading leaves them."""
    at, candidate = timezone.now() - ago, application.candidate
    Event.objects.bulk_create([Event(action=Action.PHOTO_ADDED, candidate=candidate, at=at) for _ in range(count)])


def test_so_many_uploads_an_hour(client, draft, settings):
    settings.UPLOADS_PER_HOUR = 3
    has_uploaded(draft, 2)
    assert upload(client, "EDU", file(seed=1)).status_code == 303
    answer = upload(client, "EDU", file(seed=2))
    assert (answer.status_code, errors(answer)) == (429, ["quota"])
    assert "3" in answer.content.decode()
    assert Photo.objects.count() == 1


def test_an_hour_later_it_goes_on(client, draft, settings):
    settings.UPLOADS_PER_HOUR = 3
    has_uploaded(draft, 3, ago=timedelta(minutes=61))
    assert upload(client, "ID", file()).status_code == 303


def test_within_the_hour_it_does_not(client, draft, settings):
    settings.UPLOADS_PER_HOUR = 3
    has_uploaded(draft, 3, ago=timedelta(minutes=55))
    assert errors(upload(client, "ID", file())) == ["quota"]


def test_deleting_gives_none_back(client, draft, settings):
    settings.UPLOADS_PER_HOUR = 1
    upload(client, "ID", file(seed=1))
    client.post(f"/materials/ID/photos/{Photo.objects.get().pk}/delete/")
    assert not Photo.objects.filter(superseded_at=None).exists()
    assert errors(upload(client, "ID", file(seed=2))) == ["quota"]


def test_what_others_upload_does_not_count(client, draft, settings):
    settings.UPLOADS_PER_HOUR = 3
    has_uploaded(factories.draft(draft.session), 3)
    assert upload(client, "ID", file()).status_code == 303


def test_so_many_stored_bytes(client, draft, monkeypatch):
    photo = factories.make_photo(draft, "EDU")
    monkeypatch.setattr(rules, "QUOTA_BYTES", photo.bytes)
    answer = upload(client, "ID", file())
    assert (answer.status_code, errors(answer)) == (429, ["quota"])
    monkeypatch.setattr(rules, "QUOTA_BYTES", photo.bytes + 1)
    assert upload(client, "ID", file()).status_code == 303


def test_superseded_pictures_count_because_they_are_kept(client, monkeypatch):
    application = factories.returned(codes=["EDU"])
    client.force_login(application.candidate.user)
    photos = Photo.objects.filter(item__application=application)
    monkeypatch.setattr(rules, "QUOTA_BYTES", sum(photo.bytes for photo in photos))
    edu = photos.get(item__category__code="EDU")
    client.post(f"/materials/EDU/photos/{edu.pk}/delete/")
    assert Photo.objects.get(pk=edu.pk).superseded_at
    assert errors(upload(client, "EDU", file())) == ["quota"]


def test_what_others_store_does_not_count(client, draft, monkeypatch):
    other = factories.make_photo(factories.draft(draft.session), "ID")
    monkeypatch.setattr(rules, "QUOTA_BYTES", other.bytes)
    assert upload(client, "ID", file()).status_code == 303


def test_a_full_quota_stops_no_other_page_and_no_deleting(client, draft, settings):
    settings.UPLOADS_PER_HOUR = 1
    upload(client, "ID", file())
    assert client.get("/materials/ID/").status_code == 200
    assert client.post(f"/materials/ID/photos/{Photo.objects.get().pk}/delete/").status_code == 303

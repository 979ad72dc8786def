"""Pictures going out (docs/quality.md, section 2)."""

import pytest

from candidates.enums import Action
from candidates.models import Event
from tests import factories
from tests.stores import content

pytestmark = [pytest.mark.django_db, pytest.mark.both_stores]
ADDRESSES = ["/photos/{}/", "/photos/{}/thumb/"]


@pytest.fixture
def photo():
    application = factories.submitted()
    return application.items.get(category__code="EDU").photos.get()


@pytest.fixture
def people(photo):
    application = photo.item.application
    region, site = application.session.region, application.site
    return {
        "nobody": (None, 302),
        "owner": (application.candidate.user, 200),
        "another candidate": (factories.draft(application.session).candidate.user, 404),
        "not activated": (factories.make_candidate(application.session, activated=False).user, 404),
        "site reviewer": (factories.site_reviewer(site), 200),
        "another site's reviewer": (factories.site_reviewer(factories.SiteFactory(region=region)), 404),
        "region reviewer": (factories.region_reviewer(region), 200),
        "region staff": (factories.region_staff(region), 200),
        "another region's staff": (factories.region_staff(factories.RegionFactory()), 404),
        "administrator": (factories.administrator(), 200),
    }


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_may_see_it(client, photo, people, address):
    for name, (user, expected) in people.items():
        client.logout()
        if user is not None:
            client.force_login(user)
        assert client.get(address.format(photo.pk)).status_code == expected, name


@pytest.mark.parametrize("address", ADDRESSES)
def test_headers(client, photo, address):
    client.force_login(photo.item.application.candidate.user)
    answer = client.get(address.format(photo.pk))
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"] == 'inline; filename="EDU-1.jpg"'
    assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert answer.content == content(photo.file)


def test_a_view_by_staff_is_an_event_and_the_owners_is_not(client, photo):
    client.force_login(photo.item.application.candidate.user)
    client.get(f"/photos/{photo.pk}/")
    assert not Event.objects.filter(action=Action.PHOTO_VIEWED).exists()
    reviewer = factories.site_reviewer(photo.item.application.site)
    client.force_login(reviewer)
    client.get(f"/photos/{photo.pk}/")
    event = Event.objects.get(action=Action.PHOTO_VIEWED)
    assert (event.actor, event.candidate, event.facts["item"]) == (reviewer, photo.item.application.candidate, "EDU")


def test_before_activation_a_candidate_is_led_there(client):
    candidate = factories.make_candidate(activated=False)
    photo = factories.make_photo(candidate.application, "ID")
    client.force_login(candidate.user)
    assert client.get(f"/photos/{photo.pk}/").url == "/activate/"


def test_of_a_superseded_picture_its_candidate_sees_the_thumbnail_only(client):
    application = factories.returned(codes=["EDU"])
    photo = application.items.get(category__code="EDU").photos.get()
    client.force_login(application.candidate.user)
    client.post(f"/materials/EDU/photos/{photo.pk}/delete/")
    assert client.get(f"/photos/{photo.pk}/").status_code == 404
    assert client.get(f"/photos/{photo.pk}/thumb/").status_code == 200
    client.force_login(factories.site_reviewer(application.site))
    assert client.get(f"/photos/{photo.pk}/").status_code == 200
    client.force_login(factories.draft(application.session).candidate.user)
    assert client.get(f"/photos/{photo.pk}/thumb/").status_code == 404


def test_a_file_that_is_gone_is_a_404(client, photo):
    photo.file.storage.delete(photo.file.name)
    client.force_login(photo.item.application.candidate.user)
    assert client.get(f"/photos/{photo.pk}/").status_code == 404


def test_a_store_that_is_down_is_a_503_page(client, photo, store, monkeypatch):
    def broken(*args, **kwargs):
        raise OSError

    monkeypatch.setattr(store, "_open", broken)
    client.force_login(photo.item.application.candidate.user)
    answer = client.get(f"/photos/{photo.pk}/")
    assert answer.status_code == 503
    assert "暂无响应" in answer.content.decode()


def test_no_such_picture(client, draft):
    assert client.get("/photos/00000000-0000-0000-0000-000000000000/").status_code == 404
    assert client.get("/photos/not-a-uuid/").status_code == 404

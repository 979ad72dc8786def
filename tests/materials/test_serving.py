"""The ways a picture takes to a browser, each with what is really in it (docs/quality.md, section 2).

``PHOTOS_SERVED_BY``: the worker itself, a real nginx before it, or a real S3 store at signed addresses.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection, HTTPMessage
from urllib.parse import parse_qs, urlsplit, urlunsplit

import pytest
from botocore.compat import get_current_datetime
from django.conf import settings as portal_settings
from django.test import Client

from candidates.enums import Action
from candidates.models import Event, User
from drill.portal import free_ports
from materials import s3_storage
from materials.models import Photo
from tests import factories
from tests.nginx import nginx_before
from tests.stores import content

pytestmark = pytest.mark.django_db(transaction=True)
FOLDER, S3 = "nginx-photos-folder.conf", "nginx-photos-s3.conf"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: HTTPMessage
    body: bytes
    address: str

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")


def get(address: str, *, cookie: str = "", method: str = "GET") -> Answer:
    parts = urlsplit(address)
    connection = HTTPConnection(parts.netloc, timeout=20)
    try:
        connection.request(method, urlunsplit(("", "", parts.path, parts.query, "")), headers={"Cookie": cookie})
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read(), address)
    finally:
        connection.close()


@dataclass
class Door:
    """Where browsers come in."""

    url: str
    store: str = ""
    #: The answers of our own addresses that led on to the store.
    led_on: list[Answer] = field(default_factory=list)

    def get(self, user: User | None, path: str) -> Answer:
        client = Client()
        if user:
            client.force_login(user)
        cookie = "; ".join(f"{name}={one.value}" for name, one in client.cookies.items())
        answer = get(f"{self.url}{path}", cookie=cookie)
        if self.store and answer.location.startswith(self.store):
            self.led_on.append(answer)
            answer = get(answer.location)
        return answer


def by_worker(live_server, settings, request) -> Iterator[Door]:
    yield Door(live_server.url)


def by_nginx_from_folder(live_server, settings, request) -> Iterator[Door]:
    settings.PHOTOS_SERVED_BY = "nginx"
    place = ("/srv/portal/var/photos/", f"{portal_settings.FILES_DIR}/photos/")
    with nginx_before(live_server.url, FOLDER, place) as url:
        yield Door(url)


def by_nginx_from_s3(live_server, settings, request) -> Iterator[Door]:
    settings.PHOTOS_SERVED_BY = "nginx"
    place = ("http://127.0.0.1:8333", request.getfixturevalue("s3_endpoint"))
    with nginx_before(live_server.url, S3, place) as url:
        yield Door(url)


def by_store(live_server, settings, request) -> Iterator[Door]:
    settings.PHOTOS_SERVED_BY = "store"
    yield Door(live_server.url, request.getfixturevalue("s3_endpoint"))


WAYS: dict[str, tuple[str, Callable[..., Iterator[Door]]]] = {
    "worker, folder": ("folder", by_worker),
    "worker, S3": ("s3", by_worker),
    "nginx, folder": ("folder", by_nginx_from_folder),
    "nginx, S3": ("s3", by_nginx_from_s3),
    "store": ("s3", by_store),
}


@pytest.fixture
def door(way, store, live_server, settings, request) -> Iterator[Door]:
    yield from way(live_server, settings, request)


every_way = pytest.mark.parametrize(("store", "way"), WAYS.values(), ids=WAYS.keys(), indirect=["store"])
through_nginx = pytest.mark.parametrize(
    ("store", "way"),
    [way for name, way in WAYS.items() if name.startswith("nginx")],
    ids=[name for name in WAYS if name.startswith("nginx")],
    indirect=["store"],
)
by_signed_address = pytest.mark.parametrize(("store", "way"), [WAYS["store"]], ids=["store"], indirect=["store"])


@pytest.fixture
def photo(store) -> Photo:
    application = factories.submitted()
    return application.items.get(category__code="EDU").photos.get()


@every_way
def test_who_gets_it(door, photo):
    application = photo.item.application
    region = application.session.region
    people = {
        "nobody": (None, 302),
        "another candidate": (factories.draft(application.session).candidate.user, 404),
        "staff out of scope": (factories.region_staff(factories.RegionFactory()), 404),
        "staff in scope": (factories.region_reviewer(region), 200),
        "owner": (application.candidate.user, 200),
    }
    for kind, file in (("", photo.file), ("thumb/", photo.thumb)):
        for name, (user, expected) in people.items():
            answer = door.get(user, f"/photos/{photo.pk}/{kind}")
            assert answer.status == expected, name
            assert (answer.body == content(file)) == (expected == 200), name
            assert expected != 302 or answer.location.startswith("/login/")


@every_way
def test_what_it_says_with_it(door, photo):
    answer = door.get(photo.item.application.candidate.user, f"/photos/{photo.pk}/")
    for one in [answer, *door.led_on]:
        assert one.headers.get_all("Cache-Control") == ["private, no-store"]
        assert one.headers.get_all("Content-Disposition") == ['inline; filename="EDU-1.jpg"']
    assert answer.headers.get_all("Content-Type") == ["image/jpeg"]
    # Where the store answers itself, it says no more; its host shows nothing but pictures.
    ours = door.led_on[0] if door.led_on else answer
    expected = {
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    assert {name: ours.headers.get_all(name) for name in expected} == {name: [one] for name, one in expected.items()}


@every_way
def test_a_view_by_staff_is_an_event_and_the_owners_is_not(door, photo):
    door.get(photo.item.application.candidate.user, f"/photos/{photo.pk}/")
    door.get(factories.region_staff(factories.RegionFactory()), f"/photos/{photo.pk}/")
    assert not Event.objects.filter(action=Action.PHOTO_VIEWED).exists()
    reviewer = factories.site_reviewer(photo.item.application.site)
    door.get(reviewer, f"/photos/{photo.pk}/")
    event = Event.objects.get(action=Action.PHOTO_VIEWED)
    assert (event.actor, event.candidate, event.facts["item"]) == (reviewer, photo.item.application.candidate, "EDU")


@every_way
def test_one_that_is_gone_is_a_404(door, photo, store):
    store.delete(photo.file.name)
    answer = door.get(photo.item.application.candidate.user, f"/photos/{photo.pk}/")
    assert answer.status == 404
    assert door.store or photo.file.name.encode() not in answer.body


@pytest.mark.parametrize("store", ["s3"], indirect=True)
def test_a_store_that_does_not_answer_nginx_is_a_503(live_server, settings, store, photo):
    settings.PHOTOS_SERVED_BY = "nginx"
    place = ("http://127.0.0.1:8333", f"http://127.0.0.1:{free_ports(1)[0]}")
    with nginx_before(live_server.url, S3, place) as url:
        assert Door(url).get(photo.item.application.candidate.user, f"/photos/{photo.pk}/").status == 503


@through_nginx
def test_the_internal_location_is_nothing_from_outside(door, photo, store):
    names = [photo.file.name, f"photos/{photo.file.name}", "", photo.file.name.partition("/")[0]]
    if isinstance(store, s3_storage.PrivateS3Storage):
        signed = urlsplit(store.signed_address(photo.file.name, "image/jpeg", "inline"))
        names.append(f"{signed.path[1:]}?{signed.query}")
    for name in names:
        for door_to in ("_photos", "%5fphotos", "/_photos", "x/../_photos"):
            for user in (None, photo.item.application.candidate.user):
                assert door.get(user, f"/{door_to}/{name}").status in (404, 302), name
                assert door.get(user, f"/{door_to}/{name}").body != content(photo.file)


# --- signed addresses ------------------------------------------------------------------------------------------------


@pytest.fixture
def signed(door, photo) -> str:
    door.get(photo.item.application.candidate.user, f"/photos/{photo.pk}/")
    return door.led_on[0].location


@by_signed_address
def test_a_signed_address_dies_within_five_minutes(signed, photo, store, monkeypatch):
    (seconds,) = parse_qs(urlsplit(signed).query)["X-Amz-Expires"]
    assert 0 < int(seconds) <= 300
    assert get(signed).status == 200
    for age, status in ((int(seconds) - 30, 200), (int(seconds) + 1, 403)):
        signed_at = get_current_datetime() - timedelta(seconds=age)
        monkeypatch.setattr("botocore.auth.get_current_datetime", lambda at=signed_at: at)
        assert get(store.signed_address(photo.file.name, "image/jpeg", "inline")).status == status


@by_signed_address
def test_nothing_of_a_signed_address_can_be_changed(signed, photo):
    other = photo.thumb.name
    for was, becomes in (
        (photo.file.name, other),
        ("X-Amz-Expires=120", "X-Amz-Expires=604800"),
        ("image%2Fjpeg", "text%2Fhtml"),
        ("inline", "attachment"),
        ("X-Amz-Signature=", "X-Amz-Signature=0"),
    ):
        assert was in signed
        answer = get(signed.replace(was, becomes))
        assert answer.status == 403
        assert content(photo.file) != answer.body


@pytest.mark.parametrize("store", ["s3"], indirect=True)
def test_the_store_answers_nobody_without_a_signature(store, s3_endpoint, photo):
    for path in ("", "photos", "photos/", "photos/?list-type=2", f"photos/{photo.file.name}"):
        assert get(f"{s3_endpoint}/{path}").status == 403, path
    for method in ("PUT", "DELETE"):
        assert get(f"{s3_endpoint}/photos/{photo.file.name}", method=method).status == 403
    assert content(photo.file)

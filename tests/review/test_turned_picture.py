"""Turning a picture to read it: remembered for the next who looks, the stored picture untouched."""

import re

import pytest
from django.core.exceptions import ObjectDoesNotExist

from candidates.models import Event
from candidates.services.events import Actor
from materials.enums import Turn
from materials.models import Photo
from review.models import PictureTurn
from review.services.pictures import turn_picture
from tests import factories

from . import desk


@pytest.fixture
def photo(application) -> Photo:
    return Photo.objects.get(item__application=application, item__category__code="EDU")


def shown(html: str, photo: Photo) -> str:
    figure = re.search(rf'<figure class="([^"]*)"\s+id="picture-{photo.pk}"\s+data-turn="(\d+)"', html)
    assert figure is not None
    assert (f"is-turned-{figure[2]}" in figure[1]) == (figure[2] != "0")
    return figure[2]


def test_the_next_who_looks_sees_it_turned(application, photo, at_site, at_region) -> None:
    client = desk.signed_in(at_site)
    before = Photo.objects.filter(pk=photo.pk).values().get()
    version = desk.now_of(application).version

    answer = desk.press(client, application, f"photos/{photo.pk}/turn/", turn="right")

    assert answer.status_code == 303
    assert answer["Location"] == f"/admin/review/{application.pk}/#item-EDU"
    assert shown(desk.page(desk.signed_in(at_region), application), photo) == "90"
    assert Photo.objects.filter(pk=photo.pk).values().get() == before
    assert desk.now_of(application).version == version
    event = Event.objects.get(action="photo_shown_turned")
    assert (event.actor, event.facts["degrees"], event.facts["item"]) == (at_site, 90, "EDU")


def test_all_the_way_round(application, photo, at_site) -> None:
    turns = [Turn.LEFT, Turn.LEFT, Turn.LEFT, Turn.RIGHT, Turn.LEFT, Turn.LEFT]
    seen = [turn_picture(Actor(at_site), application.pk, photo.pk, turn).degrees for turn in turns]

    assert seen == [270, 180, 90, 180, 90, 0]
    assert shown(desk.page(desk.signed_in(at_site), application), photo) == "0"


def test_only_a_picture_of_this_application(application, photo, session, at_site) -> None:
    other = factories.submitted(session, site=application.site)

    with pytest.raises(ObjectDoesNotExist):
        turn_picture(Actor(at_site), other.pk, photo.pk, Turn.LEFT)
    assert not PictureTurn.objects.exists()


def test_nonsense_is_refused_with_a_sentence(application, photo, at_site) -> None:
    answer = desk.press(desk.signed_in(at_site), application, f"photos/{photo.pk}/turn/", turn="over")

    assert answer.status_code == 422
    assert "nothing was changed" in answer.content.decode()


def test_its_candidate_sees_it_as_it_is(application, photo, at_site) -> None:
    turn_picture(Actor(at_site), application.pk, photo.pk, Turn.LEFT)

    html = desk.signed_in(application.candidate.user).get("/materials/EDU/").content.decode()
    assert str(photo.pk) in html
    assert "is-turned" not in html

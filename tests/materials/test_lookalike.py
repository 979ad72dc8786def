"""A picture that looks nearly the same as another of the application: taken, with a warning that names the place."""

import re

import pytest
from PIL import ImageEnhance

from candidates.enums import Action
from candidates.models import Event
from materials.models import Photo
from tests import factories, pictures

from .pages import file, upload

pytestmark = pytest.mark.django_db

PAGE = pictures.document(900, 1200)


def jpeg(image, quality=80):
    return file(pictures.encoded(image, quality=quality))


def warned(page):
    return re.findall(r'data-warning="similar">\s*([^<]*)', page.content.decode())


def test_the_same_scan_lighter_and_smaller(client, draft):
    upload(client, "EDU", jpeg(PAGE))
    assert (
        upload(client, "OTHER", jpeg(ImageEnhance.Brightness(PAGE).enhance(1.1).resize((700, 933)))).status_code == 303
    )
    second = Photo.objects.get(item__category__code="OTHER")
    assert second.similar_to == Photo.objects.get(item__category__code="EDU").pk
    (sentence,) = warned(client.get("/materials/OTHER/"))
    assert "毕业证书" in sentence
    assert not warned(client.get("/materials/EDU/"))


def test_another_page_does_not(client, draft):
    upload(client, "EDU", jpeg(PAGE))
    upload(client, "OTHER", jpeg(pictures.document(900, 1200, seed=5)))
    assert not warned(client.get("/materials/OTHER/"))


def test_it_goes_with_the_picture_that_it_looked_like(client, draft):
    upload(client, "EDU", jpeg(PAGE))
    upload(client, "OTHER", jpeg(PAGE, quality=60))
    assert warned(client.get("/materials/OTHER/"))
    client.post(f"/materials/EDU/photos/{Photo.objects.get(item__category__code='EDU').pk}/delete/")
    assert not warned(client.get("/materials/OTHER/"))


def test_what_others_hand_in_does_not_matter(client, draft):
    upload(client, "EDU", jpeg(PAGE))
    other = factories.draft(draft.session)
    client.force_login(other.candidate.user)
    upload(client, "EDU", jpeg(PAGE, quality=60))
    assert not warned(client.get("/materials/EDU/"))


def test_a_refused_picture_is_an_event_without_a_name(client, draft):
    upload(client, "EDU", file(b"%PDF-1.4 secret name", "secret.pdf"))
    event = Event.objects.get(action=Action.PHOTO_REFUSED)
    assert event.facts == {"item": "EDU", "why": "format"}
    assert event.candidate == draft.candidate

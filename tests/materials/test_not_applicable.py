"""不适用 (docs/product.md, rule 2)."""

import pytest

from candidates.enums import Action
from candidates.models import Event
from materials.models import Item
from tests import factories

from .pages import errors

pytestmark = pytest.mark.django_db


def mark(client, code, value):
    return client.post(f"/materials/{code}/not-applicable/", {"value": value})


def test_on_and_off(client, draft):
    answer = mark(client, "OTHER", "on")
    assert (answer.status_code, answer.url) == (303, "/materials/#item-OTHER")
    assert Item.objects.get().not_applicable
    assert "取消“不适用”" in client.get("/materials/").content.decode()
    mark(client, "OTHER", "off")
    assert not Item.objects.get().not_applicable


def test_twice_is_one_event(client, draft):
    mark(client, "OTHER", "on")
    mark(client, "OTHER", "on")
    assert Event.objects.filter(action=Action.NOT_APPLICABLE_SET).count() == 1


def test_not_a_required_one(client, draft):
    answer = mark(client, "ID", "on")
    assert (answer.status_code, errors(answer)) == (422, ["required"])


def test_not_one_with_pictures(client, draft):
    factories.make_photo(draft, "OTHER")
    answer = mark(client, "OTHER", "on")
    assert (answer.status_code, errors(answer)) == (422, ["not_empty"])


def test_closed_and_locked(client, draft):
    factories.submit(draft)
    assert mark(client, "OTHER", "on").status_code == 409
    other = factories.draft()
    factories.close_window(other.session)
    client.force_login(other.candidate.user)
    assert errors(mark(client, "OTHER", "on")) == ["closed"]


def test_not_yours(client, draft):
    assert mark(client, "NOPE", "on").status_code == 404
    assert mark(client, "OTHER", "perhaps").status_code == 404
    client.logout()
    assert mark(client, "OTHER", "on").status_code == 302

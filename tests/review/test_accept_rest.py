"""Accepting all that remain, at one press."""

import pytest

from candidates.models import Event
from candidates.refusals import Stale
from candidates.services.events import Actor
from materials.models import Item
from review.services import claims, verdicts

from . import desk


def test_what_has_no_verdict_is_accepted(application, at_site) -> None:
    desk.ask(at_site, application, "EDU", note="Page 2 is missing")
    client = desk.signed_in(at_site)

    answer = desk.press(client, application, "accept-rest/")

    assert answer["Location"] == desk.address(application) + "#finish"
    found = {
        item.category.code: item.verdict for item in Item.objects.select_related("category") if item.photos.exists()
    }
    assert found.pop("EDU") == "change_requested"
    assert set(found.values()) == {"accepted"}
    assert Item.objects.get(category__code="EDU").note == "Page 2 is missing"
    assert Event.objects.filter(action="verdict_given", actor=at_site).count() == 1 + len(found)


def test_each_can_be_undone(application, at_site) -> None:
    desk.press(desk.signed_in(at_site), application, "accept-rest/")
    desk.judge(at_site, application, "ID", "pending")

    assert Item.objects.get(category__code="ID").verdict == "pending"
    assert Item.objects.get(category__code="EDU").verdict == "accepted"


def test_items_without_pictures_stay_as_they_are(application, at_site) -> None:
    verdicts.accept_rest(Actor(at_site), application.pk, version=desk.now_of(application).version)

    empty = [item for item in Item.objects.all() if not item.photos.exists()]
    assert all(item.verdict == "pending" for item in empty)


def test_the_next_stage_gives_its_own_verdicts(application, at_site, at_region) -> None:
    desk.accept_all(at_site, application)
    desk.finish(at_site, application, "pass")

    verdicts.accept_rest(Actor(at_region), application.pk, version=desk.now_of(application).version)

    assert {item.verdict_stage for item in Item.objects.all() if item.photos.exists()} == {"region"}


def test_what_the_region_asked_for_is_not_accepted_at_one_press(application, at_site, at_region) -> None:
    desk.accept_all(at_site, application)
    desk.finish(at_site, application, "pass")
    desk.ask(at_region, application, "EDU")
    desk.finish(at_region, application, "send_back", note="Look at the diploma again")

    verdicts.accept_rest(Actor(at_site), application.pk, version=desk.now_of(application).version)

    assert Item.objects.get(category__code="EDU").verdict == "change_requested"


def test_a_stale_page_accepts_nothing(application, at_site) -> None:
    version = desk.now_of(application).version
    desk.judge(at_site, application, "EDU")

    with pytest.raises(Stale):
        verdicts.accept_rest(Actor(at_site), application.pk, version=version)
    assert Item.objects.get(category__code="ID").verdict == "pending"


def test_nothing_left_changes_nothing(application, at_site) -> None:
    desk.accept_all(at_site, application)
    before = desk.now_of(application).version

    verdicts.accept_rest(Actor(at_site), application.pk, version=before)

    assert desk.now_of(application).version == before


def test_only_who_holds_it(application, at_site, at_site_too) -> None:
    claims.claim(Actor(at_site), application.pk)

    assert desk.press(desk.signed_in(at_site_too), application, "accept-rest/").status_code == 409

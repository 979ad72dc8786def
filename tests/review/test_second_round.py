"""A resubmission on the screen: what changed, old beside new, and why (docs/product.md, "Reviewer")."""

import pytest

from materials.models import Item, Photo

from . import desk

pytestmark = pytest.mark.django_db


def test_old_beside_new_with_request_and_reply(application, at_site) -> None:
    desk.send_for_correction(at_site, application, "EDU", note="印章看不清")
    old = Photo.objects.get(item__application=application, item__category__code="EDU")
    desk.resubmit(application, "EDU", reply="已重新盖章")
    html = desk.page(desk.signed_in(at_site), application)

    new = Photo.objects.get(item=old.item, superseded_at=None)
    assert f'data-replaced-photo="{old.pk}"' in html
    assert f'data-photo="{new.pk}"' in html
    assert f'data-photo="{old.pk}"' not in html
    assert "印章看不清" in html
    assert "已重新盖章" in html
    assert desk.marks(html, "EDU")["photos"] == "1"
    assert desk.marks(html, "EDU")["verdict"] == "pending"


def test_what_did_not_change_is_folded(application, at_site) -> None:
    desk.send_for_correction(at_site, application, "EDU")
    desk.resubmit(application, "EDU")
    html = desk.page(desk.signed_in(at_site), application)

    before, _, folded = html.partition("accepted before and unchanged")
    assert 'data-item="EDU"' in before
    assert 'data-item="ID"' in folded
    assert "1 of 2 judged" in html


def test_only_the_last_round_is_compared(application, at_site) -> None:
    for _ in range(2):
        desk.send_for_correction(at_site, application, "EDU")
        desk.resubmit(application, "EDU")
    replaced = Photo.objects.filter(item__application=application).exclude(superseded_at=None).order_by("superseded_at")
    first, second = replaced
    html = desk.page(desk.signed_in(at_site), application)

    assert f'data-replaced-photo="{second.pk}"' in html
    assert str(first.pk) not in html


def test_only_the_last_requests_are_shown(application, at_site) -> None:
    desk.send_for_correction(at_site, application, "EDU", note="第一次的要求")
    desk.resubmit(application, "EDU")
    desk.send_for_correction(at_site, application, "ID", note="第二次的要求")
    desk.resubmit(application, "ID")
    before_history = desk.page(desk.signed_in(at_site), application).partition('id="decisions"')[0]

    assert "第二次的要求" in before_history
    assert "第一次的要求" not in before_history


def test_a_new_request_begins_without_the_old_reply(application, at_site) -> None:
    desk.send_for_correction(at_site, application, "EDU")
    desk.resubmit(application, "EDU", reply="已改")
    assert Item.objects.get(application=application, category__code="EDU").reply == "已改"

    desk.send_for_correction(at_site, application, "EDU")
    assert Item.objects.get(application=application, category__code="EDU").reply == ""


def test_for_the_region_everything_is_new(application, at_site, at_region) -> None:
    desk.send_for_correction(at_site, application, "EDU")
    desk.resubmit(application, "EDU")
    desk.accept_all(at_site, application)
    desk.finish(at_site, application, "pass")

    html = desk.page(desk.signed_in(at_region), application)
    assert "accepted before and unchanged" not in html
    assert "0 of 2 judged" in html


def test_who_judged_before_is_not_said_of_what_is_to_be_judged_anew(application, at_site) -> None:
    desk.send_for_correction(at_site, application, "EDU")
    desk.resubmit(application, "EDU")
    html = desk.page(desk.signed_in(at_site), application)

    section = html.partition('data-item="EDU"')[2].partition("</header>")[0]
    assert "Pending" in section
    assert "王审核" not in section


def test_a_picture_that_stayed_is_not_called_new(application, at_site) -> None:
    desk.send_for_correction(at_site, application, "ID")
    desk.resubmit(application, "ID")
    html = desk.page(desk.signed_in(at_site), application)

    section = html.partition('data-item="ID"')[2].partition("</section>")[0]
    assert section.count("is-new") == 1
    assert section.count("unchanged</span>") == 1
    assert section.count("data-replaced-photo") == 1

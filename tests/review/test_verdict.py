"""Judging one item (docs/product.md, rule 5)."""

import pytest

from candidates.models import Event, Message
from candidates.refusals import Refusal
from candidates.services.events import Actor
from materials.models import Category, Item
from review.services import claims, verdicts
from tests import factories

from . import desk


def item_of(application, code) -> Item:
    return Item.objects.select_related("reason").get(application=application, category__code=code)


def test_accepting_is_saved_at_once_and_the_candidate_learns_nothing(application, at_site) -> None:
    response = desk.press(desk.signed_in(at_site), application, "items/ID/", verdict="accepted")

    assert response.status_code == 303
    assert response["Location"] == desk.address(application) + "#item-EDU"
    item = item_of(application, "ID")
    assert (item.verdict, item.shown_verdict, item.locked) == ("accepted", "pending", True)
    assert (item.verdict_by, item.verdict_stage) == (at_site, "site")
    assert not Message.objects.filter(kind="returned").exists()
    event = Event.objects.get(action="verdict_given")
    assert (event.actor, event.facts["item"], event.facts["verdict"]) == (at_site, "ID", "accepted")


def test_every_verdict_makes_a_new_version(application, at_site) -> None:
    before = desk.now_of(application).version
    desk.judge(at_site, application, "ID")

    assert desk.now_of(application).version == before + 1


def test_asking_for_a_change(application, at_site) -> None:
    fields = {"verdict": "change_requested", "reason": "NO_SEAL", "note": "第二页"}
    response = desk.press(desk.signed_in(at_site), application, "items/EDU/", **fields)

    assert response.status_code == 303
    item = item_of(application, "EDU")
    assert (item.verdict, item.reason.code, item.note, item.locked) == ("change_requested", "NO_SEAL", "第二页", True)
    assert item.shown_verdict == "pending"


def test_the_way_leads_on_to_what_waits_then_to_the_finish(application, at_site) -> None:
    client = desk.signed_in(at_site)

    assert desk.press(client, application, "items/EDU/", verdict="accepted")["Location"].endswith("#item-ID")
    assert desk.press(client, application, "items/ID/", verdict="accepted")["Location"].endswith("#finish")


def test_the_way_goes_down_the_page_before_it_comes_back_to_the_top(db) -> None:
    session = factories.make_session(codes=[])
    for code in "ABC":
        factories.CategoryFactory(session=session, code=code)
    application = factories.submitted(session)
    client = desk.signed_in(factories.site_reviewer(application.site))

    for code, then in (("B", "#item-C"), ("C", "#item-A"), ("A", "#finish")):
        response = desk.press(client, application, f"items/{code}/", verdict="accepted")
        assert response["Location"].endswith(then)


def test_a_line_end_counts_as_one_character_as_the_field_counts_it(application, at_site) -> None:
    client = desk.signed_in(at_site)
    fields = {"verdict": "change_requested", "reason": "BLUR", "note": "字\r\n" * 1000}

    assert desk.press(client, application, "items/ID/", **fields).status_code == 303

    assert item_of(application, "ID").note == ("字\n" * 1000).strip()


def test_undoing_keeps_the_item_in_view_and_drops_the_request(application, at_site) -> None:
    desk.ask(at_site, application, "EDU", note="x")
    response = desk.press(desk.signed_in(at_site), application, "items/EDU/", verdict="pending", note="x")

    assert response["Location"].endswith("#item-EDU")
    item = item_of(application, "EDU")
    assert (item.verdict, item.reason, item.note) == ("pending", None, "")


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"verdict": "change_requested"}, 422, "reason"),
        ({"verdict": "change_requested", "reason": "NO_SUCH"}, 422, "reason"),
        ({"verdict": "change_requested", "reason": "NO_SEAL"}, 422, "reason"),  # of another category
        ({"verdict": "change_requested", "reason": "FALSE"}, 422, "reason"),  # for rejecting
        ({"verdict": "wonderful"}, 422, "verdict"),
        ({"verdict": ""}, 422, "verdict"),
        ({"verdict": "change_requested", "reason": "BLUR", "note": "字" * 2001}, 422, "too_long"),
    ],
)
def test_refusals_change_nothing_and_keep_what_was_typed(application, at_site, fields, status, code) -> None:
    before = desk.now_of(application).version
    with pytest.raises(Refusal) as refused:
        desk.judge(at_site, application, "ID", **fields)
    assert (refused.value.code, refused.value.status) == (code, status)

    client = desk.signed_in(at_site)
    response = desk.press(client, application, "items/ID/", **({"note": "请看这里"} | fields))
    assert response.status_code == status
    assert fields.get("note", "请看这里") in response.content.decode()
    assert item_of(application, "ID").verdict == "pending"
    assert desk.now_of(application).version == before
    assert "verdict_given" not in Event.objects.values_list("action", flat=True)


def test_a_reason_out_of_use_is_refused(application, at_site) -> None:
    factories.ReasonFactory(code="OLD", is_active=False)
    with pytest.raises(Refusal):
        desk.ask(at_site, application, "ID", reason="OLD")


def test_a_regions_own_reason_comes_before_everybodys(application, at_site) -> None:
    own = factories.ReasonFactory(code="BLUR", region=application.session.region, name_zh="本区：模糊", name_en="")
    factories.ReasonFactory(code="BLUR", region=factories.RegionFactory(), name_zh="别区：模糊", name_en="")
    desk.ask(at_site, application, "ID")

    assert item_of(application, "ID").reason == own
    html = desk.page(desk.signed_in(at_site), application)
    assert "本区：模糊" in html
    assert "别区：模糊" not in html


def test_what_another_holds_is_refused_and_the_text_kept(application, at_site, at_site_too) -> None:
    claims.claim(Actor(at_site_too), application.pk)
    fields = {"verdict": "change_requested", "reason": "BLUR", "note": "看不清姓名"}
    response = desk.press(desk.signed_in(at_site), application, "items/ID/", **fields)

    assert response.status_code == 409
    assert "李审核" in response.content.decode()
    assert "看不清姓名" in response.content.decode()
    assert item_of(application, "ID").verdict == "pending"


@pytest.mark.parametrize("status", ["passed", "rejected", "returned", "draft", "published"])
def test_only_while_it_waits_for_review(session, status) -> None:
    if status == "draft":
        application = factories.draft(session)
    elif status == "returned":
        application = factories.returned(session)
    elif status == "published":
        application = factories.decided("passed", session)
        factories.publish(session)
    else:
        application = factories.decided(status, session)
    admin = factories.administrator()

    response = desk.press(desk.signed_in(admin), application, "items/ID/", verdict="accepted")
    assert response.status_code == 409
    with pytest.raises(Refusal) as refused:
        desk.judge(admin, application, "ID")
    assert refused.value.code == ("published" if status == "published" else "state")


def test_an_unknown_item_is_a_404(application, at_site) -> None:
    assert desk.press(desk.signed_in(at_site), application, "items/NOPE/", verdict="accepted").status_code == 404


def test_an_item_that_is_not_this_candidates_is_a_404(session, application, at_site) -> None:
    factories.CategoryFactory(session=session, code="DENTIST", tracks=["dental"])

    assert desk.press(desk.signed_in(at_site), application, "items/DENTIST/", verdict="accepted").status_code == 404
    with pytest.raises(Category.DoesNotExist):
        verdicts.unlock_item(
            Actor(at_site), application.pk, "DENTIST", version=desk.now_of(application).version, reason="BLUR"
        )


def test_a_missing_picture_can_be_asked_for(application, at_site) -> None:
    desk.ask(at_site, application, "OTHER", note="请补交")

    item = item_of(application, "OTHER")
    assert (item.verdict, item.locked) == ("change_requested", True)


@pytest.mark.parametrize("version", [None, "", "x", "-1", "9" * 400])
def test_a_form_without_its_version_is_refused(application, at_site, version) -> None:
    fields = {"verdict": "accepted", "note": "打好的字"} | ({} if version is None else {"version": version})
    response = desk.signed_in(at_site).post(desk.address(application, "items/ID/"), fields)

    assert response.status_code in (409, 422)
    assert "打好的字" in response.content.decode()
    assert item_of(application, "ID").verdict == "pending"


@pytest.mark.parametrize("note", ["<script>alert(1)</script>", "\u202eevil", "𠮷野家", "'; DROP TABLE", "{{ note }}"])
def test_naughty_notes_are_shown_inert(application, at_site, note) -> None:
    desk.ask(at_site, application, "ID", note=note)

    assert item_of(application, "ID").note == note
    html = desk.page(desk.signed_in(at_site), application)
    assert "<script>alert" not in html


def test_extra_fields_change_nothing(application, at_site) -> None:
    fields = {"verdict": "accepted", "locked": "false", "shown_verdict": "accepted", "status": "passed"}
    desk.press(desk.signed_in(at_site), application, "items/ID/", **fields)

    item = item_of(application, "ID")
    assert (item.locked, item.shown_verdict, desk.now_of(application).status) == (True, "pending", "submitted")

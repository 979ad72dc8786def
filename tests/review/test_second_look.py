"""A pass that chance drew is judged once more, by somebody who sees nothing of what was found before."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from candidates.models import Event, ExamSession, User
from candidates.refusals import Refusal
from candidates.services.events import Actor
from materials.services.submission import reply_to_request
from review.models import Decision, SecondLook
from review.services import draws, second_looks
from tests import factories

from . import desk

pytestmark = pytest.mark.usefixtures("every_pass_drawn")
NEXT = "/admin/review/second/next/"
TYPED = "第三行的姓名与证件不一致"
FINE = {"opinion-ID": "fine", "opinion-EDU": "fine", "opinion-OTHER": "fine"}
CHANGE = {**FINE, "opinion-EDU": "change", "reason-EDU": "NO_SEAL", "note-EDU": TYPED}


def address(look: SecondLook) -> str:
    return f"/admin/review/second/{look.pk}/"


def take(user: User) -> SecondLook | None:
    return second_looks.claim_next(Actor(user))


# --- drawing ---------------------------------------------------------------------------------------


def test_nothing_is_drawn_unless_the_session_says_so(session, application, at_site, at_region) -> None:
    ExamSession.objects.update(second_look_percent=0)
    desk.pass_through(application, at_site, at_region)

    assert not SecondLook.objects.exists()


@pytest.mark.parametrize(("drawn", "expected"), [(0, 1), (29, 1), (30, 0), (99, 0)])
def test_a_pass_is_drawn_with_the_sessions_probability(
    session, application, at_site, at_region, monkeypatch, drawn, expected
) -> None:
    asked = []
    monkeypatch.setattr(draws, "randbelow", lambda most: asked.append(most) or drawn)
    ExamSession.objects.update(second_look_percent=30)

    desk.pass_through(application, at_site, at_region)

    assert SecondLook.objects.count() == expected
    assert asked == [100]  # once, at the last stage


def test_only_a_pass_at_the_last_stage_is_drawn(application, at_site, at_region) -> None:
    desk.pass_through(application, at_site)
    assert not SecondLook.objects.exists()

    desk.ask(at_region, application, "EDU")
    desk.finish(at_region, application, "return")
    assert not SecondLook.objects.exists()

    desk.resubmit(application, "EDU")
    desk.pass_through(application, at_region)
    look = SecondLook.objects.get()
    assert (look.application, look.decision) == (application, Decision.objects.last())


def test_drawing_leaves_no_trace_for_the_first_reviewer(application, at_region, look) -> None:
    assert not Event.objects.filter(action__startswith="second").exists()
    client = desk.signed_in(at_region)
    assert "second" not in client.get("/admin/").content.decode().lower()
    assert client.get(address(look)).status_code == 404
    assert client.post(address(look), FINE).status_code == 404
    assert take(at_region) is None


def test_unlocking_ends_the_look_and_a_new_pass_is_drawn_anew(application, at_region, look, second) -> None:
    desk.unlock(at_region, application, "EDU")

    look.refresh_from_db()
    assert look.taken_back_at is not None
    assert take(second) is None

    desk.resubmit(application, "EDU")
    desk.pass_through(application, at_region)
    anew = SecondLook.objects.get(taken_back_at=None)
    assert anew.pk != look.pk
    assert anew.decision.round == 2
    assert take(second) == anew


# --- the next one ----------------------------------------------------------------------------------


def test_the_oldest_is_claimed_for_one_alone(session, application, look, second) -> None:
    later = factories.decided("passed", session, site=application.site)
    third = factories.region_reviewer(session.region)
    client = desk.signed_in(second)

    assert client.get(NEXT)["Location"] == address(look)

    look.refresh_from_db()
    assert look.reviewer == second
    assert timedelta(minutes=29) < look.expires_at - timezone.now() <= timedelta(minutes=30)
    assert take(third) == later.second_looks.get()
    assert client.get(NEXT)["Location"] == address(look)  # what is still held comes first
    claimed = Event.objects.filter(action="second_look_claimed", actor=second)
    assert claimed.filter(candidate=application.candidate).count() == 1


def test_a_claim_that_lapsed_is_free(session, look, second) -> None:
    take(second)
    third = factories.region_reviewer(session.region)
    assert take(third) is None
    SecondLook.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert take(third) == look


def test_none_waits(session, second) -> None:
    response = desk.signed_in(second).get(NEXT, follow=True)

    assert response.redirect_chain == [("/admin/", 302)]
    assert "No second look waits for you now." in response.content.decode()


def test_nobody_who_decided_before(session, application, at_site, at_site_too, at_region, second) -> None:
    """Neither in this round nor in an earlier one, nor whoever judged a single item and left the rest to others."""
    earlier, judged = factories.region_reviewer(session.region), factories.administrator()
    both = factories.administrator()
    desk.pass_through(application, at_site)
    desk.send_for_correction(earlier, application, "EDU")
    desk.resubmit(application, "EDU")
    desk.judge(judged, application, "EDU")
    application.claim.delete()
    desk.finish(at_region, application, "pass")

    for user in (earlier, judged, at_region, at_site):
        assert take(user) is None, user
    look = SecondLook.objects.get()
    for user in (earlier, judged, at_region, at_site):
        assert desk.signed_in(user).get(address(look)).status_code == 404, user
    assert take(both) == look


def test_only_the_role_of_the_last_stage_in_scope(session, look, at_site_too) -> None:
    others = factories.make_session()
    users = [at_site_too, factories.region_staff(session.region), factories.region_reviewer(others.region)]

    assert [take(user) for user in users] == [None] * 3
    assert [desk.signed_in(user).get(address(look)).status_code for user in users] == [403, 403, 404]
    for user, error in zip(users, (Refusal, Refusal, ObjectDoesNotExist), strict=True):
        with pytest.raises(error):
            desk.look_again(user, look)
    assert take(factories.administrator()) == look


def test_where_the_site_decides_alone_another_of_the_site_looks(session, at_site_too) -> None:
    ExamSession.objects.update(stages="site")
    application = factories.submitted(ExamSession.objects.get(), site=at_site_too.site)
    desk.pass_through(application, factories.site_reviewer(application.site))

    assert take(at_site_too) == SecondLook.objects.get()
    assert take(factories.region_reviewer(session.region)) is None


# --- the page --------------------------------------------------------------------------------------


def test_the_page_shows_the_candidate_and_every_item(application, look, second) -> None:
    client = desk.signed_in(second)
    html = client.get(client.get(NEXT)["Location"]).content.decode()

    assert f'data-second-look="{look.pk}"' in html
    for text in (
        application.candidate.name,
        application.candidate.id_number,
        application.candidate.registration_number,
    ):
        assert text in html
    assert re.findall(r'data-item="(\w+)"', html) == ["ID", "EDU", "OTHER"]
    assert html.count("data-photo=") == 3
    assert "examples/EDU" in html
    assert 'value="NO_SEAL"' in html.split('data-item="EDU"')[1].split("</section>")[0]
    assert 'value="NO_SEAL"' not in html.split('data-item="ID"')[1].split("</section>")[0]


def test_the_page_is_blind(application, at_site, at_region, second) -> None:
    """Nothing of who decided before, what they asked for, wrote and found; nor a way to where that stands."""
    desk.send_for_correction(at_site, application, "EDU", note="扫描件发黄")
    desk.replace_picture(application, "EDU")
    candidate = application.candidate
    reply_to_request(Actor(candidate.user), candidate, "EDU", "已重新拍摄")
    factories.submit(application)
    desk.accept_all(at_site, application)
    desk.finish(at_site, application, "pass", note="考点意见")
    desk.accept_all(at_region, application)
    desk.finish(at_region, application, "pass", note="考区意见")
    client = desk.signed_in(second)

    html = client.get(client.get(NEXT)["Location"]).content.decode()

    hidden = [
        at_site.name,
        at_region.name,
        "扫描件发黄",
        "考点意见",
        "考区意见",
        "Accepted",
        "round",
        "replaced",
        "unchanged",
    ]
    hidden += ["data-verdict", "data-replaced-photo", reverse("review_screen", args=[application.pk]), "/events/"]
    hidden += [reverse("admin:materials_application_change", args=[application.pk]), "Asked for", "verdict"]
    assert [text for text in hidden if text in html] == []
    assert "已重新拍摄" in html  # handed in by the candidate, with the pictures


def test_the_page_writes_nothing(look, second) -> None:
    client = desk.signed_in(second)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address(look)).status_code == 200
    assert not [query["sql"] for query in queries if re.match("INSERT|UPDATE|DELETE", query["sql"])]


def test_the_same_number_of_queries(session, second) -> None:
    counts = []
    client = desk.signed_in(second)
    client.get("/admin/")
    for codes in (["EDU"], ["ID", "EDU", "OTHER"]):
        other = factories.make_session(codes=codes, region=session.region, second_look_percent=100)
        look = factories.decided("passed", other).second_looks.get()
        for path in (address(look), "/admin/"):
            with CaptureQueriesContext(connection) as queries:
                client.get(path)
            counts.append(len(queries))

    assert counts[:2] == counts[2:]


def test_the_front_page_says_how_many_wait(session, application, look, second) -> None:
    client = desk.signed_in(second)
    assert "1 second look waits for you." in client.get("/admin/").content.decode()
    factories.decided("passed", session, site=application.site)
    html = client.get("/admin/").content.decode()
    assert "2 second looks wait for you." in html
    assert f'href="{NEXT}"' in html

    take(factories.region_reviewer(session.region))
    assert "1 second look waits for you." in client.get("/admin/").content.decode()
    take(factories.administrator())
    assert "second look" not in client.get("/admin/").content.decode()

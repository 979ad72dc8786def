"""Second looks in numbers, and what regional staff do where one disagrees."""

import re

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from candidates.models import Event, ExamSession, User
from candidates.refusals import Refusal
from candidates.services.events import Actor
from materials.models import Application
from review.models import SecondLook
from review.rules import Answer
from review.services import second_looks
from review.services.publication import plan_publication, publish_results
from review.statistics import agreement_of, count_reviews
from tests import factories

from . import desk

pytestmark = pytest.mark.usefixtures("every_pass_drawn")
TYPED = "两处印章清楚"


@pytest.fixture
def staff(session) -> User:
    return factories.region_staff(session.region, name="钱考务")


def passed_by(reviewer: User, session: ExamSession) -> SecondLook:
    """The second look at an application that this reviewer of the region passed."""
    application = factories.submitted(session)
    factories.review(application, "pass")
    desk.accept_all(reviewer, application)
    desk.finish(reviewer, application, "pass", note="原件清楚")
    return SecondLook.objects.get(application=application)


@pytest.fixture
def disagreement(session, at_region, second) -> SecondLook:
    return desk.look_again(second, passed_by(at_region, session), EDU=Answer("change", "NO_SEAL", "左下角<b>"))


def address(session: ExamSession) -> str:
    return reverse("staff_disagreements", args=[session.code])


def settle(client, look: SecondLook, note: str = TYPED, /, **fields: object):
    given = {"look": look.pk, "version": desk.now_of(look.application).version, "note": note, **fields}
    return client.post(address(look.application.session), given)


def stands(user: User, look: SecondLook, note: str = TYPED) -> SecondLook:
    version = desk.now_of(look.application).version
    return second_looks.let_pass_stand(Actor(user), look.pk, version=version, note=note)


# --- in numbers ------------------------------------------------------------------------------------


def test_nothing_drawn(session, staff) -> None:
    assert agreement_of(count_reviews(session)) == []
    html = desk.signed_in(staff).get(reverse("staff_reviews", args=[session.code])).content.decode()
    assert "Nothing was drawn for a second look yet." in html


def test_the_rate_overall_and_for_each_first_reviewer(session, at_region, second, staff) -> None:
    other = factories.region_reviewer(session.region, name="吴复核")
    looks = [passed_by(at_region, session) for _ in range(4)]
    desk.look_again(second, looks[0])
    desk.look_again(second, looks[1], ID=Answer("change", "BLUR"), EDU=Answer("change", "BLUR"))
    desk.look_again(second, looks[2])
    desk.look_again(second, passed_by(other, session))

    rows = agreement_of(count_reviews(session))

    assert [(row.reviewer, row.drawn, row.done, row.agreed, row.disagreed) for row in rows] == [
        (None, 5, 4, 3, 1),
        (at_region, 4, 3, 2, 1),
        (other, 1, 1, 1, 0),
    ]
    assert [round(row.rate, 1) for row in rows] == [25.0, 33.3, 0.0]
    html = desk.signed_in(staff).get(reverse("staff_reviews", args=[session.code])).content.decode()
    assert "33.3 %" in html
    assert f'href="{address(session)}"' in html
    assert "1 disagreement to settle" in html


def test_a_pass_taken_back_counts_once_it_was_answered(session, at_region, second) -> None:
    waiting, disagreed = passed_by(at_region, session), passed_by(at_region, session)
    desk.look_again(second, disagreed, EDU=Answer("change", "BLUR"))
    for look in (waiting, disagreed):
        desk.unlock(at_region, look.application, "EDU")

    overall, _first = agreement_of(count_reviews(session))

    assert (overall.drawn, overall.done, overall.disagreed) == (1, 1, 1)
    assert overall.rate == 100


def test_other_sessions_do_not_count(session, disagreement) -> None:
    assert agreement_of(count_reviews(factories.make_session())) == []


# --- the page --------------------------------------------------------------------------------------


def test_the_page_shows_both_reviews_and_the_way_to_unlock(session, disagreement, staff, at_region, second) -> None:
    html = desk.signed_in(staff).get(address(session)).content.decode()

    assert f'data-second-look="{disagreement.pk}"' in html
    for text in (at_region.name, second.name, "原件清楚", "No seal", "左下角&lt;b&gt;", "Accepted"):
        assert text in html
    assert f'{desk.address(disagreement.application)}#item-EDU"' in html
    assert "#item-ID" not in html


def test_an_agreement_is_not_on_the_page(session, at_region, second, staff) -> None:
    desk.look_again(second, passed_by(at_region, session))

    html = desk.signed_in(staff).get(address(session)).content.decode()

    assert "No disagreement waits to be settled." in html
    assert "data-second-look" not in html


@pytest.mark.parametrize("count", [1, 3])
def test_the_same_number_of_queries(session, at_region, second, staff, count) -> None:
    client = desk.signed_in(staff)
    for _ in range(count):
        desk.look_again(second, passed_by(at_region, session), EDU=Answer("change", "BLUR"))
        stands(staff, desk.look_again(at_region, passed_by(second, session), EDU=Answer("change", "BLUR")))
    counts = []
    for path in (address(session), reverse("staff_reviews", args=[session.code])):
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        counts.append(len(queries))

    assert counts == [8, 12]


# --- settling --------------------------------------------------------------------------------------


def test_the_pass_stands_and_why_is_recorded(session, disagreement, staff) -> None:
    client = desk.signed_in(staff)

    assert settle(client, disagreement)["Location"] == address(session)

    disagreement.refresh_from_db()
    assert (disagreement.settled_by, disagreement.settlement) == (staff, TYPED)
    event = Event.objects.get(action="second_look_settled")
    assert (event.actor, event.candidate) == (staff, disagreement.application.candidate)
    html = client.get(address(session)).content.decode()
    assert "No disagreement waits to be settled." in html
    assert TYPED in html.split("<h2>Settled</h2>")[1]
    assert desk.now_of(disagreement.application).status == "passed"


@pytest.mark.parametrize(("note", "fault"), [("  \n", "Write a note"), ("长" * 2001, "2001 characters")])
def test_settling_needs_a_note(session, disagreement, staff, note, fault) -> None:
    response = settle(desk.signed_in(staff), disagreement, note)

    assert response.status_code == 422
    html = response.content.decode()
    assert fault in html
    if note.strip():
        assert note in html.split("</article>")[0]
    disagreement.refresh_from_db()
    assert disagreement.settled_at is None


@pytest.mark.parametrize("fields", [{"version": ""}, {"look": "x"}, {"look": ""}])
def test_a_damaged_form_keeps_its_text(session, disagreement, staff, fields) -> None:
    response = settle(desk.signed_in(staff), disagreement, **fields)

    assert response.status_code == 422
    assert TYPED in response.content.decode()


def test_settling_what_somebody_settled_already(session, disagreement, staff) -> None:
    stands(factories.region_staff(session.region, name="郑考务"), disagreement, "清楚")

    response = settle(desk.signed_in(staff), disagreement)

    assert response.status_code == 409
    html = response.content.decode()
    assert re.search(r"郑考务 settled this on \w+day \d+ \w+ \d{4}, \d\d:\d\d", html)
    assert TYPED in html


def test_settling_from_an_old_page(session, disagreement, staff) -> None:
    version = desk.now_of(disagreement.application).version
    Application.objects.update(version=version + 1)

    response = settle(desk.signed_in(staff), disagreement, version=version)

    assert response.status_code == 409
    html = response.content.decode()
    assert "Meanwhile: Review finished, by 赵复核" in html
    assert TYPED in html.split("</article>")[0]


def test_unlocking_settles_it_the_other_way(session, disagreement, staff, at_region) -> None:
    desk.unlock(at_region, disagreement.application, "EDU")

    client = desk.signed_in(staff)
    response = settle(client, disagreement)
    assert response.status_code == 409
    html = response.content.decode()
    assert "Meanwhile: Item unlocked, by 赵复核" in html
    assert TYPED in html
    html = client.get(address(session)).content.decode()
    assert "No disagreement waits to be settled." in html
    assert "The pass was taken back" in html


def test_only_the_regions_staff_settle(session, disagreement, at_region, second) -> None:
    for user in (at_region, second, factories.site_reviewer(disagreement.application.site)):
        with pytest.raises(Refusal) as refused:
            stands(user, disagreement)
        assert refused.value.code == "role"
        assert settle(desk.signed_in(user), disagreement).status_code == 403
    stranger = factories.region_staff(factories.RegionFactory())
    with pytest.raises(ObjectDoesNotExist):
        stands(stranger, disagreement)
    assert settle(desk.signed_in(stranger), disagreement).status_code == 404
    stands(factories.administrator(), disagreement)


def test_what_agrees_or_waits_cannot_be_settled(session, at_region, second, staff) -> None:
    waiting = passed_by(at_region, session)
    for look in (waiting, desk.look_again(second, passed_by(at_region, session))):
        with pytest.raises(ObjectDoesNotExist):
            stands(staff, look)


# --- publication -----------------------------------------------------------------------------------


def obstacles(session: ExamSession) -> list[str]:
    return [str(obstacle) for obstacle in plan_publication(session).obstacles]


def test_what_still_waits_does_not_stand_in_the_way(session, at_region) -> None:
    passed_by(at_region, session)
    factories.close_window(session)

    assert obstacles(session) == []


def test_an_unsettled_disagreement_does(session, disagreement, staff) -> None:
    factories.close_window(session)

    (obstacle,) = obstacles(session)
    assert re.search(r"\b1\b|1 份", obstacle)
    with pytest.raises(Refusal) as refused:
        publish_results(Actor(staff), session.code)
    assert refused.value.code == "obstacles"

    stands(staff, disagreement)
    assert obstacles(session) == []
    publish_results(Actor(staff), session.code)


def test_a_pass_that_was_taken_back_does_not(session, disagreement, at_region) -> None:
    desk.unlock(at_region, disagreement.application, "EDU")
    factories.close_window(session)

    assert obstacles(session) == []

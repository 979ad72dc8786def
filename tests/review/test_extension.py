"""One candidate's own deadline: who may give it, when, and what is kept when it is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from candidates import dates, texts
from candidates.models import Event, Message, Region
from candidates.refusals import Refusal
from candidates.services.events import Actor
from materials.models import Application
from materials.services.extension import extend_deadline
from tests import factories
from tests.candidates.staff_pages import signed_in
from tests.review.desk import now_of

pytestmark = pytest.mark.django_db
LATER = timedelta(days=30)


@pytest.fixture
def application():
    return factories.returned()


@pytest.fixture
def staff(application):
    return factories.region_staff(application.session.region, name="孙考务")


@pytest.fixture
def browser(staff):
    return signed_in(staff)


def address(application) -> str:
    return reverse("staff_extension", args=[application.pk])


def fields(application, **changes):
    later = timezone.localtime(timezone.now() + LATER)
    version = now_of(application).version
    return {"version": version, "until": f"{later:%Y-%m-%dT%H:%M}", "reason": "住院", **changes}


def test_the_deadline_is_extended_recorded_and_told(application, staff, browser):
    assert browser.get(address(application)).status_code == 200

    response = browser.post(address(application), fields(application, until="2030-05-01T18:00"))

    assert response.status_code == 303
    fresh = now_of(application)
    assert fresh.corrections_until == datetime(2030, 5, 1, 10, tzinfo=UTC)
    event = Event.objects.get(action="deadline_extended")
    assert (event.actor, event.candidate, event.facts["reason"]) == (staff, application.candidate, "住院")
    assert Message.objects.filter(candidate=application.candidate, kind="extended").count() == 1


def test_the_time_is_the_regions(application, browser):
    Region.objects.filter(pk=application.session.region_id).update(time_zone="Asia/Urumqi")

    browser.post(address(application), fields(application, until="2030-05-01T18:00"))

    assert now_of(application).corrections_until == datetime(2030, 5, 1, 12, tzinfo=UTC)
    page = browser.get(address(application)).content.decode()
    assert '<time datetime="2030-05-01T18:00:00+06:00">2030年5月1日（周三）18:00</time> (Asia/Urumqi时间)' in page


def test_the_history_tells_it_as_an_end(application, browser):
    browser.post(address(application), fields(application, until="2030-05-02T00:00"))
    page = browser.get(f"/admin/review/{application.pk}/").content.decode()
    assert "→ 2030年5月1日（周三）24:00 · 住院" in page.split('id="history"')[1]


def test_the_candidate_may_correct_after_the_sessions_deadline(application, staff):
    factories.close_window(application.session)
    with pytest.raises(Refusal) as refused:
        factories.submit(now_of(application))
    assert refused.value.code == "closed"
    version = now_of(application).version

    extend_deadline(
        Actor(staff), application.pk, version=version, until=timezone.now() + timedelta(hours=1), reason="住院"
    )

    with pytest.raises(Refusal) as refused:  # now it is only unchanged
        factories.submit(now_of(application))
    assert refused.value.code == "unchanged"


def test_while_it_is_under_review_nobody_is_told_yet(staff, browser, application):
    waiting = factories.submitted(application.session)

    assert browser.post(address(waiting), fields(waiting)).status_code == 303
    assert not Message.objects.filter(candidate=waiting.candidate, kind="extended").exists()


def test_a_stale_form_says_what_happened_and_keeps_the_text(application, staff, browser):
    data = fields(application, reason="我的理由 <b>")
    other = factories.region_staff(application.session.region, name="钱考务")
    signed_in(other).post(address(application), fields(application))

    response = browser.post(address(application), data)

    html = response.content.decode()
    assert response.status_code == 409
    assert "钱考务" in html
    assert "我的理由 &lt;b&gt;</textarea>" in html
    assert f'value="{data["until"]}"' in html
    assert Event.objects.filter(action="deadline_extended").count() == 1
    again = data | {"version": response.context["form"]["version"].value(), "until": "2031-01-01T08:00"}
    assert browser.post(address(application), again).status_code == 303


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"reason": " "}, 422),
        ({"until": ""}, 422),
        ({"until": "tomorrow"}, 422),
        ({"until": "2020-01-01T10:00"}, 422),
        ({"version": ""}, 422),
        ({"version": "x"}, 422),
    ],
)
def test_a_form_that_makes_no_sense_is_refused_and_keeps_the_text(application, browser, changes, status):
    data = {"reason": "住院治疗", **changes}
    response = browser.post(address(application), fields(application, **data))

    assert response.status_code == status
    assert data["reason"] in response.content.decode()
    assert now_of(application).corrections_until is None


def test_the_form_begins_with_the_deadline_that_holds(application, browser):
    holds = timezone.localtime(application.session.corrections_until)
    assert f'value="{holds:%Y-%m-%dT%H:%M}"' in browser.get(address(application)).content.decode()
    response = browser.post(address(application), fields(application, until=f"{holds:%Y-%m-%dT%H:%M}"))
    assert response.status_code == 422


def test_a_mistyped_year_is_taken_back(application, browser):
    browser.post(address(application), fields(application, until="2086-05-01T18:00"))
    meant = timezone.localtime(application.session.corrections_until + timedelta(days=20))

    response = browser.post(address(application), fields(application, until=f"{meant:%Y-%m-%dT%H:%M}"))

    assert response.status_code == 303
    assert f"{timezone.localtime(now_of(application).corrections_until):%Y-%m-%dT%H:%M}" == f"{meant:%Y-%m-%dT%H:%M}"
    newest = Message.objects.filter(candidate=application.candidate, kind="extended").first()
    assert texts.notice(newest, "Asia/Shanghai", timezone.now())[0] == "期限已变更"


def test_what_was_promised_is_cut_short_with_a_days_notice(application, staff):
    factories.close_window(application.session)
    now = timezone.now()

    def until(**ahead):
        version = now_of(application).version
        extend_deadline(Actor(staff), application.pk, version=version, until=now + timedelta(**ahead), reason="住院")

    until(days=9)
    for ahead in ({"hours": 23}, {"days": -1}, {"days": 9}):
        with pytest.raises(Refusal) as refused:
            until(**ahead)
        assert refused.value.code == "until"
    until(days=2)
    assert now_of(application).corrections_until == now + timedelta(days=2)


def test_no_own_deadline_lies_before_the_sessions(application, browser):
    earlier = timezone.localtime(application.session.corrections_until - timedelta(days=1))
    response = browser.post(address(application), fields(application, until=f"{earlier:%Y-%m-%dT%H:%M}"))
    assert response.status_code == 422
    assert now_of(application).corrections_until is None


def test_the_history_tells_from_when_to_when_and_why(application, browser):
    browser.post(address(application), fields(application, until="2030-05-01T18:00", reason="住院治疗"))
    holds = timezone.localtime(application.session.corrections_until)

    html = browser.get(reverse("admin:materials_application_change", args=[application.pk])).content.decode()

    assert f"{dates.moment(holds)} → 2030年5月1日（周三）18:00 · 住院治疗" in html


@pytest.mark.parametrize("status", ["draft", "rejected"])
def test_there_must_be_something_to_correct(staff, browser, application, status):
    other = (
        factories.draft(application.session) if status == "draft" else factories.decided(status, application.session)
    )

    assert browser.post(address(other), fields(other)).status_code == 409
    assert now_of(other).corrections_until is None


def test_nothing_is_extended_once_published(application, browser):
    factories.publish(application.session)

    assert browser.post(address(application), fields(application)).status_code == 409


def test_only_the_regions_staff_extend(application):
    data = fields(application)
    for user, status in (
        (factories.site_reviewer(application.site), 403),
        (factories.region_reviewer(application.session.region), 403),
        (factories.site_reviewer(factories.SiteFactory(region=application.session.region)), 404),
        (factories.region_staff(factories.RegionFactory()), 404),
        (application.candidate.user, 302),
    ):
        client = signed_in(user)
        assert client.get(address(application)).status_code == status
        assert client.post(address(application), data).status_code == status
    assert Application.objects.get(pk=application.pk).corrections_until is None
    assert signed_in(factories.administrator()).post(address(application), data).status_code == 303

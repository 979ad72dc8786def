"""One candidate's personal data removed on request: who may, when, what is recorded."""

from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from candidates.models import Candidate, Event
from candidates.refusals import Refusal
from candidates.services.events import Actor
from materials.models import Photo, RosterLoad
from materials.services.photos import add_photo
from review.services.erasure import erase_candidate
from tests import factories
from tests.candidates.staff_pages import change_address, signed_in
from tests.concurrency import at_once, refusals
from tests.erasure.person import a_person
from tests.erasure.test_purge import as_text, encrypted_values
from tests.stored import stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def candidate():
    application = factories.draft(name="欧阳不群", email="a@example.com")
    factories.make_photo(application, "ID")
    return Candidate.objects.get(pk=application.candidate_id)


@pytest.fixture
def staff(candidate):
    return factories.region_staff(candidate.session.region)


def address(candidate) -> str:
    return reverse("staff_erasure", args=[candidate.pk])


def fields(candidate, **changes):
    return {"version": candidate.version, "typed": candidate.registration_number, "reason": "本人来函申请", **changes}


def test_erased_and_recorded(candidate, staff):
    browser = signed_in(staff)
    assert address(candidate) in browser.get(change_address(candidate)).content.decode()
    assert "永久清除" in browser.get(address(candidate)).content.decode()

    response = browser.post(address(candidate), fields(candidate), follow=True)

    assert response.redirect_chain == [(change_address(candidate), 303)]
    assert address(candidate) not in response.content.decode()
    assert "欧阳" not in as_text()
    assert encrypted_values() == []
    assert not Photo.objects.exists()
    event = Event.objects.get(action="erased")
    assert (event.actor, event.candidate, event.facts) == (staff, candidate, {"reason": "本人来函申请"})
    assert "已经清除" in browser.get(address(candidate)).content.decode()


def test_all_of_them_after_publication(client):
    """The same as what a purge removes of one, but for what is the whole session's."""
    person = a_person(client)
    staff = factories.region_staff(person.session.region)
    candidate = person.candidate

    erase_candidate(
        Actor(staff), candidate.pk, version=candidate.version, typed=candidate.registration_number, reason="申请"
    )

    after = as_text()
    # A search, a withdrawal's reason and a message to many are the session's.
    of_the_session = {candidate.registration_number, "误将不群列入", "请欧阳联系考点", "欧阳"}
    assert {mark for mark in person.plain if mark in after} == of_the_session
    assert encrypted_values() == []


REFUSED = [
    ({"typed": ""}, 422, "请输入该考生的报名号"),
    ({"typed": "TJ0"}, 422, "请输入该考生的报名号"),
    ({"reason": " "}, 422, "请填写原因"),
    ({"reason": "x" * 501}, 422, "500"),
    ({"reason": "欧阳不群申请"}, 422, "请勿写考生姓名"),
    ({"reason": "电话13800000001申请"}, 422, "请勿写考生姓名"),
    ({"version": 0}, 409, "输入的内容"),
    ({"version": ""}, 422, "表单不完整"),
]


@pytest.mark.parametrize(("changes", "status", "sentence"), REFUSED)
def test_refused_with_a_sentence_and_what_was_typed_is_kept(candidate, staff, changes, status, sentence):
    browser = signed_in(staff)
    before = stored()

    response = browser.post(address(candidate), fields(candidate, **changes))

    assert response.status_code == status
    page = response.content.decode()
    assert sentence in page
    if changes.get("version") != "":
        assert fields(candidate, **changes)["reason"].strip()[:20] in page
    # The sign-in of this browser may have been touched.
    assert {k: v for k, v in stored().items() if k != "django_session"} == {
        k: v for k, v in before.items() if k != "django_session"
    }


@pytest.mark.parametrize("state", [factories.submitted, factories.returned, lambda: factories.decided("passed")])
def test_evidence_for_what_is_not_published_stays(state):
    candidate = Candidate.objects.get(pk=state().candidate_id)
    browser = signed_in(factories.region_staff(candidate.session.region))
    assert "尚未公布的审核结果的依据" in browser.get(address(candidate)).content.decode()

    response = browser.post(address(candidate), fields(candidate))

    assert response.status_code == 409
    assert "尚未公布的审核结果的依据" in response.content.decode()
    assert Candidate.objects.get(pk=candidate.pk).name


def test_not_while_a_roster_is_on_its_way(candidate, staff):
    RosterLoad.objects.create(session=candidate.session, actor=staff, language="zh-hans", dry_run=False)

    assert signed_in(staff).post(address(candidate), fields(candidate)).status_code == 409


def test_twice_is_refused(candidate, staff):
    erase_candidate(Actor(staff), candidate.pk, **fields(candidate))
    again = Candidate.objects.get(pk=candidate.pk)

    with pytest.raises(Refusal, match="已经清除"):
        erase_candidate(Actor(staff), candidate.pk, **fields(again))


@pytest.mark.django_db(transaction=True)
def test_two_at_once_erase_once(candidate, staff):
    results = at_once(*[lambda: erase_candidate(Actor(staff), candidate.pk, **fields(candidate))] * 2)

    assert refusals(results) == ["erased"]
    assert Event.objects.filter(action="erased").count() == 1


def test_nobody_is_reminded_or_corrected_any_more(candidate, staff):
    erase_candidate(Actor(staff), candidate.pk, **fields(candidate))
    browser = signed_in(staff)

    assert browser.get(reverse("staff_phone", args=[candidate.pk])).status_code == 403
    assert browser.get(change_address(candidate)).status_code == 200


def test_an_upload_that_is_on_its_way_is_refused(candidate, staff):
    """It began before, and comes to its lock after."""
    began = Candidate.objects.select_related("session__region", "user").get(pk=candidate.pk)
    erase_candidate(Actor(staff), candidate.pk, **fields(candidate))

    with pytest.raises(Refusal) as refused:
        add_photo(Actor(began.user), began, "EDU", factories.picture())

    assert refused.value.code == "closed"
    assert not Photo.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_upload_and_an_erasure_at_once_leave_nothing(candidate, staff):
    began = Candidate.objects.select_related("session__region", "user").get(pk=candidate.pk)
    results = at_once(
        lambda: add_photo(Actor(began.user), began, "EDU", factories.picture()),
        lambda: erase_candidate(Actor(staff), candidate.pk, **fields(candidate)),
    )

    assert refusals(results) in ([], ["closed"])
    assert not Photo.objects.exists()
    assert not [file for file in (Path(settings.FILES_DIR) / "photos").rglob("*") if file.is_file()]

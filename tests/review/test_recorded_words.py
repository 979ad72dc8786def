"""What staff type and events keep for good has no telephone or ID number in it: nobody could remove it later."""

from datetime import timedelta

import pytest
from django.utils import timezone

from candidates.models import Event
from candidates.refusals import Refusal
from candidates.services.events import Actor
from materials.services.extension import extend_deadline
from review.models import SecondLook
from review.rules import why_not_settle
from review.services.publication import withdraw_results
from tests import factories

NUMBERS = ["电话13800000001", "110101199001010018", "138 0000 0001"]


@pytest.mark.parametrize("number", NUMBERS)
def test_of_an_extension(session, number):
    application = factories.submitted(session)
    staff, until = factories.region_staff(session.region), timezone.now() + timedelta(days=30)
    with pytest.raises(Refusal, match="永久保留"):
        extend_deadline(
            Actor(staff), application.pk, version=application.version, until=until, reason=f"住院，{number}"
        )
    extend_deadline(Actor(staff), application.pk, version=application.version, until=until, reason="住院，3月1日至5日")
    assert Event.objects.latest("pk").facts["reason"] == "住院，3月1日至5日"


@pytest.mark.parametrize("number", NUMBERS)
def test_of_a_withdrawal(session, number):
    factories.draft(session)
    factories.publish(session)
    with pytest.raises(Refusal):
        withdraw_results(Actor(factories.region_staff(session.region)), session.code, number)
    session.refresh_from_db()
    assert session.published_at


@pytest.mark.parametrize("number", NUMBERS)
def test_of_a_settled_disagreement(session, number):
    look = SecondLook()
    refusal = why_not_settle(look, session, f"已核实，{number}")
    assert refusal is not None
    assert (refusal.code, refusal.status) == ("note", 422)
    assert why_not_settle(look, session, "已核实") is None

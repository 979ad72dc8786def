"""Codes at the sign-in page that are asked for or typed at the same moment, or while others hold rows."""

from functools import partial

import pytest
from django.db import transaction

from candidates.enums import CodePurpose
from candidates.models import Candidate, Delivery, OneTimeCode
from candidates.services.door_codes import ask_for_code, use_sign_in_code
from candidates.services.events import Actor
from tests import factories
from tests.concurrency import at_once, beside, refusals

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("known", [True, False])
def test_asked_for_ten_times_at_once_one_is_sent(known):
    number = factories.make_candidate().registration_number if known else "TJ00000000"
    acts = [lambda: ask_for_code(Actor(None, "127.0.0.1"), number, CodePurpose.SIGN_IN)] * 10
    assert refusals(at_once(*acts)) == ["code_too_soon"] * 9
    assert Delivery.objects.count() == int(known)


def test_a_candidate_whose_row_a_roster_holds_is_answered_as_a_stranger_is():
    candidate = factories.make_candidate()
    act = partial(ask_for_code, Actor(None, "127.0.0.1"), candidate.registration_number, CodePurpose.SIGN_IN)
    with transaction.atomic():
        Candidate.objects.select_for_update(no_key=True).get(pk=candidate.pk)
        asked = beside(act, seconds=5)
    assert asked().candidate is None
    assert not Delivery.objects.exists()


def test_two_who_ask_with_one_number_do_not_wait_for_each_other():
    number = factories.make_candidate().registration_number
    act = partial(ask_for_code, Actor(None, "127.0.0.1"), number, CodePurpose.SIGN_IN)
    with transaction.atomic():
        act()
        asked = beside(act, seconds=5)
        OneTimeCode.objects.all().delete()
        Delivery.objects.all().delete()
    # Had it waited, it would have found nothing that holds it back.
    assert refusals([asked()]) == ["code_too_soon"]


def test_typed_ten_times_at_once_it_signs_in_once(monkeypatch):
    monkeypatch.setattr("candidates.services.codes.secrets.randbelow", lambda most: 123456)
    number = factories.make_candidate().registration_number
    code = ask_for_code(Actor(None, "127.0.0.1"), number, CodePurpose.SIGN_IN)
    acts = [lambda: use_sign_in_code(Actor(None), code.pk, "123456")] * 10
    assert refusals(at_once(*acts)) == ["code_missing"] * 9


def test_ten_wrong_codes_at_once_are_five_tries():
    code = ask_for_code(Actor(None, "127.0.0.1"), "TJ00000000", CodePurpose.SIGN_IN)
    acts = [lambda: use_sign_in_code(Actor(None), code.pk, "000000")] * 10
    assert refusals(at_once(*acts)) == ["code_tries"] * 5 + ["code_wrong"] * 5

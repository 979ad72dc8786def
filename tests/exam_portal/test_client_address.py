"""Whose address throttles and events go by: the client's, behind the operator's proxies too, and never a forged one."""

from ipaddress import ip_network

import pytest

from candidates.models import Event
from candidates.rules import network_of
from tests import factories

pytestmark = pytest.mark.django_db
PROXY, INNER, CLIENT, FORGED = "10.0.0.7", "fd00::1", "203.0.113.9", "198.51.100.1"


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "found"),
    [
        ([], CLIENT, FORGED, CLIENT),
        ([PROXY], CLIENT, FORGED, CLIENT),
        ([PROXY], PROXY, f"{FORGED}, {CLIENT}", CLIENT),
        ([PROXY], PROXY, f" {CLIENT} ", CLIENT),
        ([PROXY], f"::ffff:{PROXY}", CLIENT, CLIENT),
        (["10.0.0.0/8", "fd00::/8"], PROXY, f"{FORGED},{CLIENT},{INNER}", CLIENT),
        ([PROXY], "", CLIENT, CLIENT),
        ([PROXY], PROXY, None, PROXY),
        ([PROXY], PROXY, "", PROXY),
        ([PROXY], PROXY, f"{CLIENT}, garbage", PROXY),
        ([PROXY], PROXY, PROXY, PROXY),
    ],
)
def test_address(client, settings, trusted, peer, forwarded, found):
    settings.TRUSTED_PROXIES = [ip_network(one) for one in trusted]
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    form = {"username": factories.make_candidate().registration_number, "password": factories.PASSWORD}
    client.post("/login/", form, headers=headers, REMOTE_ADDR=peer)
    assert Event.objects.get().ip_address == found


def test_forged_addresses_bring_no_new_tries(client, settings):
    settings.TRUSTED_PROXIES = [ip_network(PROXY)]
    number = factories.make_candidate().registration_number
    for last in range(10):
        headers = {"x-forwarded-for": f"198.51.100.{last}, {CLIENT}"}
        answer = client.post("/login/", {"username": number, "password": "x"}, headers=headers, REMOTE_ADDR=PROXY)
    assert answer.status_code == 429


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("", None),
        (None, None),
        ("a socket", None),
    ],
)
def test_what_limits_count_as_one_address(address, counted_as):
    assert network_of(address) == counted_as


@pytest.mark.parametrize("written", ["2001:db8:1:2::{}", "::ffff:203.0.113.9"])
def test_another_address_of_the_own_network_brings_no_new_tries(client, written):
    candidate = factories.make_candidate()
    form = {"username": candidate.registration_number, "password": "x"}
    for last in range(9):
        assert client.post("/login/", form, REMOTE_ADDR=written.format(last)).status_code == 422
    again = "203.0.113.9" if "ffff" in written else "2001:db8:1:2:ffff::1"
    assert client.post("/login/", form, REMOTE_ADDR=again).status_code == 429
    elsewhere = client.post("/login/", form | {"password": factories.PASSWORD}, REMOTE_ADDR="2001:db8:1:3::1")
    assert elsewhere.status_code == 303
    assert Event.objects.filter(ip_address=again).exists()

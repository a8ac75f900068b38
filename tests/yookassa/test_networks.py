"""Whose address it is: nothing a caller writes into a header may choose the answer."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from billing_service.config import Settings
from billing_service.kit.settings import Networks
from billing_service.yookassa.networks import UntrustedAddress, client_address, is_inside

read_networks = TypeAdapter(Networks).validate_python
PROXIES = read_networks("10.0.0.0/8, 127.0.0.1, fd00::/8")
YOOKASSA_NETWORKS = read_networks(Settings.model_fields["webhook_allowed_networks"].default)
PEER = "10.0.0.1"
YOOKASSA = "185.71.76.5"
STRANGER = "203.0.113.9"

proxy = st.ip_addresses(network="10.0.0.0/8").map(str)
outsider = st.ip_addresses().filter(
    lambda a: not is_inside(a, PROXIES) and not (a.version == 6 and (a.ipv4_mapped or a.scope_id))
)


def resolve(*forwarded_for: str, peer: str = PEER, trust: bool = True) -> str:
    return str(client_address(peer, list(forwarded_for), trust=trust, trusted_proxies=PROXIES))


@given(
    client=outsider.map(str),
    behind=st.lists(proxy, max_size=3),
    forged=st.lists(st.text(max_size=60), max_size=3),
)
def test_a_forged_left_part_never_changes_the_answer(
    client: str, behind: list[str], forged: list[str]
) -> None:
    honest = ", ".join([client, *behind])

    assert resolve(*forged, honest) == client
    assert resolve(",".join([*forged, honest])) == client


@given(forged=st.lists(st.text(max_size=60), max_size=3), peer=outsider.map(str))
def test_a_stranger_cannot_speak_through_a_header(forged: list[str], peer: str) -> None:
    assert resolve(*forged, peer=peer) == peer


@given(forged=st.lists(st.text(max_size=60), max_size=3))
def test_without_trust_the_header_is_not_even_read(forged: list[str]) -> None:
    assert resolve(*forged, trust=False) == PEER


@given(entries=st.lists(st.text(max_size=40), min_size=1, max_size=3))
def test_any_header_is_answered_or_refused_and_nothing_else(entries: list[str]) -> None:
    try:
        resolve(*entries)
    except UntrustedAddress:
        return


def test_the_first_stranger_from_the_right_is_the_caller() -> None:
    assert resolve(f"{YOOKASSA}, {STRANGER}, 10.1.1.1") == STRANGER


def test_the_walk_goes_through_all_header_lines_in_order() -> None:
    assert resolve(YOOKASSA, STRANGER, "10.1.1.1, 127.0.0.1") == STRANGER


def test_a_request_that_began_at_a_proxy_is_of_the_farthest_one() -> None:
    assert resolve("10.3.3.3, 10.2.2.2") == "10.3.3.3"


def test_a_proxy_without_the_header_is_the_caller_itself() -> None:
    assert resolve() == PEER


MALFORMED = [
    "",
    " ",
    "unknown",
    "_hidden",
    "localhost",
    "203.0.113.9:4711",
    "[2001:db8::1]",
    "[2001:db8::1]:443",
]
MALFORMED += [
    "203.0.113",
    "203.0.113.09",
    "0xcb007109",
    "3405803785",
    "fe80::1%eth0",
    "203.0.113.9/32",
    "１.2.3.4",
]


@pytest.mark.parametrize("entry", MALFORMED)
def test_a_malformed_entry_met_on_the_way_is_refused(entry: str) -> None:
    with pytest.raises(UntrustedAddress):
        resolve(f"{STRANGER}, {entry}, 10.1.1.1")


@pytest.mark.parametrize("entry", MALFORMED)
def test_a_malformed_entry_left_of_the_caller_is_the_callers_own_business(entry: str) -> None:
    assert resolve(f"{entry}, {STRANGER}, 10.1.1.1") == STRANGER


@pytest.mark.parametrize("peer", ["", "testclient", "/run/api.sock", "127.0.0.1:80"])
def test_a_peer_without_an_address_is_refused(peer: str) -> None:
    with pytest.raises(UntrustedAddress):
        resolve(STRANGER, peer=peer, trust=False)


def test_ipv4_inside_ipv6_is_ipv4() -> None:
    assert resolve(f"::ffff:{STRANGER}", peer=f"::ffff:{PEER}") == STRANGER
    assert resolve(peer="::ffff:b947:4c05") == YOOKASSA


def test_a_proxy_of_ipv6_is_trusted_like_any_other() -> None:
    assert resolve(f"{STRANGER},fd00::2", peer="fd00::1") == STRANGER


INSIDE = ["185.71.76.0", "185.71.76.31", "185.71.77.31", "77.75.153.127", "77.75.154.128", "77.75.154.255"]
INSIDE += ["77.75.156.11", "77.75.156.35", "2a02:5180::1", "2a02:5180:0:2669::7"]

OUTSIDE = ["185.71.76.32", "185.71.77.32", "77.75.153.128", "77.75.154.127", "77.75.156.10", "77.75.156.12"]
OUTSIDE += ["2a02:5181::1", "127.0.0.1", "10.0.0.1", "192.168.0.1", "172.17.0.1", "::1", "fd00::1"]


@pytest.mark.parametrize("address", INSIDE)
def test_the_providers_published_addresses_are_inside(address: str) -> None:
    assert is_inside(ip_address(address), YOOKASSA_NETWORKS)


@pytest.mark.parametrize("address", OUTSIDE)
def test_neighbours_and_private_addresses_are_outside(address: str) -> None:
    assert not is_inside(ip_address(address), YOOKASSA_NETWORKS)


def test_networks_are_read_with_single_addresses_and_blanks() -> None:
    assert [str(network) for network in read_networks(" 10.0.0.0/8 ,, 192.0.2.1,2001:db8::/32, ")] == [
        "10.0.0.0/8",
        "192.0.2.1/32",
        "2001:db8::/32",
    ]
    assert read_networks("") == ()


@pytest.mark.parametrize(
    "text", ["10.0.0.1/8", "ten", "10.0.0.0/8;11.0.0.0/8", "10.0.0.0/33", "::ffff:10.0.0.0/104"]
)
def test_a_network_written_wrong_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"network|IPv4|host bits"):
        read_networks(text)

"""Who is really calling, and is it YooKassa? A first filter only: the provider signs nothing."""

from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class UntrustedAddress(Exception):
    """The caller's address cannot be told; answer as to a stranger."""


def is_inside(address: Address, networks: Sequence[Network]) -> bool:
    """Whether any of the networks contains the address; IPv4 and IPv6 never match each other."""
    return any(address in network for network in networks)


def counted_as(address: Address) -> str:
    """Under what name a stranger is counted: whoever holds an IPv6 address can take any other of its /64."""
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((address, 64), strict=False))


def client_address(
    peer: str, forwarded_for: Sequence[str], *, trust: bool, trusted_proxies: Sequence[Network]
) -> Address:
    """The address of the caller: the TCP peer, or what trusted proxies say about the one behind them.

    `forwarded_for` holds every X-Forwarded-For value in the order received. It is read only with `trust` and
    only when the peer is a trusted proxy, from the right, since each proxy appends the address it saw: the
    first one that is not a trusted proxy is the caller, and what stands left of it is the caller's own
    invention, never looked at. When all are trusted proxies the request began at the leftmost: that is it.

    UntrustedAddress on anything met on the way that is not a bare address: a name, an empty entry, a port,
    brackets, an IPv6 zone. A proxy that writes those must be told not to; guessing would let a caller choose.
    """
    address = _bare_address(peer)
    if not trust:
        return address
    entries = [entry for value in forwarded_for for entry in value.split(",")]
    while entries and is_inside(address, trusted_proxies):
        address = _bare_address(entries.pop().strip(" \t"))
    return address


def _bare_address(text: str) -> Address:
    try:
        address = ip_address(text)
    except ValueError:
        raise UntrustedAddress("not a bare IP address") from None
    if isinstance(address, IPv4Address):
        return address
    if address.scope_id is not None:
        raise UntrustedAddress("an address with a zone")
    return address.ipv4_mapped or address

"""What may be written for a setting; lists are comma-separated, and what nobody could use is refused, with why."""

import re
from datetime import date
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from billing_service.kit.ratelimit import Rate, parse_rate
from billing_service.kit.tokens import ServiceToken, parse_service_token

HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _beginning(*prefixes: str) -> AfterValidator:
    def check(url: str) -> str:
        if not url.startswith(prefixes):
            raise ValueError(f"must begin with {' or '.join(prefixes)}")
        if not _can_be_read(url):
            raise ValueError("cannot be read: in a password / ? # and [ are written %2F %3F %23 and %5B")
        return url

    return AfterValidator(check)


def _can_be_read(url: str) -> bool:
    """Whether every host's port is one. Whoever connects would quote what it took for it: half of a password."""
    try:
        hosts = urlsplit(url).netloc.rpartition("@")[2].split(",")
        return all(urlsplit(f"//{host}").port != 0 for host in hosts)
    except ValueError:
        return False


def _host(name: str) -> str:
    if not HOST.fullmatch(name.lower()):
        raise ValueError("wants hosts, such as app.example.ru: no scheme, port, path or asterisk")
    return name.lower()


def _network(value: object) -> object:
    """A network or a single address. Callers are compared as IPv4, so an IPv4-mapped IPv6 entry could never match."""
    if not isinstance(value, str):
        return value
    network = ip_network(value)
    if isinstance(network, IPv6Network) and network.network_address.ipv4_mapped is not None:
        raise ValueError("write an IPv4-mapped network as IPv4")
    return network


def _dated(value: object) -> object:
    """`2026-01-01:11`: from that day on this one holds."""
    if not isinstance(value, str):
        return value
    day, is_said, code = value.partition(":")
    if not is_said:
        raise ValueError("wants a day and a code, such as 2026-01-01:11")
    return day.strip(), code.strip()


type_of_list = BeforeValidator(_split)
DatabaseUrl = Annotated[str, _beginning("postgresql://", "postgres://")]
RedisUrl = Annotated[
    str, _beginning("redis://", "rediss://", "unix://", "redis+cluster://", "rediss+cluster://")
]
Web = Annotated[str, _beginning("https://", "http://")]
Hosts = Annotated[tuple[Annotated[str, AfterValidator(_host)], ...], NoDecode, type_of_list]
UserIds = Annotated[frozenset[int], NoDecode, type_of_list]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
Networks = Annotated[tuple[Network, ...], NoDecode, type_of_list]
Tokens = Annotated[
    tuple[Annotated[ServiceToken, BeforeValidator(parse_service_token)], ...], NoDecode, type_of_list
]
Secrets = Annotated[tuple[SecretStr, ...], NoDecode, type_of_list]
WrittenRate = Annotated[Rate, NoDecode, BeforeValidator(parse_rate)]
VatCode = Annotated[int, Field(ge=1, le=12)]
DatedCodes = Annotated[
    tuple[Annotated[tuple[date, VatCode], BeforeValidator(_dated)], ...], NoDecode, type_of_list
]

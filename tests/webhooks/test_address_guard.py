"""Who may post a notification: decided by the address it really came from, never by what the caller writes."""

from dataclasses import replace
from ipaddress import ip_network

import pytest
from sqlalchemy import text

from billing_service.app import create_app
from billing_service.config import YOOKASSA_NETWORKS
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.services import Services
from tests.stage import in_process

YOOKASSA = "185.71.76.5"
YOOKASSA_V6 = "2a02:5180:0:1509::1"
STRANGER = "203.0.113.9"
PROXY, OUTER_PROXY = "10.0.0.1", "10.0.0.2"
NOTIFICATION = {
    "type": "notification",
    "event": "payment.succeeded",
    "object": {"id": "30f5d918-000f-5000-8000-18db351245c7", "status": "succeeded"},
}


async def post(
    services: Services,
    peer: str,
    *forwarded_for: str,
    trust: bool = False,
    proxies: str = "10.0.0.0/8",
    content: bytes | None = None,
) -> httpx.Response:
    """A notification from `peer` to a service in production settings, with these X-Forwarded-For lines."""
    settings = services.settings.model_copy(
        update={
            "webhook_allowed_networks": tuple(map(ip_network, YOOKASSA_NETWORKS.split(","))),
            "webhook_trust_xff": trust,
            "webhook_trusted_proxies": tuple(ip_network(proxy) for proxy in proxies.split(",")),
        }
    )
    app = create_app(settings, replace(services, settings=settings))
    headers = [("X-Forwarded-For", value) for value in forwarded_for]
    async with httpx.AsyncClient(transport=in_process(app, peer), base_url="http://billing") as caller:
        path = "/api/v1/billing/webhooks/yookassa"
        if content is not None:
            return await caller.post(path, content=content, headers=headers)
        return await caller.post(path, json=NOTIFICATION, headers=headers)


async def kept_address(database: Database) -> str:
    async with database.engine.connect() as connection:
        return str((await connection.execute(text("SELECT client_ip FROM webhook_logs"))).scalar_one())


@pytest.mark.parametrize(
    "peer",
    [
        *(YOOKASSA, "185.71.77.31", "77.75.153.127", "77.75.154.128", "77.75.156.11", "77.75.156.35"),
        *(YOOKASSA_V6, f"::ffff:{YOOKASSA}"),
    ],
)
async def test_yookassa_is_let_in(services: Services, peer: str) -> None:
    answer = await post(services, peer)

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}


@pytest.mark.parametrize(
    "peer",
    [
        *(STRANGER, "185.71.76.32", "185.71.75.255", "77.75.156.12", "77.75.153.128", "2a02:5181::1"),
        *("127.0.0.1", "::1", "10.0.0.1", "192.168.0.1", f"::ffff:{STRANGER}", "", "unix:", "testclient"),
    ],
)
async def test_everybody_else_is_refused_and_nothing_is_kept(
    services: Services, database: Database, peer: str
) -> None:
    answer = await post(services, peer)

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "FORBIDDEN"
    async with database.engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM webhook_logs"))).scalar_one() == 0


async def test_a_stranger_is_refused_before_its_body_is_read(services: Services) -> None:
    broken = await post(services, STRANGER, content=b"{")
    enormous = await post(services, STRANGER, content=b"[" * 60_000)

    assert broken.status_code == 403
    assert enormous.status_code == 403


@pytest.mark.parametrize("peer", [STRANGER, PROXY, "127.0.0.1"])
async def test_without_trust_a_forged_header_is_not_even_read(services: Services, peer: str) -> None:
    answer = await post(services, peer, YOOKASSA, trust=False)

    assert answer.status_code == 403


async def test_without_trust_a_broken_header_does_not_hurt_yookassa(services: Services) -> None:
    answer = await post(services, YOOKASSA, "not an address", trust=False)

    assert answer.status_code == 200


async def test_with_trust_a_stranger_still_cannot_speak_through_the_header(services: Services) -> None:
    assert (await post(services, STRANGER, YOOKASSA, trust=True)).status_code == 403
    assert (await post(services, "127.0.0.1", YOOKASSA, trust=True)).status_code == 403


@pytest.mark.parametrize(
    ("forwarded_for", "client"),
    [
        ((YOOKASSA,), YOOKASSA),
        ((f"{YOOKASSA}, {OUTER_PROXY}",), YOOKASSA),
        ((YOOKASSA, OUTER_PROXY), YOOKASSA),
        ((f"{STRANGER}, {YOOKASSA}",), YOOKASSA),
        ((f"garbage, {YOOKASSA}, {OUTER_PROXY}",), YOOKASSA),
        ((YOOKASSA_V6,), YOOKASSA_V6),
        ((f"::ffff:{YOOKASSA}",), YOOKASSA),
    ],
)
async def test_a_trusted_proxy_says_who_stands_behind_it(
    services: Services, database: Database, forwarded_for: tuple[str, ...], client: str
) -> None:
    answer = await post(services, PROXY, *forwarded_for, trust=True)

    assert answer.status_code == 200
    assert await kept_address(database) == client


async def test_a_proxy_on_a_dual_stack_socket_is_still_the_proxy(services: Services) -> None:
    answer = await post(services, f"::ffff:{PROXY}", YOOKASSA, trust=True)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "forwarded_for",
    [
        # The caller writes the left part: what the proxy saw itself stands on the right.
        (f"{YOOKASSA}, {STRANGER}",),
        (YOOKASSA, STRANGER),
        (f"{YOOKASSA}, {STRANGER}, {OUTER_PROXY}",),
        (STRANGER,),
        # Malformed on the way: guessing would let a caller choose.
        (f"{YOOKASSA}, garbage",),
        (f"{YOOKASSA},",),
        (f"{YOOKASSA}, , {OUTER_PROXY}",),
        ("",),
        (f"{YOOKASSA}:443",),
        ("[2a02:5180::1]",),
        ("fe80::1%eth0",),
        ("185.71.76.05",),
        ("unknown",),
        # Nobody but proxies: then one of them called.
        (),
        (OUTER_PROXY,),
    ],
)
async def test_what_a_trusted_proxy_did_not_see_itself_is_not_believed(
    services: Services, forwarded_for: tuple[str, ...]
) -> None:
    answer = await post(services, PROXY, *forwarded_for, trust=True)

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "FORBIDDEN"


async def test_trust_without_a_named_proxy_trusts_nobody(services: Services) -> None:
    answer = await post(services, PROXY, YOOKASSA, trust=True, proxies="192.0.2.1")

    assert answer.status_code == 403


async def test_other_headers_about_the_caller_are_never_read(services: Services) -> None:
    settings = services.settings.model_copy(
        update={"webhook_allowed_networks": (ip_network("185.71.76.0/27"),)}
    )
    app = create_app(settings, replace(services, settings=settings))
    names = ("X-Real-IP", "Forwarded", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP")
    headers = dict.fromkeys(names, YOOKASSA) | {"Forwarded": f"for={YOOKASSA}"}

    async with httpx.AsyncClient(transport=in_process(app), base_url="http://billing") as caller:
        answer = await caller.post("/api/v1/billing/webhooks/yookassa", json=NOTIFICATION, headers=headers)

    assert answer.status_code == 403

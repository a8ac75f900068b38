"""The control API: documented, strict, apart from the provider's."""

import pytest

from tests.sandbox.shop import Json, Shop

PROMISED = {
    "/payments": {"get"},
    "/payments/{payment_id}": {"get", "patch"},
    "/payments/{payment_id}/pay": {"post"},
    "/payments/{payment_id}/decline": {"post"},
    "/payments/{payment_id}/refund": {"post"},
    "/payments/{payment_id}/notify": {"post"},
    "/shop": {"get", "put"},
    "/clock": {"get", "post"},
    "/faults": {"get", "put"},
    "/requests": {"get"},
    "/notifications": {"get"},
    "/notifications/{notification_id}/resend": {"post"},
    "/reset": {"post"},
}


async def test_everything_promised_is_described(shop: Shop) -> None:
    described = (await shop.look("/openapi.json"))["paths"]

    assert {path: set(described.get(path, {})) for path in PROMISED} == PROMISED


async def test_every_call_says_what_it_is_for(shop: Shop) -> None:
    described = (await shop.look("/openapi.json"))["paths"]

    unexplained = [
        (path, method)
        for path, methods in described.items()
        for method, call in methods.items()
        if method != "get" and not call.get("description")
    ]
    assert unexplained == []


async def test_the_description_is_a_page_without_a_network(shop: Shop) -> None:
    page = await shop.control.get("/docs")

    assert page.status_code == 200
    assert "https://" not in page.text


async def test_nothing_of_it_is_under_the_providers_prefix(shop: Shop) -> None:
    responses = [(await shop.get(path)).status_code for path in ("/_sandbox/payments", "/clock", "/faults")]

    assert responses == [404, 404, 404]


@pytest.mark.parametrize(
    ("path", "order"),
    [
        ("/clock", {"advance": 5}),
        ("/clock", {"advance_seconds": -5}),
        ("/clock", {"advance_seconds": 1e300}),
        ("/payments/{}/pay", {"number": "5555555555554444"}),
        ("/payments/{}/refund", {"amount": {"value": "1.234"}}),
        ("/payments/{}/notify", {"event": "payment.pending"}),
    ],
)
async def test_a_misspelt_order_is_refused(shop: Shop, path: str, order: Json) -> None:
    payment = await shop.a_payment()

    response = await shop.control.post(path.format(payment["id"]), json=order)

    assert response.status_code == 422


@pytest.mark.parametrize(
    "order",
    [
        {"fiscalisation": True},
        {"fiscalization_provider": "nobody"},
        {"replay": "never"},
        {"retry_offsets": [1e300]},
    ],
)
async def test_a_misspelt_switch_is_refused(shop: Shop, order: Json) -> None:
    assert (await shop.control.put("/shop", json=order)).status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/payments/nothing"),
        ("POST", "/payments/nothing/pay"),
        ("GET", "/payment_methods/nothing"),
        ("POST", "/notifications/nothing/resend"),
    ],
)
async def test_an_unknown_id_is_404(shop: Shop, method: str, path: str) -> None:
    assert (await shop.control.request(method, path)).status_code == 404


async def test_a_fault_does_not_last_longer_than_the_calendar(shop: Shop) -> None:
    rule = {"operation": "notification", "fault": "delay", "seconds": 1e300}

    assert (await shop.control.put("/faults", json=[rule])).status_code == 422


async def test_half_a_character_is_refused_and_nothing_happens(shop: Shop) -> None:
    payment = await shop.a_payment()

    response = await shop.control.post(
        f"/payments/{payment['id']}/decline",
        content=b'{"reason": "\\ud800"}',
        headers={"Content-Type": "application/json"},
    )

    assert response.status_code == 400
    assert (await shop.payment(payment["id"]))["status"] == "pending"


async def test_other_sites_give_no_orders(shop: Shop) -> None:
    await shop.a_payment()

    response = await shop.control.post("/reset", headers={"Sec-Fetch-Site": "cross-site"})

    assert response.status_code == 403
    assert len((await shop.look("/payments"))["results"]) == 1


async def test_its_own_page_gives_orders_and_other_sites_may_link_to_what_is_shown(shop: Shop) -> None:
    ordered = await shop.control.post("/reset", headers={"Sec-Fetch-Site": "same-origin"})
    linked = await shop.control.get("/payments", headers={"Sec-Fetch-Site": "same-site"})

    assert (ordered.status_code, linked.status_code) == (200, 200)


async def test_a_notification_without_an_address_cannot_be_sent_again(shop: Shop) -> None:
    await shop.change_shop(notify_url=None)
    await shop.pay(await shop.a_payment())

    response = await shop.control.post("/notifications/n1/resend")

    assert (response.status_code, response.json()["detail"]) == (409, "the shop has no notification URL")

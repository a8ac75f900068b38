"""Lists: newest first, filters, cursors."""

import pytest

from tests.sandbox.shop import Json, Shop


async def ids(shop: Shop, path: str, **query: str) -> list[str]:
    response = await shop.get(path, **query)
    assert response.status_code == 200, response.text
    return [item["id"] for item in response.json()["items"]]


async def some_payments(shop: Shop, number: int) -> list[Json]:
    """A minute apart, oldest first."""
    payments = []
    for _ in range(number):
        payments.append(await shop.a_payment())
        await shop.wait(minutes=1)
    return payments


async def test_the_newest_come_first_ten_at_a_time(shop: Shop) -> None:
    payments = await some_payments(shop, 12)

    page = (await shop.get("/payments")).json()

    assert page["type"] == "list"
    assert [item["id"] for item in page["items"]] == [payment["id"] for payment in payments[:1:-1]]


async def test_cursors_lead_through_all_pages_without_gap_or_repeat(shop: Shop) -> None:
    payments = await some_payments(shop, 7)
    seen: list[str] = []
    query = {"limit": "3", "status": "pending"}
    page: Json = {"next_cursor": None}
    while "next_cursor" in page:
        page = (await shop.get("/payments", **query)).json()
        seen += [item["id"] for item in page["items"]]
        query |= {"cursor": page.get("next_cursor", "")}
        if len(seen) == 3:
            await shop.a_payment()

    assert seen == [payment["id"] for payment in reversed(payments)]


async def test_a_full_last_page_has_no_cursor(shop: Shop) -> None:
    await some_payments(shop, 3)

    page = (await shop.get("/payments", limit="3")).json()

    assert "next_cursor" not in page


async def test_payments_are_filtered_by_time(shop: Shop) -> None:
    first, second, third = [payment["id"] for payment in await some_payments(shop, 3)]
    at = "2026-01-11T12:01:00.000Z"

    assert await ids(shop, "/payments", **{"created_at.gte": at}) == [third, second]
    assert await ids(shop, "/payments", **{"created_at.gt": at}) == [third]
    assert await ids(shop, "/payments", **{"created_at.lte": at}) == [second, first]
    assert await ids(shop, "/payments", **{"created_at.lt": at}) == [first]
    assert await ids(shop, "/payments", **{"created_at.gt": "2026-01-11T15:00:30+03:00"}) == [third, second]


async def test_payments_are_filtered_by_status_method_and_capture(shop: Shop) -> None:
    pending, carded, walleted = await some_payments(shop, 3)
    await shop.pay(carded)
    await shop.browser.post(f"/pay/{walleted['id']}", data={"method": "yoo_money"})

    assert await ids(shop, "/payments", status="pending") == [pending["id"]]
    assert await ids(shop, "/payments", payment_method="yoo_money") == [walleted["id"]]
    assert await ids(shop, "/payments", **{"captured_at.gte": "2026-01-11T12:03:00Z"}) == [
        walleted["id"],
        carded["id"],
    ]


async def test_refunds_are_filtered_by_payment_and_status(shop: Shop) -> None:
    one, other = [await shop.pay(await shop.a_payment()) for _ in range(2)]
    refunds = [await shop.order(f"/payments/{payment['id']}/refund") for payment in (one, other)]

    assert await ids(shop, "/refunds", payment_id=one["id"]) == [refunds[0]["id"]]
    assert await ids(shop, "/refunds", status="succeeded") == [refunds[1]["id"], refunds[0]["id"]]
    assert await ids(shop, "/refunds", status="pending") == []


async def test_only_three_years_are_listed(shop: Shop) -> None:
    await shop.a_payment()

    await shop.wait(days=3 * 365 + 1)

    assert await ids(shop, "/payments") == []


@pytest.mark.parametrize(
    ("path", "query", "parameter"),
    [
        ("/payments", {"limit": "0"}, "limit"),
        ("/payments", {"limit": "101"}, "limit"),
        ("/payments", {"limit": "ten"}, "limit"),
        ("/payments", {"cursor": "???"}, "cursor"),
        ("/payments", {"cursor": "YWZ0ZXI6bm90aGluZw=="}, "cursor"),
        ("/payments", {"status": "paid"}, "status"),
        ("/payments", {"payment_method": "barter"}, "payment_method"),
        ("/payments", {"created_at.gte": "yesterday"}, "created_at.gte"),
        ("/payments", {"created_at.eq": "2026-01-11T12:00:00Z"}, "created_at.eq"),
        ("/refunds", {"status": "waiting_for_capture"}, "status"),
        ("/receipts", {"payment_id": "a", "refund_id": "b"}, "refund_id"),
    ],
)
async def test_a_bad_filter_is_named(shop: Shop, path: str, query: dict[str, str], parameter: str) -> None:
    response = await shop.get(path, **query)

    assert (response.status_code, response.json()["parameter"]) == (400, parameter)

"""Every span of access of a user: what gave it, where it lies, and what took of it."""

from typing import Any

from billing_service.services import Services
from tests.grants.test_grants import given, take_back
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off


async def periods(api: MainBackend, user: int = USER) -> list[dict[str, Any]]:
    response = await api.internal("GET", f"users/{user}/periods")
    assert response.status_code == 200, response.text
    return list(response.json()["results"])


async def test_each_names_what_gave_it_and_they_lie_end_to_end(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    payment = await api.buy()
    await office.pay(payment)
    await work_off(services)
    grant = await given(api, days=3)

    bought, gift = await periods(api)

    assert (bought["cause"], bought["payment_id"], bought["grant_id"], bought["days"]) == (
        "payment",
        payment["payment_id"],
        None,
        30,
    )
    assert (gift["cause"], gift["grant_id"], gift["author"], gift["reason"]) == (
        "grant",
        grant["grant_id"],
        "support",
        "сбой 4711",
    )
    assert gift["begins"] == bought["ends"]
    assert (bought["cuts"], gift["cuts"]) == ([], [])


async def test_what_was_taken_is_named_with_the_refunds_and_the_revocation_that_took_it(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    payment = await api.buy()
    await office.pay(payment)
    await work_off(services)
    grant = await given(api, days=3)
    refunds = []
    for amount in ("29.90", "59.80"):
        refunds.append((await api.refund(payment, amount, access="cut_prorata")).json()["refund_id"])
        await clock.advance(seconds=1)
    await take_back(api, grant["grant_id"])

    bought, gift = await periods(api)

    assert [(cut["by"], cut["id"], cut["seconds"]) for cut in bought["cuts"]] == [
        ("refund", refunds[0], 3 * 86400),
        ("refund", refunds[1], 6 * 86400),
    ]
    assert [(cut["by"], cut["id"], cut["seconds"]) for cut in gift["cuts"]] == [
        ("revocation", grant["grant_id"], 3 * 86400)
    ]
    assert (gift["begins"], gift["ends"], gift["days"]) == (None, None, 3)


async def test_whoever_was_never_here_has_none_and_nobody_sees_anothers(api: MainBackend) -> None:
    await given(api)

    assert await periods(api, user=1002) == []

"""What stands on receipts at the provider, and buying where one is demanded."""

from decimal import Decimal
from typing import Any

from billing_service.kit.http import httpx
from billing_service.services import Services
from tests.stage import USER, BackOffice, MainBackend, in_process, work_off

EMAIL = {"email": "payer@example.ru"}
MONTH = {"plan_code": "PRO_MONTHLY"}


async def buy(api: MainBackend, contact: object = EMAIL, user: int = USER, **headers: str) -> dict[str, Any]:
    answer = await api.post("create-payment/", MONTH | {"receipt_contact": contact}, user, **headers)
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json()
    return created


async def paid(api: MainBackend, office: BackOffice, services: Services, **said: Any) -> dict[str, Any]:  # noqa: ANN401
    """A month, bought with a contact, paid and granted."""
    payment = await buy(api, **said)
    await office.pay(payment)
    await work_off(services)
    return payment


async def receipts(office: BackOffice) -> list[dict[str, Any]]:
    """Every receipt at the provider, the oldest first."""
    async with httpx.AsyncClient(
        transport=in_process(office.sandbox.app),
        base_url="http://sandbox/v3",
        auth=("100500", "test_sandbox"),
    ) as shop:
        listed: list[dict[str, Any]] = (await shop.get("/receipts")).json()["items"]
    return listed[::-1]


def total(receipt: dict[str, Any]) -> Decimal:
    return sum(
        (Decimal(item["amount"]["value"]) * Decimal(str(item["quantity"])) for item in receipt["items"]),
        Decimal(0),
    )


async def money_on_receipts(office: BackOffice) -> Decimal:
    """Sales less returns."""
    signs = {"payment": 1, "refund": -1}
    return sum((signs[one["type"]] * total(one) for one in await receipts(office)), Decimal(0))


async def sent(office: BackOffice, operation: str) -> list[dict[str, Any]]:
    """The bodies of the requests of one kind, the oldest first."""
    return [one["body"] for one in reversed(await office.creations(operation))]

"""A subscriber whose months pass: what he agrees to, what he is told, what he is charged."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from billing_service.kit.db import Database
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import enqueue_due
from billing_service.renewals import looking
from billing_service.services import Services
from billing_service.subscriptions import service as subscriptions
from tests.ledger import rows, value
from tests.payment_methods.cards import CONSENT, keep_a_card
from tests.stage import GOOD_CARD, USER, BackOffice, Clock, MainBackend, work_off

CHARGES = """
    SELECT id, user_id, status, amount::text AS amount, cancellation_reason, surplus_of, yookassa_payment_id
    FROM payments WHERE payment_method_id IS NOT NULL ORDER BY created_at
"""


@dataclass
class Renewals:
    """The worker's rounds, one at a time, on the clock of the database."""

    api: MainBackend
    office: BackOffice
    services: Services
    clock: Clock
    database: Database

    async def subscribe(self, user: int = USER, card: str = GOOD_CARD) -> dict[str, Any]:
        """Buy a month with a card that is kept, and switch auto-renewal on."""
        bought = await keep_a_card(self.api, self.office, self.services, card, user)
        switched = await self.api.post("subscription/autorenew/", {"enabled": True}, user)
        assert switched.status_code == 200, switched.text
        return bought

    async def pass_time(self, **by: float) -> None:
        """Turn the clock, the provider's too, and let the worker do what is due then."""
        await self.clock.advance(**by)
        seconds = timedelta(**by).total_seconds()
        await self.office.call("POST", "/clock", {"advance_seconds": seconds})
        await self.work()

    async def work(self) -> None:
        while await looking.enqueue_due(self.services):
            await work_off(self.services)
        await enqueue_due(self.services, PAYMENTS)
        await work_off(self.services)
        await subscriptions.tell_ends(self.services)

    async def tell(self, user: int = USER, *, ago: timedelta = timedelta(0)) -> dict[str, Any]:
        """The main backend reports that the payer was told of the newest notice; `ago` by its own clock."""
        notice = await value(
            self.database,
            f"SELECT id FROM renewal_notices WHERE user_id = {user} ORDER BY created_at DESC LIMIT 1",  # noqa: S608
        )
        now = await value(self.database, "SELECT billing_now()")
        told = await self.api.internal(
            "POST", f"notices/{notice}/delivered/", {"channel": "telegram", "at": (now - ago).isoformat()}
        )
        assert told.status_code == 200, told.text
        shown: dict[str, Any] = told.json()
        return shown

    async def tell_all(self) -> None:
        """Whoever was to be told was told at once."""
        await self.services.statements.fetch(
            "UPDATE renewal_notices SET told_at = created_at, told_by = 'telegram' WHERE told_at IS NULL"
        )

    async def costs(self, price: str, plan: str = "PRO_MONTHLY") -> None:
        """What the plan costs from now on."""
        await self.services.statements.fetch(
            f"UPDATE subscription_plans SET price = {price} WHERE code = '{plan}'"  # noqa: S608
        )

    async def due_tomorrow(self, user: int = USER) -> None:
        """A month has passed but its last day; the payer was told in time."""
        await self.pass_time(days=23, hours=1)
        await self.tell(user)
        await self.pass_time(days=5, hours=22)

    async def bind_a_card(self, card: str = GOOD_CARD, user: int = USER) -> None:
        """The user agrees anew and confirms another card, without a purchase."""
        started = await self.api.post("bind-card/start/", {"consent": CONSENT}, user)
        assert started.status_code == 201, started.text
        method = (await self.office.call("GET", "/payment_methods"))["results"][0]["id"]
        await self.office.call("POST", f"/payment_methods/{method}/confirm", {"card": card})
        await self.office.sandbox.delivered()
        await work_off(self.services)

    async def charges(self) -> list[dict[str, Any]]:
        return [dict(row) for row in await rows(self.database, CHARGES)]

    async def events(self, kind: str) -> list[dict[str, Any]]:
        found = await rows(
            self.database,
            f"SELECT data FROM outbox_events WHERE kind = '{kind}' ORDER BY written_no",  # noqa: S608
        )
        return [row["data"] for row in found]

    async def shown(self, user: int = USER) -> dict[str, Any]:
        subscription: dict[str, Any] = (await self.api.get("subscription/", user)).json()
        return subscription

    async def pro_days_left(self, user: int = USER) -> float:
        left: timedelta = await value(self.database, f"SELECT pro_ends({user}) - billing_now()")
        return left.total_seconds() / 86400

    async def declines(self, reason: str | None) -> None:
        """From now on the provider declines every saved method so; None: it charges again."""
        for method in (await self.office.call("GET", "/payment_methods"))["results"]:
            await self.office.call("PATCH", f"/payment_methods/{method['id']}", {"decline_reason": reason})

"""Any history of a few users, drawn at random and written straight into the tables, as settlement lays it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from uuid import UUID

from hypothesis import strategies as drawn

from billing_service.services import Services
from billing_service.subscriptions.periods import DAY

PLANS = {"PRO_MONTHLY": 30, "PRO_YEARLY": 365, "TEST_LIVE": 1}
REASONS = ("insufficient_funds", "card_expired", "expired_on_confirmation", "canceled_by_merchant", None)
SHOP = "100500"


@dataclass(frozen=True)
class Happening:
    """Something that befell one user, so many minutes before now; the other fields say more of it."""

    user: int
    minutes_ago: int
    what: str
    plan: str
    kopecks: int
    is_test: bool
    seed: int
    # So many per mille of its days are taken off its end.
    cut: int | None = None


happenings = drawn.builds(
    Happening,
    user=drawn.integers(1, 3),
    # Midnights are where figures go wrong.
    minutes_ago=drawn.one_of(
        drawn.integers(1, 60 * 24 * 70), drawn.integers(0, 69).map(lambda n: n * 1440 + 1)
    ),
    what=drawn.sampled_from(
        [
            "paid",
            "paid",
            "paid",
            "canceled",
            "open",
            "failed",
            "grant",
            "import",
            "limit",
            "consent",
            "autorenew",
        ]
    ),
    plan=drawn.sampled_from(["PRO_MONTHLY", "PRO_MONTHLY", "PRO_YEARLY", "TEST_LIVE"]),
    kopecks=drawn.integers(1, 400_000),
    is_test=drawn.booleans(),
    seed=drawn.integers(0, 2**32),
    cut=drawn.one_of(drawn.none(), drawn.integers(0, 1000), drawn.just(1000)),
)
# The rouble of an administrator is asked for in the live shop only.
possible = happenings.filter(lambda one: not (one.is_test and one.plan == "TEST_LIVE"))
# Few users, so that much happens to each.
histories = drawn.lists(possible, min_size=8, max_size=20)


@dataclass
class Writer:
    """Writes a history down, the oldest first. `ends`: where each line of each user's spans ends."""

    services: Services
    now: datetime
    shop_is_test: bool
    ends: dict[tuple[int, str], datetime] = field(default_factory=dict)
    period_id: int = 0
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    async def write(self, history: list[Happening]) -> None:
        async with self.services.statements.transaction() as tx:
            self.tx = tx
            await tx.execute("UPDATE shop_in_force SET is_test = $1", self.shop_is_test)
            for user in {one.user for one in history}:
                await tx.execute("INSERT INTO subscriptions (user_id) VALUES ($1)", user)
            for one in sorted(history, key=lambda one: -one.minutes_ago):
                at = self.now - timedelta(minutes=one.minutes_ago)
                await getattr(self, f"_{one.what}")(one, at, random.Random(one.seed))  # noqa: S311 (no secret)
            if self.period_id:
                sequence = "pg_get_serial_sequence('subscription_periods', 'id')"
                await tx.execute(f"SELECT setval({sequence}, $1)", self.period_id)

    def _id(self) -> UUID:
        return UUID(int=next(self.ids))

    async def _payment(self, one: Happening, at: datetime, status: str, **more: object) -> UUID:
        row = {
            "id": self._id(),
            "user_id": one.user,
            "plan_code": one.plan,
            "amount": Decimal(one.kopecks) / 100,
            "currency": "RUB",
            "duration_days": PLANS[one.plan],
            "description": "",
            "purpose": "PLAN",
            "status": status,
            "shop_id": SHOP,
            "is_test": one.is_test,
            **dict.fromkeys(("caller", "route", "request_fingerprint", "return_url"), ""),
            "created_at": at,
            "updated_at": at,
        } | more
        await self._insert("payments", row)
        return UUID(str(row["id"]))

    async def _insert(self, table: str, row: dict[str, object]) -> None:
        places = ", ".join(f"${number}" for number, _ in enumerate(row, start=1))
        await self.tx.execute(
            f"INSERT INTO {table} ({', '.join(row)}) OVERRIDING SYSTEM VALUE VALUES ({places})",  # noqa: S608
            *row.values(),
        )

    async def _period(self, one: Happening, at: datetime, cause: str, **more: object) -> None:
        """Laid at the end of its line; sometimes its end is cut, as by a refund."""
        self.period_id += 1
        line = self._line(one, cause)
        # Days that are given are few, so that others follow on them.
        days = PLANS[one.plan] if cause == "payment" else 1 + one.seed % 9
        begins = max(self.ends.get((one.user, line), at), at)
        ends = begins + days * DAY
        await self.tx.execute(
            f"""
            INSERT INTO subscription_periods (id, user_id, plan_code, cause, granted_at, days, span, {", ".join(more)})
            OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6, tstzrange($7, $8),
                {", ".join(f"${number}" for number, _ in enumerate(more, start=9))})
            """,  # noqa: S608
            *(self.period_id, one.user, one.plan, cause, at, days, begins, ends, *more.values()),
        )
        self.ends[one.user, line] = ends
        if one.cut is not None:
            by = timedelta(seconds=int((ends - begins) / timedelta(seconds=1)) * one.cut // 1000)
            await self.tx.execute(
                "UPDATE subscription_periods SET cut = $2, span = tstzrange($3, $4) WHERE id = $1",
                *(self.period_id, by, begins, ends - by),
            )
            self.ends[one.user, line] = ends - by

    def _line(self, one: Happening, cause: str) -> str:
        is_test = one.is_test and cause == "payment"
        chain = "test" if is_test else "check" if one.plan == "TEST_LIVE" else "live"
        return "line" if self.shop_is_test and chain != "check" else chain

    async def _paid(self, one: Happening, at: datetime, dice: random.Random) -> None:
        begun = at - timedelta(minutes=dice.randrange(5))
        payment = await self._payment(one, begun, "PENDING")
        await self._period(one, at, "payment", payment_id=payment, is_test=one.is_test)
        await self.tx.execute(
            "UPDATE payments SET status = 'SUCCEEDED', paid_at = $2, period_id = $3 WHERE id = $1",
            *(payment, at, self.period_id),
        )
        for refund in self._refunds(one, at, dice):
            await self._insert("refunds", refund | {"payment_id": payment})

    def _refunds(self, one: Happening, at: datetime, dice: random.Random) -> Iterator[dict[str, object]]:
        left = one.kopecks
        for _ in range(dice.randrange(3)):
            if not left:
                return
            part = dice.randrange(left) + 1
            left -= part
            back = min(at + timedelta(minutes=dice.randrange(60 * 24 * 40)), self.now)
            succeeded = dice.random() < 0.8
            yield {
                "id": self._id(),
                "amount": Decimal(part) / 100,
                "currency": "RUB",
                "made_by": "cabinet",
                "access": "cut_prorata",
                "access_cut": timedelta(seconds=dice.randrange(10**6)) if succeeded else None,
                "applied_at": back if succeeded else None,
                "reason": "",
                "status": "SUCCEEDED" if succeeded else "CANCELED",
                "shop_id": SHOP,
                "is_test": one.is_test,
                "completed_at": back if succeeded else None,
                "created_at": back,
                "updated_at": back,
            }

    async def _canceled(self, one: Happening, at: datetime, dice: random.Random) -> None:
        reason = dice.choice(REASONS)
        party = "merchant" if reason == "canceled_by_merchant" else "payment_network"
        await self._payment(one, at, "CANCELED", cancellation_reason=reason, cancellation_party=party)

    async def _open(self, one: Happening, at: datetime, _: random.Random) -> None:
        await self._payment(one, at, "PENDING")

    async def _failed(self, one: Happening, at: datetime, _: random.Random) -> None:
        await self._payment(one, at, "FAILED")

    async def _grant(self, one: Happening, at: datetime, _: random.Random) -> None:
        await self._period(one, at, "grant", author="support", reason="сбой")

    async def _import(self, one: Happening, at: datetime, _: random.Random) -> None:
        await self._period(one, at, "import", payment_id=None)

    async def _limit(self, one: Happening, at: datetime, _: random.Random) -> None:
        await self.tx.execute(
            "INSERT INTO outbox_events (kind, user_id, data, occurred_at) VALUES ('usage.limit_reached', $1, $2, $3)",
            *(one.user, '{"plan": "FREE", "daily_limit": 3}', at),
        )

    async def _consent(self, one: Happening, at: datetime, _: random.Random) -> None:
        await self._insert(
            "consents",
            {
                "id": self._id(),
                "user_id": one.user,
                "document_version": "1",
                "plan_code": one.plan,
                "amount": Decimal(one.kopecks) / 100,
                "currency": "RUB",
                "period_days": PLANS[one.plan],
                "given_with": "consent",
                "caller": "",
                "given_at": at,
            },
        )

    async def _autorenew(self, one: Happening, _: datetime, __: random.Random) -> None:
        await self.tx.execute(
            "UPDATE subscriptions SET auto_renew = NOT auto_renew WHERE user_id = $1", one.user
        )

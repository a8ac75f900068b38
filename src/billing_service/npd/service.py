"""The register of a self-employed person's shop: what «Мой налог» must know, and whether it does.

Since 2025-12-29 YooKassa issues no receipts for the self-employed: each sale and each return is entered there by hand.
Law 422-FZ: a receipt for money that came without cash is due by the 9th of the next month (article 14); a return
lessens the income of the time in which that was received (article 8); above 2 400 000 roubles of income a year the
regime ends (article 4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from billing_service.alarms import service as alarms
from billing_service.audit import service as audit
from billing_service.audit.service import Deed
from billing_service.config import Settings
from billing_service.kit.alarms import Alarm
from billing_service.kit.transaction import Transaction
from billing_service.npd import queries
from billing_service.npd.queries import Entry, Month, Shop
from billing_service.services import Services
from billing_service.web.errors.operators import NpdEntryNotFound

__all__ = ["Entry", "Month", "Year", "get_link", "mark_registered", "read_register", "read_year", "watch"]

# Two days are left then.
TOLD_FROM_DAY = 7
WARNED_FROM = Decimal("0.8")
NAMED_AT_MOST = 20
REASON = "внесено в «Мой налог»"


@dataclass(frozen=True)
class Year:
    """What a year brought, month by month, beside the most that the law allows; in roubles."""

    months: Sequence[Month]
    limit: Decimal

    @property
    def income(self) -> Decimal:
        return sum((month.income for month in self.months), Decimal("0.00"))

    @property
    def returned(self) -> Decimal:
        return sum((month.returned for month in self.months), Decimal("0.00"))

    @property
    def kept(self) -> Decimal:
        return self.income - self.returned

    @property
    def is_near_limit(self) -> bool:
        return self.kept >= self.limit * WARNED_FROM


async def read_register(services: Services, month: date | None, *, is_open: bool | None) -> Sequence[Entry]:
    """What happened in a month: all of it, only what is open, or only what is registered."""
    async with services.statements.transaction() as tx:
        return await queries.list_entries(tx, _shop(services.settings), month, is_open=is_open)


async def read_year(services: Services, year: int | None) -> Year:
    async with services.statements.transaction() as tx:
        return await _year(tx, services.settings, year)


async def mark_registered(
    services: Services, entry_id: UUID, *, number: str, link: str | None, deed: Deed
) -> Entry:
    """Write down the receipt of one entry. Again with the same receipt changes nothing; another one replaces it, and
    the audit log keeps both. Raises `NpdEntryNotFound` for what is not in the register."""
    async with services.statements.transaction() as tx:
        shop = _shop(services.settings)
        entry = await queries.get_entry(tx, shop, entry_id)
        if entry is None:
            raise NpdEntryNotFound
        if (entry.number, entry.link) == (number, link):
            return entry
        await queries.upsert_registration(
            tx, entry, number=number, link=link, author=deed.author, caller=deed.caller
        )
        await _write_down(tx, entry, deed, number=number, link=link)
        return await queries.get_entry(tx, shop, entry_id) or entry


async def get_link(tx: Transaction, payment_id: UUID) -> str | None:
    """Where the payer finds the receipt of a payment, once somebody has registered it."""
    return await queries.get_link(tx, payment_id)


async def watch(services: Services) -> None:
    """Raise an alarm, once each: from the 7th on about what is open of last month, and near the yearly limit."""
    settings = services.settings
    async with services.statements.transaction() as tx:
        today = await queries.get_today(tx)
        if today.day >= TOLD_FROM_DAY:
            await _tell_of_open(tx, settings, (today.replace(day=1) - timedelta(days=1)).replace(day=1))
        # What is paid in the last hours of a year may be learned of in the next.
        for year in (today.year - 1, today.year) if today.month == 1 else (today.year,):
            await _tell_of_limit(tx, settings, year)


async def _tell_of_limit(tx: Transaction, settings: Settings, year: int) -> None:
    brought = await _year(tx, settings, year)
    if brought.is_near_limit:
        reached = "the limit" if brought.kept >= brought.limit else "80 %"
        facts = {"year": year, "reached": reached, "limit": str(brought.limit), "kept": str(brought.kept)}
        await alarms.raise_first(tx, Alarm.NPD_LIMIT_NEAR, f"{year}: {reached}", **facts)


async def _tell_of_open(tx: Transaction, settings: Settings, month: date) -> None:
    entries = await queries.list_entries(tx, _shop(settings), month, is_open=True)
    if entries:
        await alarms.raise_first(
            tx,
            Alarm.NPD_NOT_REGISTERED,
            f"{month:%Y-%m}",
            month=f"{month:%Y-%m}",
            open_entries=len(entries),
            entries=[str(entry.entry_id) for entry in entries[:NAMED_AT_MOST]],
        )


async def _year(tx: Transaction, settings: Settings, year: int | None) -> Year:
    months = await queries.list_months(tx, _shop(settings), year)
    return Year(months, settings.npd_yearly_limit)


def _shop(settings: Settings) -> Shop:
    return Shop(settings.shop_is_test, settings.npd_since)


async def _write_down(tx: Transaction, entry: Entry, deed: Deed, **receipt: str | None) -> None:
    await audit.record(
        tx,
        "npd.registered",
        deed,
        user_id=entry.user_id,
        details={
            "entry_id": entry.entry_id,
            "kind": entry.kind,
            **receipt,
            "before": {"number": entry.number, "link": entry.link} if entry.number else None,
        },
    )

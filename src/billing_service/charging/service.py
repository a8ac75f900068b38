"""Stop and start the charging of saved methods: for every process at once, because the claim of a charge reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from billing_service.audit import service as audit
from billing_service.audit.service import Deed
from billing_service.charging import queries
from billing_service.charging.declines import ABOUT_MONEY
from billing_service.charging.models import Source
from billing_service.charging.queries import MAY_CHARGE, Switch
from billing_service.config import Settings
from billing_service.kit.alarms import Alarm, raise_alarm
from billing_service.kit.callers import SYSTEM
from billing_service.kit.transaction import Transaction
from billing_service.services import Services

__all__ = [
    "MAY_CHARGE",
    "STOPPED_MEANWHILE",
    "Charging",
    "follow_setting",
    "read",
    "start",
    "stop",
    "stop_because",
    "trip",
]

log = structlog.get_logger()

# What the database calls it when it refuses a charge because somebody has stopped charging.
STOPPED_MEANWHILE = "ck_payments_charging_goes_on"
# How many of the last charges are looked at, and how many there must be before they say anything.
LOOKED_AT, SAYS_NOTHING_BELOW = 50, 20


@dataclass(frozen=True)
class Charging:
    """Whether saved methods are charged; `stops` are those that hold, `started_at` is when an operator last
    started it, None while he has stopped it or never did either.

    `enabled` is the setting of this process: without it nothing is charged either.
    """

    enabled: bool
    stops: Sequence[Switch]
    started_at: datetime | None

    @property
    def is_charging(self) -> bool:
        return self.enabled and not self.stops


async def read(services: Services) -> Charging:
    async with services.statements.transaction() as tx:
        return await _read(tx, services)


async def stop(services: Services, deed: Deed) -> Charging:
    """Charge nobody until somebody starts it again. What has left already is settled as ever. Safe to repeat."""
    async with services.statements.transaction() as tx:
        if await queries.stop(tx, Source.OPERATOR, author=deed.author, reason=deed.reason):
            await _write_down(tx, "charging.stopped", deed)
        return await _read(tx, services)


async def start(services: Services, deed: Deed) -> Charging:
    """Lift every stop, whoever set it; declines are counted anew from here. Written down each time."""
    async with services.statements.transaction() as tx:
        held = [switch.source for switch in (await _read(tx, services)).stops]
        await queries.start(tx)
        await _write_down(tx, "charging.started", deed, lifted=held)
        return await _read(tx, services)


async def stop_because(tx: Transaction, source: Source, reason: str) -> None:
    """What the service does by itself, as part of the decision that found the reason; with an alarm if it is news."""
    if await queries.stop(tx, source, author=SYSTEM, reason=reason):
        tx.once_committed(partial(raise_alarm, Alarm.CHARGING_STOPPED, source=source.value, reason=reason))
        deed = Deed(SYSTEM, SYSTEM, reason, "")
        await _write_down(tx, "charging.stopped", deed, source=source)


async def follow_setting(services: Services) -> None:
    """Take `BILLING_RECURRING_ENABLED` in, once at the start of a worker: who was let go before it is never charged,
    so that the instant at which renewals are switched on is kept. Safe to repeat."""
    async with services.statements.transaction() as tx:
        await queries.follow_setting(tx, on=services.settings.billing_recurring_enabled)


async def trip(tx: Transaction, settings: Settings) -> None:
    """Stop if too many of the last charges were declined for other reasons than money: something is wrong with us, the
    shop or the provider, and every further charge would make it worse."""
    found = await queries.count_declined(tx, about_money=ABOUT_MONEY, most=LOOKED_AT)
    if (
        found.charges < SAYS_NOTHING_BELOW
        or 100 * found.declined <= settings.renewal_trip_declines * found.charges
    ):
        return
    reason = f"{found.declined} of the last {found.charges} charges were declined, not for money"
    await stop_because(tx, Source.TRIP, reason)


async def _read(tx: Transaction, services: Services) -> Charging:
    switches = await queries.list_switches(tx)
    is_off = any(one.source == Source.SETTING and one.stopped_since for one in switches)
    stops = [one for one in switches if one.stopped_since and one.source != Source.SETTING]
    started = [one.changed_at for one in switches if one.source == Source.OPERATOR and one not in stops]
    enabled = services.settings.billing_recurring_enabled and not is_off
    return Charging(enabled, stops, next(iter(started), None))


async def _write_down(tx: Transaction, action: str, deed: Deed, **details: object) -> None:
    await audit.record(
        tx,
        action,
        deed,
        details=details,
    )
    log.warning("charging.switched", action=action, author=deed.author, reason=deed.reason, **details)

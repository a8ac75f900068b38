"""Audit a day: the rules over whoever changed, its money against YooKassa's lists, its days paid against given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

import structlog

from billing_service.charging import service as charging
from billing_service.charging.models import Source
from billing_service.daily_audits import queries
from billing_service.daily_audits.queries import Day, DaysGiven
from billing_service.daily_audits.sides import Side
from billing_service.kit.alarms import Alarm, raise_alarm
from billing_service.kit.money import to_wire
from billing_service.operations.books import LEDGERS, compare
from billing_service.operations.invariants import INVARIANTS, find_violations, find_violations_among
from billing_service.services import Services

log = structlog.get_logger()

# A day without a worker is caught up; more of them than this are left to `--day` and `--full`.
CATCH_UP_DAYS = 30
# What was paid in a day's last minutes is asked about and settled by then, also without a notification.
SETTLED_AFTER = timedelta(hours=2)
# For how long one step may read lists.
SECONDS = 20
MONEY = "the money of the day is the provider's"
DAYS = "as many days were given as were paid"
# While one of these is broken no saved method is charged: I1, I4, I5 and I6 of docs/architecture.md.
STOPS_CHARGING = frozenset(
    {
        "a paid plan has its period",
        "a payment never has two periods",
        "a paid period is what its payment bought",
        "at most one renewal of a user is open",
        "a period is renewed at most once",
        "no more is refunded than was paid",
        "a refund that succeeded has had its effect",
        "no more access is taken than money went back",
    }
)
Told = Callable[[str], None]


@dataclass(frozen=True)
class Report:
    """`findings`: each broken rule with the rows that break it, a few of them; empty when all is well.

    `examined` is how many users had changed, None for a full audit. Money is in roubles, as text. `foreign` names a few
    of the `foreign_count` objects of other systems in the shop.
    """

    day: date
    is_full: bool
    examined: int | None
    findings: Mapping[str, Sequence[str]]
    paid_theirs: str
    paid_ours: str
    returned_theirs: str
    returned_ours: str
    days_paid: int
    days_granted: int
    foreign: Sequence[str]
    foreign_count: int

    @property
    def is_clean(self) -> bool:
        return not self.findings

    def as_dict(self) -> dict[str, object]:
        return asdict(self) | {"day": self.day.isoformat()}


class NotOver(Exception):
    """The day is not over yet, or is to come."""


async def audit_due(services: Services, seconds: float = SECONDS) -> bool:
    """One step of auditing the days that are over and were not audited yet, the oldest first; True if there is more.

    A step is what can be compared of a list in so many seconds, or the rules and the report. What it found is kept, so
    that a day of any size ends, and whoever is stopped goes on there. Should two processes do it at once, one of them
    does it in vain. Raises the client's errors; then the step is taken the next time.
    """
    zone = services.settings.billing_timezone.key
    async with services.statements.transaction() as tx:
        await queries.be_alone(tx)
        due = await queries.list_due(tx, zone, settled_after=SETTLED_AFTER, at_most=CATCH_UP_DAYS)
        sides = await queries.get_or_begin_sides(tx, due[0], LEDGERS) if due else []
    for side in sides:
        if not side.is_complete:
            await _take_further(services, due[0], side, seconds)
            return True
    if due:
        report, feed_no = await _examine(services, due[0], sides, is_full=False, tell=_nobody)
        await _keep(services, report, sides, feed_no=feed_no, is_due=True)
    return len(due) > 1


async def _take_further(services: Services, day: Day, side: Side, seconds: float) -> None:
    await compare(services, day, side, seconds)
    async with services.statements.transaction() as tx:
        await queries.keep_side(tx, day, side)


async def audit(services: Services, *, day: date | None, is_full: bool, tell: Told) -> Report:
    """One day (the last that is over, unless it is named), over whoever has changed since the last audit or over all
    history; kept as every audit is. `tell` hears of each step. Raises `NotOver` and the client's errors."""
    zone = services.settings.billing_timezone.key
    async with services.statements.transaction() as tx:
        asked = day or await queries.get_yesterday(tx, zone)
        found = await queries.get_day(tx, asked, zone)
        reach = await queries.get_reach(tx)
    if found is None:
        raise NotOver(asked)
    sides = [Side(kind, begun_at=reach.now, left_until=found.ends) for kind in LEDGERS]
    for side in sides:
        while not side.is_complete:
            tell(
                f"comparing YooKassa's {side.kind}s with our rows, back from {side.left_until:%d.%m. %H:%M} UTC"
            )
            await compare(services, found, side, SECONDS)
    report, feed_no = await _examine(services, found, sides, is_full=is_full, tell=tell)
    await _keep(services, report, sides, feed_no=feed_no, is_due=False)
    return report


async def _examine(
    services: Services, day: Day, sides: Sequence[Side], *, is_full: bool, tell: Told
) -> tuple[Report, int]:
    """The rules, and the report of a day whose money was compared; and how far the feed was when it was examined."""
    settings = services.settings
    async with services.statements.transaction() as tx:
        reach = await queries.get_reach(tx)
        changed = None if is_full else await queries.list_changed(tx, reach)
        given = await queries.get_days_given(tx, day, shop_id=settings.shop_id, is_test=settings.shop_is_test)
    findings = dict(await _broken(services, changed, tell))
    if differences := [how for side in sides for how in side.findings()]:
        findings[MONEY] = differences
    if given.paid != given.granted:
        findings[DAYS] = [f"{given.paid} days were paid, {given.granted} were given"]
    return _report(day, None if changed is None else len(changed), findings, sides, given), reach.feed_no


async def _broken(
    services: Services, changed: Sequence[int] | None, tell: Told
) -> Mapping[str, Sequence[str]]:
    if changed is not None:
        tell(f"{len(INVARIANTS)} rules among {len(changed)} users who have changed")
        async with services.db.engine.connect() as connection:
            return await find_violations_among(connection, changed)
    found: dict[str, Sequence[str]] = {}
    for number, rule in enumerate(INVARIANTS, start=1):
        tell(f"rule {number} of {len(INVARIANTS)}: {rule}")
        async with services.db.engine.connect() as connection:
            if rows := await find_violations(connection, rule):
                found[rule] = rows
    return found


def _report(
    day: Day,
    examined: int | None,
    findings: Mapping[str, Sequence[str]],
    sides: Sequence[Side],
    given: DaysGiven,
) -> Report:
    paid, returned = sorted(sides, key=lambda side: side.kind)
    return Report(
        day=day.day,
        is_full=examined is None,
        examined=examined,
        findings=findings,
        paid_theirs=to_wire(paid.theirs),
        paid_ours=to_wire(paid.ours),
        returned_theirs=to_wire(returned.theirs),
        returned_ours=to_wire(returned.ours),
        days_paid=given.paid,
        days_granted=given.granted,
        foreign=[*paid.foreign_ids, *returned.foreign_ids],
        foreign_count=paid.foreign_count + returned.foreign_count,
    )


async def _keep(
    services: Services, report: Report, sides: Sequence[Side], *, feed_no: int, is_due: bool
) -> None:
    """The report and the stop that follows from it are one transaction, then its alarms; nothing at all of a day that
    was due, once somebody else has kept it."""
    async with services.statements.transaction() as tx:
        await queries.be_alone(tx)
        was_under_way = not report.is_full and await queries.forget_sides(tx, report.day)
        if is_due and not was_under_way:
            return
        await queries.insert_audit(
            tx,
            day=report.day,
            is_full=report.is_full,
            feed_no=feed_no,
            started_at=min(side.begun_at for side in sides),
            report=report.as_dict(),
        )
        for rule in sorted(report.findings.keys() & STOPS_CHARGING):
            await charging.stop_because(tx, Source.AUDIT, rule)
    for rule, rows in report.findings.items():
        raise_alarm(Alarm.AUDIT_FOUND, rule=rule, rows=list(rows), day=report.day.isoformat())
    log.info("day.audited", day=report.day.isoformat(), is_full=report.is_full, broken=len(report.findings))


def _nobody(_step: str) -> None:
    """Nobody watches a job."""

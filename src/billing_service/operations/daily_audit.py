"""Audit a day: the rules over whoever changed, its money against YooKassa's lists, its days paid against given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

import structlog

from billing_service.charging import service as charging
from billing_service.charging.models import Source
from billing_service.daily_audits import queries
from billing_service.daily_audits.queries import Day, DaysGiven, Reach
from billing_service.kit.alarms import Alarm, raise_alarm
from billing_service.kit.money import to_wire
from billing_service.operations.books import Books, all_differences, compare
from billing_service.operations.invariants import INVARIANTS, find_violations
from billing_service.services import Services

log = structlog.get_logger()

# A day without a worker is caught up; more of them than this are left to `--day` and `--full`.
CATCH_UP_DAYS = 30
# What was paid in a day's last minutes is asked about and settled by then, also without a notification.
SETTLED_AFTER = timedelta(hours=2)
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

    `examined` is how many users had changed, None for a full audit. Money is in roubles, as text.
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

    @property
    def is_clean(self) -> bool:
        return not self.findings

    def as_dict(self) -> dict[str, object]:
        return asdict(self) | {"day": self.day.isoformat()}


class NotOver(Exception):
    """The day is not over yet, or is to come."""


async def audit_due(services: Services) -> None:
    """Every day that is over and was not audited yet, the oldest first.

    Raises the client's errors; the days that are left then are audited the next time. Should two processes do it at
    once, both reports are kept, and say the same.
    """
    zone = services.settings.billing_timezone.key
    async with services.statements.transaction() as tx:
        due = await queries.list_due(tx, zone, settled_after=SETTLED_AFTER, at_most=CATCH_UP_DAYS)
    for day in due:
        await _audit(services, day, is_full=False, tell=_nobody)


async def audit(services: Services, *, day: date | None, is_full: bool, tell: Told) -> Report:
    """One day (the last that is over, unless it is named), over whoever has changed since the last audit or over all
    history; kept as every audit is. `tell` hears of each step. Raises `NotOver` and the client's errors."""
    zone = services.settings.billing_timezone.key
    async with services.statements.transaction() as tx:
        asked = day or await queries.get_yesterday(tx, zone)
        found = await queries.get_day(tx, asked, zone)
    if found is None:
        raise NotOver(asked)
    return await _audit(services, found, is_full=is_full, tell=tell)


async def _audit(services: Services, day: Day, *, is_full: bool, tell: Told) -> Report:
    settings = services.settings
    async with services.statements.transaction() as tx:
        reach = await queries.get_reach(tx)
        changed = None if is_full else await queries.list_changed(tx, reach)
        given = await queries.get_days_given(tx, day, shop_id=settings.shop_id, is_test=settings.shop_is_test)
    findings = dict(await _broken(services, changed, tell))
    tell("comparing YooKassa's lists of the day with our rows")
    books = await compare(services, day)
    if differences := all_differences(books):
        findings[MONEY] = differences
    if given.paid != given.granted:
        findings[DAYS] = [f"{given.paid} days were paid, {given.granted} were given"]
    report = _report(day, None if changed is None else len(changed), findings, books, given)
    await _keep(services, day, reach, report)
    return report


async def _broken(
    services: Services, changed: Sequence[int] | None, tell: Told
) -> Mapping[str, Sequence[str]]:
    found: dict[str, Sequence[str]] = {}
    for number, rule in enumerate(INVARIANTS, start=1):
        tell(f"rule {number} of {len(INVARIANTS)}: {rule}")
        async with services.db.engine.connect() as connection:
            if rows := await find_violations(connection, rule, among=changed):
                found[rule] = rows
    return found


def _report(
    day: Day,
    examined: int | None,
    findings: Mapping[str, Sequence[str]],
    books: Books,
    given: DaysGiven,
) -> Report:
    return Report(
        day=day.day,
        is_full=examined is None,
        examined=examined,
        findings=findings,
        paid_theirs=to_wire(books.paid.theirs),
        paid_ours=to_wire(books.paid.ours),
        returned_theirs=to_wire(books.returned.theirs),
        returned_ours=to_wire(books.returned.ours),
        days_paid=given.paid,
        days_granted=given.granted,
        foreign=[*books.paid.foreign, *books.returned.foreign],
    )


async def _keep(services: Services, day: Day, reach: Reach, report: Report) -> None:
    """The report, its alarms, and the stop that follows from it are one transaction."""
    async with services.statements.transaction() as tx:
        await queries.insert_audit(
            tx, day=day.day, is_full=report.is_full, reach=reach, report=report.as_dict()
        )
        for rule in sorted(report.findings.keys() & STOPS_CHARGING):
            await charging.stop_because(tx, Source.AUDIT, rule)
    for rule, rows in report.findings.items():
        raise_alarm(Alarm.AUDIT_FOUND, rule=rule, rows=list(rows), day=day.day.isoformat())
    log.info("day.audited", day=day.day.isoformat(), is_full=report.is_full, broken=len(report.findings))


def _nobody(_step: str) -> None:
    """Nobody watches a job."""

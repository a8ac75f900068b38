"""Who paid and did not get: asked of the provider, named, and given what he paid for.

The provider's own list of all that was paid since the first payment there is compared with what is here. Whatever is
done is done by the ways of every day: a payment is settled, a lost one gets its row, an imported one its own days.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid5

from billing_service.audit import service as audit
from billing_service.audit.service import Deed
from billing_service.kit.callers import LEGACY
from billing_service.kit.money import to_wire
from billing_service.kit.transaction import Transaction
from billing_service.legacy import repair_queries as queries
from billing_service.legacy.findings import Finding
from billing_service.legacy.lost_days import lost_of
from billing_service.legacy.repair_queries import Bought, Known, Short
from billing_service.payments.adoption import adopt
from billing_service.payments.calls import PAYMENTS
from billing_service.payments.owed import give_days
from billing_service.payments.settlement import OUR_MARK
from billing_service.payments.states import Report, Status
from billing_service.plans import service as plans
from billing_service.provider_calls.kinds import settle
from billing_service.services import Services
from billing_service.subscriptions import service as subscriptions
from billing_service.web.errors.requests import UserMoved
from billing_service.yookassa import schemas as yookassa
from billing_service.yookassa.errors import NotFound

ACTION = "legacy.repaired"
STEP = timedelta(days=7)
PAGE, USERS_AT_ONCE = 100, 5000
# What a lost payment is called here if the object names no id of its own that could be one.
LOST = UUID("6f0d8f4e-6c0f-4a0c-9d53-0d1a4f4b6a11")


async def repair(services: Services, deed: Deed | None) -> AsyncIterator[Finding]:
    """Each finding in turn; with a deed it is mended, and `done` says whether it was. Safe to repeat and to interrupt.

    Raises the client's errors; what was mended until then stays.
    """
    async for finding in _unsettled(services):
        yield await _mend(services, finding, deed)
    async for finding in _short(services):
        yield await _mend(services, finding, deed)


async def _unsettled(services: Services) -> AsyncIterator[Finding]:
    """What the provider was paid and we do not have as paid."""
    async with services.statements.transaction() as tx:
        since, now = await queries.get_window(tx)
    while since is not None and since < now:
        until, batch = min(since + STEP, now), list[yookassa.Payment]()
        async for seen in services.yookassa.list_payments(created_from=since, created_to=until):
            if isinstance(seen, yookassa.Unreadable):
                yield Finding("cannot_tell", None, seen.id or "", "", "the object cannot be read")
            elif seen.status == Report.SUCCEEDED and OUR_MARK not in seen.metadata:
                batch.append(seen)
            if len(batch) == PAGE:
                for finding in await _compare(services, batch):
                    yield finding
                batch.clear()
        for finding in await _compare(services, batch):
            yield finding
        since = until


async def _compare(services: Services, batch: Sequence[yookassa.Payment]) -> Sequence[Finding]:
    named = {seen.id: _uuid(seen.metadata.get("payment_id")) for seen in batch}
    async with services.statements.transaction() as tx:
        by_object, by_id = await queries.list_known(
            tx, [seen.id for seen in batch], [one for one in named.values() if one]
        )
    found = []
    for seen in batch:
        ours = named[seen.id]
        known = by_object.get(seen.id) or (by_id.get(ours) if ours else None)
        if finding := _judge(seen, known) if known else _judge_unknown(seen):
            found.append(finding)
    return found


def _judge(seen: yookassa.Payment, known: Known) -> Finding | None:
    about = Finding("", known.user_id, seen.id, _money(seen), payment_id=known.id, seen=seen)
    if known.status != Status.SUCCEEDED:
        return replace(about, kind="paid_open", because=f"it is {known.status} here")
    returned = seen.refunded_amount.value if seen.refunded_amount else None
    if returned is None or returned > known.returned:
        return replace(
            about, kind="returned_unknown", because=f"{known.returned} of it has gone back as far as we know"
        )
    return None


def _judge_unknown(seen: yookassa.Payment) -> Finding | None:
    """A payment of the old service bears its user and his plan; what bears neither is another system's."""
    user, plan = seen.metadata.get("user_id", ""), seen.metadata.get("plan_code", "")
    if not user and not plan:
        return None
    about = Finding("paid_lost", None, seen.id, _money(seen), seen=seen, plan_code=plan)
    if not (user.isascii() and user.isdecimal() and plan):
        return replace(about, kind="cannot_tell", because="it does not say whose it is, or what for")
    if not seen.refunded_amount or seen.refunded_amount.value >= seen.amount.value:
        return None
    return replace(about, user_id=int(user), because=f"its row is not here; it was for {plan}")


async def _short(services: Services) -> AsyncIterator[Finding]:
    """Whose payments are known and paid, and go further than his access."""
    after: int | None = 0
    while after is not None:
        async with services.statements.transaction() as tx:
            page, after = await queries.list_short(tx, after=after, users=USERS_AT_ONCE)
        for short in page:
            async for finding in _short_of(services, short):
                yield finding


async def _short_of(services: Services, short: Short) -> AsyncIterator[Finding]:
    """The payments whose days are nowhere, as YooKassa has them now; what is missing beside them is for a person."""
    lost = lost_of(short.payments, short.ends)
    for place in lost.places:
        yield await _ask_about(services, short, short.payments[place])
    if lost.beside:
        because = f"{lost.beside} of paid time are missing, and no payment is that short"
        yield Finding("cannot_tell", short.user_id, "", "", because)


async def _ask_about(services: Services, short: Short, bought: Bought) -> Finding:
    about = Finding("days_lost", short.user_id, bought.yookassa_payment_id or "", "", payment_id=bought.id)
    if bought.yookassa_payment_id is None:
        return replace(about, kind="cannot_tell", because="it has no id at YooKassa")
    try:
        seen = await services.yookassa.get_payment(bought.yookassa_payment_id)
    except NotFound:
        return replace(about, kind="cannot_tell", because="YooKassa has no such payment in this shop")
    about = replace(about, amount=_money(seen), seen=seen)
    if seen.status != Report.SUCCEEDED:
        return replace(about, kind="cannot_tell", because=f"it is paid here, and {seen.status} at YooKassa")
    if seen.has_refunds:
        return replace(about, kind="cannot_tell", because="something of it has gone back since")
    ends = f"ended at {short.ends:%Y-%m-%d}" if short.ends else "was none"
    return replace(about, because=f"its {bought.days} days are missing: access {ends}")


async def _mend(services: Services, finding: Finding, deed: Deed | None) -> Finding:
    if deed is None or finding.seen is None or finding.kind == "cannot_tell":
        return finding
    mended = await MENDED_BY[finding.kind](services, finding)
    if mended:
        async with services.statements.transaction() as tx:
            await audit.record(tx, ACTION, deed, user_id=finding.user_id, details=_details(finding))
        await _ask_what_went_back(services, finding)
    return replace(finding, done=mended)


async def _ask_what_went_back(services: Services, finding: Finding) -> None:
    """What went back between the question and the gift takes its days again. A repeat finds it as well, as
    `returned_unknown`."""
    if finding.kind != "days_lost" or finding.payment_id is None:
        return
    seen = await services.yookassa.get_payment(finding.yookassa_payment_id)
    if seen.has_refunds:
        await settle(services, PAYMENTS, finding.payment_id, seen)


async def _settle(services: Services, finding: Finding) -> bool:
    if finding.payment_id is None or finding.seen is None:
        return False
    settlement = await settle(services, PAYMENTS, finding.payment_id, finding.seen)
    return not settlement.refused_because and settlement.row.state is Status.SUCCEEDED


async def _adopt(services: Services, finding: Finding) -> bool:
    seen, user_id = finding.seen, finding.user_id
    if seen is None or user_id is None:
        return False
    settings = services.settings
    if (seen.account_id, seen.test) != (settings.shop_id, settings.shop_is_test):
        return False
    async with services.statements.transaction() as tx:
        plan = await plans.get_with_a_price(tx, finding.plan_code)
    if plan is None:
        return False
    payment_id = _uuid(seen.metadata.get("payment_id")) or uuid5(LOST, seen.id)

    async def make_row(tx: Transaction) -> bool:
        made = await adopt(
            tx, settings, seen, payment_id=payment_id, user_id=user_id, plan=plan, caller=LEGACY
        )
        return not made.refused_because and made.row.state is Status.SUCCEEDED

    try:
        return await services.statements.turns.take(user_id, make_row)
    except UserMoved as moved:
        return await _adopt(services, replace(finding, user_id=moved.moved_to))


async def _give(services: Services, finding: Finding) -> bool:
    payment_id, seen, user_id = finding.payment_id, finding.seen, finding.user_id
    if payment_id is None or seen is None or user_id is None:
        return False

    async def give(tx: Transaction) -> bool:
        await subscriptions.lock(tx, user_id)
        return await give_days(tx, payment_id, seen)

    return await services.statements.turns.take(user_id, give)


MENDED_BY = {"paid_open": _settle, "returned_unknown": _settle, "paid_lost": _adopt, "days_lost": _give}


def _details(finding: Finding) -> Mapping[str, object]:
    return {
        "kind": finding.kind,
        "payment_id": str(finding.payment_id) if finding.payment_id else None,
        "yookassa_payment_id": finding.yookassa_payment_id,
        "amount": finding.amount,
    }


def _money(seen: yookassa.Payment) -> str:
    return f"{to_wire(seen.amount.value)} {seen.amount.currency}"


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None

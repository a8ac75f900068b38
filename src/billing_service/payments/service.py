"""What other rooms may ask about payments."""

from collections.abc import Sequence
from uuid import UUID

from billing_service.alarms import service as alarms
from billing_service.kit.alarms import Alarm
from billing_service.kit.transaction import Transaction
from billing_service.payments import charge_queries, queries
from billing_service.payments.models import Payment
from billing_service.payments.queries import BegunEarly
from billing_service.payments.settlement import OUR_MARK
from billing_service.provider_calls.kinds import StrangeMark, UnmatchedObject
from billing_service.provider_calls.sending import LEASE, Claim
from billing_service.yookassa import schemas as yookassa


async def match(tx: Transaction, seen: yookassa.Payment, known_as: UUID | None = None) -> UUID | None:
    """Our payment for a provider's object: the one its metadata names, or its surplus; else the one that has its id.

    None if it is foreign. Raises `UnmatchedObject` for an object that bears our mark but fits no row, and `StrangeMark`
    if no row could ever fit it. An object that names one payment and is held by another goes to the one it names,
    where `settle` refuses it. `known_as`: the payment that had this object when it was asked about.
    """
    marked = seen.metadata.get(OUR_MARK)
    try:
        named = None if marked is None else UUID(marked)
    except ValueError:
        raise StrangeMark(seen.id) from None
    if named is not None and named == known_as:
        return named
    candidates = await queries.list_candidates(tx, seen.id, named)
    holder = next((one for one in candidates if one.yookassa_payment_id == seen.id), None)
    if named is None or (holder and holder.surplus_of == named):
        return holder.id if holder else None
    if all(one.id != named for one in candidates):
        raise UnmatchedObject(seen.id)
    return named


async def find(tx: Transaction, named: str) -> Payment | None:
    """The payment with this id, which may be ours or the provider's."""
    holder = await queries.get_holder(tx, named)
    if holder is not None:
        return holder
    try:
        return await queries.get_payment(tx, UUID(named))
    except ValueError:
        return None


async def write_claimed(
    tx: Transaction, payment: Payment, contact: bytes | None = None
) -> tuple[Payment, Claim[Payment]]:
    """Write a payment down, claimed by us: whoever writes it is the first to send it, once this is committed.

    `contact`: where the user's receipts go from now on, sealed. The caller holds the user's lock."""
    made = await queries.insert_claimed(tx, payment, lease=LEASE, contact=contact)
    return made, Claim.of_new(made)


async def goes_back(tx: Transaction, charge_id: UUID) -> bool:
    """Whether a charge of a saved method would be sent back, should it succeed now: its payer has said no since."""
    return await charge_queries.why_unwanted(tx, charge_id) is not None


async def alarm_unmatched(tx: Transaction, seen: yookassa.Payment) -> None:
    """Tell of an object that `match` found no payment for; again only if it has changed, e.g. was paid."""
    await alarms.raise_once(
        tx,
        Alarm.UNMATCHED_OBJECT,
        seen.id,
        yookassa_payment_id=seen.id,
        status=seen.status,
        amount=f"{seen.amount.value} {seen.amount.currency}",
    )


async def list_begun_early(tx: Transaction) -> Sequence[BegunEarly]:
    """Periods that lie before their money came in: our clock was behind, and the payer would lose that time."""
    return await queries.list_begun_early(tx)

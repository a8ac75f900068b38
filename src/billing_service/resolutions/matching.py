"""Which payment of ours a decision is about, as the provider has it now."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from uuid import UUID

from billing_service.audit import service as audit
from billing_service.kit.money import to_wire
from billing_service.kit.transaction import Transaction
from billing_service.payments import service as payments
from billing_service.payments.adoption import adopt
from billing_service.payments.calls import PAYMENTS
from billing_service.payments.models import Payment
from billing_service.payments.settlement import OUR_MARK
from billing_service.payments.states import Report, Status
from billing_service.plans import service as plans
from billing_service.plans.models import Plan
from billing_service.provider_calls.kinds import StrangeMark, UnmatchedObject, settle
from billing_service.resolutions.decisions import Because, CannotResolve, Decision
from billing_service.services import Services
from billing_service.web.errors.requests import UserMoved
from billing_service.yookassa import schemas as yookassa
from billing_service.yookassa.errors import NotFound


async def settled_now(services: Services, decision: Decision) -> tuple[Payment, Collection[str]]:
    """Our payment as the provider has it at this moment, and what contradicts it.

    An object without a row gets one. Raises `CannotResolve`, and the client's errors while the provider cannot say.
    """
    async with services.statements.transaction() as tx:
        payment = await payments.find(tx, decision.subject)
    object_id = decision.subject if payment is None else payment.yookassa_payment_id
    if object_id is None:
        raise CannotResolve(Because.IN_DOUBT)
    try:
        seen = await services.yookassa.get_payment(object_id)
    except NotFound:
        raise CannotResolve(Because.NOT_THERE) from None
    try:
        payment_id = payment.id if payment else await _match(services, seen)
    except StrangeMark:
        raise CannotResolve(Because.STRANGE_MARK) from None
    except UnmatchedObject:
        return await _adopted(services, decision, seen), ()
    if payment_id is None:
        raise CannotResolve(Because.NO_MARK)
    settlement = await settle(services, PAYMENTS, payment_id, seen)
    if settlement.row.state is Status.SUCCEEDED:
        return settlement.row, ()
    if seen.status != Report.SUCCEEDED.value:
        raise CannotResolve(Because.NOT_PAID, status=seen.status)
    return settlement.row, settlement.refused_because


async def _match(services: Services, seen: yookassa.Payment) -> UUID | None:
    async with services.statements.transaction() as tx:
        return await payments.match(tx, seen)


async def _adopted(services: Services, decision: Decision, seen: yookassa.Payment) -> Payment:
    """Money came in for a row that is not here: what the object says of it, or the person, is its row from now on."""
    settings = services.settings
    if seen.status != Report.SUCCEEDED.value or not seen.paid:
        raise CannotResolve(Because.NOT_PAID, status=seen.status)
    if (seen.account_id, seen.test) != (settings.shop_id, settings.shop_is_test):
        raise CannotResolve(Because.ANOTHER_SHOP)
    user_id, plan_code = _terms(decision, seen.metadata)
    async with services.statements.transaction() as tx:
        plan = await plans.get_with_a_price(tx, plan_code)
    if plan is None:
        raise CannotResolve(Because.NO_PLAN, plan_code=plan_code)

    async def make_row(tx: Transaction) -> Payment:
        return await _adopt(tx, services, decision, seen, owner=(user_id, plan))

    try:
        return await services.statements.turns.take(user_id, make_row)
    except UserMoved as moved:
        # The object says who he was when it was made; whom a person names he has to name as he is now.
        if decision.user_id is not None:
            raise
        return await _adopted(services, replace(decision, user_id=moved.moved_to), seen)


async def _adopt(
    tx: Transaction,
    services: Services,
    decision: Decision,
    seen: yookassa.Payment,
    *,
    owner: tuple[int, Plan],
) -> Payment:
    user_id, plan = owner
    payment_id, deed = UUID(seen.metadata[OUR_MARK]), decision.deed
    made = await adopt(
        tx, services.settings, seen, payment_id=payment_id, user_id=user_id, plan=plan, caller=deed.caller
    )
    if made.changed:
        ids = {"payment_id": str(payment_id), "yookassa_payment_id": seen.id}
        details = ids | {"plan_code": plan.code, "amount": to_wire(seen.amount.value)}
        await audit.record(tx, "payment.adopted", deed, user_id=user_id, details=details)
    return made.row


def _terms(decision: Decision, said: Mapping[str, str]) -> tuple[int, str]:
    """Whose it is and what it was for: as the person says, else as we wrote on the object when it was made."""
    user, plan_code = decision.user_id, decision.plan_code or said.get("plan_code", "")
    if user is None and said.get("user_id", "").isascii() and said.get("user_id", "").isdecimal():
        user = int(said["user_id"])
    if user is None or not plan_code:
        raise CannotResolve(Because.WHOSE)
    return user, plan_code

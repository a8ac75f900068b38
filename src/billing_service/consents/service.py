"""Agree to be charged again, and take it back: written down as it was said, under the user's lock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import structlog

from billing_service.consents import queries
from billing_service.consents.coverage import Terms, covers
from billing_service.consents.models import Consent
from billing_service.kit.payer import Payer
from billing_service.kit.transaction import Transaction
from billing_service.plans import service as plans
from billing_service.plans.models import Plan
from billing_service.services import Services
from billing_service.subscriptions import service as subscriptions
from billing_service.web.errors.payments import InvalidPlan
from billing_service.web.errors.renewals import ConsentNotFound

log = structlog.get_logger()

CURRENCY = "RUB"
# A consent that was recorded by itself counts for so long as if it came along with the request.
COUNTS_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class Word:
    """A user's word: that he agrees, under this version of the document. `caller` owns the service token."""

    user_id: int
    document_version: str
    caller: str
    payer: Payer


async def give(services: Services, word: Word, plan_code: str) -> Consent:
    """Record that the user agrees to be charged for a plan on sale, at its price of now, for its days.

    A repeat records it once more. Raises `InvalidPlan`.
    """
    return await services.statements.turns.take(word.user_id, lambda tx: _give(tx, word, plan_code))


async def _give(tx: Transaction, word: Word, plan_code: str) -> Consent:
    await subscriptions.lock(tx, word.user_id)
    plan = await plans.get_for_sale(tx, plan_code)
    if plan is None:
        raise InvalidPlan
    return await record(tx, word, plan, given_with="consent")


async def record(tx: Transaction, word: Word, plan: Plan, *, given_with: str) -> Consent:
    """Write a consent down on the plan's terms of now. The caller holds the user's lock."""
    consent = await queries.insert_consent(
        tx,
        Consent(
            id=uuid4(),
            user_id=word.user_id,
            document_version=word.document_version,
            plan_code=plan.code,
            amount=plan.price,
            currency=CURRENCY,
            period_days=plan.duration_days,
            given_with=given_with,
            caller=word.caller,
            payer_ip=word.payer.ip,
            payer_agent=word.payer.agent,
        ),
    )
    log.info(
        "consent.given",
        consent_id=consent.id,
        user_id=word.user_id,
        plan_code=plan.code,
        given_with=given_with,
    )
    return consent


async def get_recent(tx: Transaction, user_id: int, plan: Plan | None = None) -> Consent | None:
    """What the user agreed to by itself in the last day, for this plan on its terms of now, or for any plan.

    A refusal withdraws everything before it, so that what is found is newer than the last refusal.
    """
    recent = await queries.list_recent(tx, user_id, within=COUNTS_FOR)
    return next((one for one in recent if plan is None or covers(one.terms, terms_of(plan))), None)


async def get_valid(tx: Transaction, user_id: int) -> tuple[Consent, Plan] | None:
    """The newest consent of the user, with its plan, if that is on sale and the consent covers its terms of now."""
    consent = await queries.get_newest(tx, user_id)
    plan = await plans.get_for_sale(tx, consent.plan_code) if consent else None
    if consent is None or plan is None:
        return None
    return (consent, plan) if covers(consent.terms, terms_of(plan)) else None


def terms_of(plan: Plan) -> Terms:
    """On which the plan is sold now."""
    return Terms(plan.code, plan.price, plan.duration_days)


async def get_plan_agreed_to(tx: Transaction, user_id: int) -> str | None:
    """The plan of the newest consent that stands: what the user's saved method is charged for."""
    consent = await queries.get_newest(tx, user_id)
    return None if consent is None else consent.plan_code


async def withdraw(tx: Transaction, user_id: int, consent_id: UUID) -> Consent:
    """Take one consent back: auto-renewal goes off, the card is kept. A second time changes nothing. The caller holds
    the lock.

    Raises `ConsentNotFound`, also for somebody else's.
    """
    withdrawn = await queries.withdraw(tx, user_id, consent_id)
    if withdrawn is None:
        known = await queries.get_consent(tx, user_id, consent_id)
        if known is None:
            raise ConsentNotFound
        return known
    await subscriptions.stop_renewing(tx, user_id)
    log.info("consent.withdrawal_recorded", consent_id=consent_id, user_id=user_id)
    return withdrawn


async def withdraw_all(tx: Transaction, user_id: int) -> int:
    """A refusal takes back everything the user agreed to before it; how many there were. The caller holds the lock."""
    return await queries.withdraw_all(tx, user_id)


async def list_of(services: Services, user_id: int) -> Sequence[Consent]:
    """Everything the user agreed to, the newest first, what was withdrawn included."""
    async with services.statements.transaction() as tx:
        return await queries.list_consents(tx, user_id)

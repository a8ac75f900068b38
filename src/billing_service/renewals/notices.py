"""Tell the payer before: what will be charged and when, what he has to do, and what has become of his access."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from billing_service.config import Settings
from billing_service.events import service as events
from billing_service.kit.clock import AGREE_WITHIN
from billing_service.kit.money import to_wire
from billing_service.kit.transaction import Row, Transaction
from billing_service.outlooks.decision import Because, Facts, Last, Method, Planned, Rules
from billing_service.outlooks.queries import CURRENCY, Candidate
from billing_service.outlooks.service import Looked
from billing_service.payment_methods.models import card_mask
from billing_service.renewals import queries
from billing_service.renewals.models import RenewalNotice
from billing_service.services import Services
from billing_service.web.errors.renewals import NoticeNotFound
from billing_service.web.errors.requests import PayloadInvalid

CANCEL = "Чтобы отказаться, отключите автопродление или удалите карту до этого дня: деньги не спишутся."


async def write(tx: Transaction, settings: Settings, known: Candidate, plan: Planned) -> None:
    """The notice of the next charge, as an event and as the row that the charge will name. Under the user's lock, and
    only when the decision is `Step.NOTICE`."""
    facts, terms, last = known.facts, plan.basis.terms, plan.basis.last
    notice_id, charge_until = uuid4(), last.ends + timedelta(days=settings.renewal_grace_days)
    told = {
        "plan": terms.plan_code,
        "days": terms.days,
        "amount": to_wire(terms.amount),
        "currency": CURRENCY,
        "notice_id": notice_id,
        "access_until": last.ends,
        "charge_at": plan.charge_at,
        "charge_until": charge_until,
        "text": _text(known, plan, settings.billing_timezone),
        "how_to_cancel": CANCEL,
    }
    event_id = await events.record(tx, "subscription.renewal_upcoming", facts.user_id, told)
    await queries.insert_notice(
        tx,
        RenewalNotice(
            id=notice_id,
            user_id=facts.user_id,
            period_id=last.id,
            plan_code=terms.plan_code,
            amount=terms.amount,
            currency=CURRENCY,
            duration_days=terms.days,
            charge_at=plan.charge_at,
            charge_until=charge_until,
            event_id=event_id,
        ),
    )


def _text(known: Candidate, plan: Planned, zone: ZoneInfo) -> str:
    day = f"{plan.charge_at.astimezone(zone):%d.%m.%Y}"
    method, mask = plan.basis.method, card_mask(plan.basis.method.card_last4)
    shown = f"карты {mask}" if mask else method.title or "сохранённого способа оплаты"
    sum_of = to_wire(plan.basis.terms.amount).replace(".", ",").removesuffix(",00")
    return f"{day} спишем {sum_of} ₽ с {shown}: «{known.display_name}» на {plan.basis.terms.days} дн."


async def tell_what_is_due(tx: Transaction, looked: Looked, rules: Rules) -> None:
    """Each fact once: that a consent is missing, that the card ends too early, that access is over and still tried to
    be renewed. Under the user's lock; safe to repeat."""
    facts, last = looked.known.facts, looked.known.facts.last
    if last is None or facts.renews_since is None or last.ends <= facts.renews_since or not facts.auto_renew:
        return
    grace_until = last.ends + rules.grace
    if not last.ends - rules.notice_before <= facts.now <= grace_until:
        return
    if looked.outlook.because is Because.CONSENT_NEEDED:
        await _tell_consent_is_needed(tx, facts, last)
    if facts.method is not None:
        await _tell_card_expires(tx, facts, facts.method, looked.outlook.charge_at or last.ends)
    if facts.now >= last.ends:
        told = {"ended_at": last.ends, "grace_until": grace_until, "because": looked.outlook.because}
        once = f"grace_started:{last.id}"
        await events.record(tx, "subscription.grace_started", facts.user_id, told, once=once)


async def _tell_consent_is_needed(tx: Transaction, facts: Facts, last: Last) -> None:
    sale, agreed = facts.on_sale, facts.agreed
    told = {
        "access_until": last.ends,
        "plan": sale and sale.plan_code,
        "amount": sale and to_wire(sale.amount),
        "currency": sale and CURRENCY,
        "days": sale and sale.days,
        "agreed_amount": agreed and to_wire(agreed.terms.amount),
        "agreed_days": agreed and agreed.terms.days,
    }
    terms = sale and f"{sale.plan_code}:{sale.amount}:{sale.days}"
    once = f"consent_needed:{last.id}:{terms}:{agreed and agreed.consent_id}"
    await events.record(tx, "subscription.consent_needed", facts.user_id, told, once=once)


async def _tell_card_expires(tx: Transaction, facts: Facts, method: Method, charge_at: datetime) -> None:
    if method.expires is None or not is_over(method.expires, charge_at):
        return
    told = {
        "title": method.title,
        "card_mask": card_mask(method.card_last4),
        "card_brand": method.card_brand,
        "expires": method.expires,
        "charge_at": charge_at,
    }
    once = f"expiring:{method.id}"
    await events.record(tx, "payment_method.expiring", facts.user_id, told, once=once)


def is_over(expires: str, at: datetime) -> bool:
    """Whether a card whose last month is `expires` (such as 2030-11) has ended by then."""
    year, month = (int(part) for part in expires.split("-"))
    return date(year + month // 12, month % 12 + 1, 1) <= at.date()


async def note_delivered(services: Services, notice_id: UUID, *, channel: str, at: datetime) -> Row:
    """The main backend's word that the payer was told, and when: the first that does not lie in the future counts, and
    a repeat changes nothing. Raises `NoticeNotFound`, and `PayloadInvalid` for an instant in the future."""
    async with services.statements.transaction() as tx:
        if await queries.is_future(tx, at, tolerance=AGREE_WITHIN):
            raise PayloadInvalid({"fields": {"at": "It lies in the future"}})
        told = await queries.note_told(tx, notice_id, at=at, channel=channel)
    if told is None:
        raise NoticeNotFound
    return told

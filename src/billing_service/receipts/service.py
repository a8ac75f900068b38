"""The receipt that goes along with money (54-FZ), and the contact it goes to. Nobody's address is ever made up."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from billing_service.config import Settings
from billing_service.kit.crypto import UnreadableSecret, Vault
from billing_service.kit.transaction import Transaction
from billing_service.observability.metrics import RECEIPTS
from billing_service.receipts import items, queries
from billing_service.receipts.contact import Contact
from billing_service.receipts.demand import Demand, demand, is_configured
from billing_service.receipts.items import Item
from billing_service.receipts.queries import Known
from billing_service.services import Services
from billing_service.subscriptions import service as subscriptions
from billing_service.web.errors.payments import ReceiptContactRequired

log = structlog.get_logger()

MOSCOW = ZoneInfo("Europe/Moscow")
PAGE = 500


class Receipt(NamedTuple):
    """What goes along with a request: `block` as YooKassa takes it, of which `item` is frozen with the sale."""

    item: Item
    block: Mapping[str, object]


class Sold(NamedTuple):
    """A plan, as a receipt sees it; `vat_code` is its own, None if it has none."""

    description: str
    vat_code: int | None
    amount: Decimal
    currency: str


def of_sale(
    settings: Settings, vault: Vault, known: Known, *, named: Contact | None, sold: Sold, now: datetime
) -> Receipt | None:
    """The receipt of a purchase at this instant; None where none is sent.

    Raises `ReceiptContactRequired` when one is demanded and nobody knows where it should go.
    """
    if not _is_sent(settings, known):
        return None
    contact = _contact(vault, known, named)
    item = _item(settings, sold.description, sold.vat_code, now.astimezone(MOSCOW).date())
    return Receipt(item, items.block(contact, item, amount=sold.amount, currency=sold.currency))


async def of_refund(
    tx: Transaction,
    services: Services,
    payment_id: UUID,
    named: Contact | None,
    *,
    amount: Decimal,
    currency: str,
) -> Receipt | None:
    """The receipt of a part that goes back: the sale's item again, with the returned sum; None where none is sent.

    A sale without a receipt of its own is described as it would have been on its day. The caller holds the payment's
    lock. Raises `ReceiptContactRequired`.
    """
    sale = await queries.get_sale(tx, payment_id)
    if not _is_sent(services.settings, sale.known):
        return None
    contact = _contact(services.vault, sale.known, named)
    description = sale.plan_description or "Подписка"
    item = sale.item or _item(services.settings, description, sale.plan_vat_code, sale.sold_on)
    return Receipt(item, items.block(contact, item, amount=amount, currency=currency))


def is_ready(settings: Settings, known: Known, named: Contact | None) -> bool:
    """Whether a receipt would be sent, and there is a contact for it."""
    return _is_sent(settings, known) and (named is not None or known.sealed is not None)


def _is_sent(settings: Settings, known: Known) -> bool:
    return demand(settings, known.told) is Demand.DEMANDED and is_configured(settings)


def _contact(vault: Vault, known: Known, named: Contact | None) -> Contact:
    contact = named or (None if known.sealed is None else _opened(vault, known.sealed))
    if contact is None or (known.told.needs_email and contact.email is None):
        raise ReceiptContactRequired({"needs": ["email"] if known.told.needs_email else ["email", "phone"]})
    return contact


def _item(settings: Settings, description: str, vat_code: int | None, day: date) -> Item:
    return Item(
        description=description[: items.LONGEST_DESCRIPTION],
        vat_code=vat_code or items.vat_code_on(settings.receipt_vat_codes, day),
        tax_system_code=settings.receipt_tax_system_code,
        subject=settings.receipt_payment_subject,
        mode=settings.receipt_payment_mode,
    )


def count_receipt(tx: Transaction, of: str, before: str | None, registration: str | None) -> None:
    """What the provider says of a receipt's registration, if that is news."""
    if registration is not None and registration != before:
        tx.once_committed(RECEIPTS.labels(of, registration).inc)


def needs_nobody(settings: Settings, vault: Vault, known: Known) -> bool:
    """Whether a payment of this user could be made without asking him where its receipt should go."""
    if not _is_sent(settings, known):
        return True
    try:
        _contact(vault, known, None)
    except ReceiptContactRequired:
        return False
    return True


def _opened(vault: Vault, sealed: bytes) -> Contact | None:
    """A contact that no key opens any more is not known."""
    try:
        return Contact.from_bytes(vault.open(sealed))
    except UnreadableSecret:
        log.warning("receipt_contact.left_unread")
        return None


async def keep_contact(services: Services, user_id: int, contact: Contact) -> None:
    """Where this user's receipts go from now on, in place of what was known. Safe to repeat. Raises `UserMoved`."""
    sealed = services.vault.seal(contact.to_bytes())

    async def keep(tx: Transaction) -> None:
        await subscriptions.lock(tx, user_id)
        await queries.keep_contact(tx, user_id, sealed)

    await services.statements.turns.take(user_id, keep)


async def get_contact(services: Services, user_id: int) -> Contact | None:
    async with services.statements.transaction() as tx:
        sealed = await queries.get_contact(tx, user_id)
    return None if sealed is None else _opened(services.vault, sealed)


async def erase_contact(services: Services, user_id: int) -> None:
    """Forget it, also in the requests that are kept to be repeated: what is in doubt is then only asked about.

    What YooKassa was told stays there: the law keeps receipts. Safe to repeat, and for whom nothing was ever known.
    Raises `UserMoved`: it is known under the new number, and would stay there.
    """

    async def forget(tx: Transaction) -> None:
        await subscriptions.lock(tx, user_id)
        await _erase_contact(tx, user_id)

    await services.statements.turns.take(user_id, forget)


async def erase_contact_under(tx: Transaction, user_id: int) -> None:
    """The same under this very number, old or not."""
    await subscriptions.lock_whoever(tx, user_id)
    await _erase_contact(tx, user_id)


async def _erase_contact(tx: Transaction, user_id: int) -> None:
    requests = await queries.erase(tx, user_id)
    log.info("receipt_contact.erased", user_id=user_id, requests=requests)


async def seal_anew(services: Services) -> int:
    """Every contact under the newest key, page by page; how many. Safe to interrupt and to repeat."""
    after, done = 0, 0
    while True:
        async with services.statements.transaction() as tx:
            page = await queries.list_stored(tx, after=after, limit=PAGE)
            for stored in page:
                await queries.seal_anew(tx, stored, services.vault.seal(services.vault.open(stored.sealed)))
        if not page:
            return done
        after, done = page[-1].user_id, done + len(page)

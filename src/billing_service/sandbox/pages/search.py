"""Finding a payment by any number that somebody holds in hand."""

from collections.abc import Iterator

from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.model.records import PaymentRecord

LONGEST = 200


def find_payments(yookassa: Yookassa, asked: str) -> list[PaymentRecord]:
    """Payments one of whose numbers contains this, newest first; nothing asked: all of them.

    Its numbers are its own, its method's, its refunds' and receipts', and whatever the shop wrote into the metadata.
    """
    newest = reversed(yookassa.state.payments.values())
    wanted = asked.strip().casefold()
    if not wanted:
        return list(newest)
    numbers = _numbers_of_what_follows(yookassa)
    return [
        record
        for record in newest
        if any(
            wanted in number.casefold()
            for number in (*_own_numbers(record), *numbers.get(record.payment.id, ()))
        )
    ]


def _own_numbers(record: PaymentRecord) -> Iterator[str]:
    payment = record.payment
    yield payment.id
    yield from payment.metadata.values()
    if payment.payment_method is not None:
        yield payment.payment_method.id
    if payment.merchant_customer_id is not None:
        yield payment.merchant_customer_id


def _numbers_of_what_follows(yookassa: Yookassa) -> dict[str, list[str]]:
    """Payment -> the numbers of its refunds and receipts."""
    numbers: dict[str, list[str]] = {}
    payment_of = {}
    for each in yookassa.state.refunds.values():
        payment_of[each.refund.id] = each.refund.payment_id
        found = numbers.setdefault(each.refund.payment_id, [])
        found += [each.refund.id, *(each.refund.metadata or {}).values()]
    for one in yookassa.state.receipts.values():
        receipt = one.receipt
        payment_id = receipt.payment_id or payment_of.get(receipt.refund_id or "", "")
        numbers.setdefault(payment_id, []).append(receipt.id)
    return numbers

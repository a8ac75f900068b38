"""Fiscal receipts: demanded from a shop with fiscalisation, issued with the money, registered a little later."""

from datetime import timedelta

from billing_service.sandbox.model import states
from billing_service.sandbox.model.cards import cancellation
from billing_service.sandbox.model.errors import Refused, not_found
from billing_service.sandbox.model.faults import IN_THE_OUTCOME, REGISTER_RECEIPT, Fault, Rule, strike
from billing_service.sandbox.model.objects import Money, Receipt, Settlement
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.model.records import AskedReceipt, ReceiptRecord
from billing_service.sandbox.model.states import Status
from billing_service.sandbox.requests import fields
from billing_service.sandbox.requests.fields import Body
from billing_service.sandbox.requests.receipt_codes import SETTLEMENTS
from billing_service.sandbox.requests.receipts import malformed, read_items, read_receipt

REGISTRATION = 10.0
MOST_PER_REFUND = 50


def find(yookassa: Yookassa, receipt_id: str) -> ReceiptRecord:
    record = yookassa.state.receipts.get(receipt_id)
    if record is None:
        raise not_found("Receipt doesn't exist or access denied", parameter="receipt_id")
    return record


def demand(yookassa: Yookassa, body: Body, amount: Money, *, needed: bool) -> AskedReceipt | None:
    """The receipt that comes with this request. Refuses a missing, bad or unequal one; a shop without
    fiscalisation may send what it likes, nobody looks."""
    if not yookassa.shop.fiscalization:
        return None
    asked = read_receipt(body, provider=yookassa.shop.fiscalization_provider, amount=amount)
    if asked is None and needed:
        raise Refused("Receipt is missing or illegal", parameter="receipt")
    return asked


def expected(asked: AskedReceipt | None) -> Status | None:
    """What `receipt_registration` shows while the receipt is still to come."""
    return None if asked is None else Status.PENDING


def issue(
    yookassa: Yookassa, asked: AskedReceipt, *, payment_id: str | None = None, refund_id: str | None = None
) -> ReceiptRecord:
    """The receipt of money that moved; the tax office hears of it a little later."""
    rule = strike(yookassa.state.rules, yookassa.ids, REGISTER_RECEIPT, IN_THE_OUTCOME)
    return _await_registration(yookassa, asked, payment_id, refund_id, rule)


def _await_registration(
    yookassa: Yookassa, asked: AskedReceipt, payment_id: str | None, refund_id: str | None, rule: Rule | None
) -> ReceiptRecord:
    receipt = Receipt(
        id="rt-" + yookassa.ids.uuid("receipt"),
        type="payment" if refund_id is None else "refund",
        payment_id=payment_id,
        refund_id=refund_id,
        items=asked.items,
        tax_system_code=asked.tax_system_code,
    )
    record = ReceiptRecord(receipt=receipt, issued_at=yookassa.now)
    if rule and (rule.fault is Fault.DECLINE or rule.reason):
        record.doom = cancellation(rule.reason or "registration_failed")
    record.note(yookassa.now, "issued")
    yookassa.state.receipts[receipt.id] = record
    seconds = rule.seconds if rule and rule.seconds is not None else REGISTRATION
    late = rule and rule.fault is Fault.STAY_PENDING and rule.seconds is None
    yookassa.schedule(
        "receipt_registers", receipt.id, timedelta(days=4) if late else timedelta(seconds=seconds)
    )
    return record


def register(yookassa: Yookassa, receipt_id: str) -> None:
    """The tax office's word, shown on the receipt and on its payment or refund."""
    record = yookassa.state.receipts[receipt_id]
    receipt = record.receipt
    event = "registered" if record.doom is None else "rejected"
    receipt.status = states.after(states.RECEIPT, receipt.status, event)
    record.note(yookassa.now, event, record.doom.reason if record.doom else None)
    if receipt.status is Status.SUCCEEDED:
        receipt.registered_at = yookassa.now
        receipt.fiscal_provider_id = yookassa.ids.uuid("fiscal")
        receipt.fiscal_document_number = yookassa.ids.digits("fiscal", 5)
        receipt.fiscal_storage_number = "9999078900000000"
        receipt.fiscal_attribute = yookassa.ids.digits("fiscal", 10)
    if receipt.refund_id is not None:
        yookassa.state.refunds[receipt.refund_id].refund.receipt_registration = receipt.status
    elif receipt.payment_id is not None:
        yookassa.state.payments[receipt.payment_id].payment.receipt_registration = receipt.status


def create(yookassa: Yookassa, body: Body, twist: Rule | None = None) -> ReceiptRecord:
    """A receipt on its own: money first, receipt later, or the closing one after a prepayment."""
    kind = body.get("type")
    if not fields.is_one_of(kind, ("payment", "refund")) or body.get("send") is not True:
        raise malformed("type" if body.get("send") is True else "send")
    settlements = _settlements(body)
    payment_id, refund_id = _subject(yookassa, body, str(kind))
    currency = settlements[0].amount.currency
    asked = read_items(body, provider=yookassa.shop.fiscalization_provider, currency=currency)
    record = _await_registration(yookassa, asked, payment_id, refund_id, twist)
    record.receipt.settlements = settlements
    return record


def _settlements(body: Body) -> list[Settlement]:
    given = body.get("settlements")
    if not isinstance(given, list) or not given:
        raise malformed("settlements")
    return [_settlement(each, f"settlements[{n}]") for n, each in enumerate(given)]


def _settlement(given: object, place: str) -> Settlement:
    if not isinstance(given, dict) or not fields.is_one_of(given.get("type"), SETTLEMENTS):
        raise malformed(f"{place}.type")
    return Settlement(
        type=given["type"], amount=fields.money(given, "amount", described="Receipt is malformed")
    )


def _subject(yookassa: Yookassa, body: Body, kind: str) -> tuple[str | None, str | None]:
    """The payment or the refund this receipt is about."""
    refund_id = fields.text(body, "refund_id", most=64)
    if kind == "refund" and refund_id is not None:
        if refund_id not in yookassa.state.refunds:
            raise Refused("Refund not found or forbidden", parameter="refund_id")
        issued = [r for r in yookassa.state.receipts.values() if r.receipt.refund_id == refund_id]
        if len(issued) >= MOST_PER_REFUND:
            raise Refused("Too many receipts for this refund", parameter="refund_id")
        return yookassa.state.refunds[refund_id].refund.payment_id, refund_id
    payment_id = fields.needed_text(body, "payment_id", most=64)
    record = yookassa.state.payments.get(payment_id)
    if record is None:
        raise Refused("Payment not found or forbidden", parameter="payment_id")
    if record.payment.status not in {Status.WAITING_FOR_CAPTURE, Status.SUCCEEDED}:
        raise Refused("Receipt can not be created in current status of the payment", parameter="payment_id")
    return payment_id, None

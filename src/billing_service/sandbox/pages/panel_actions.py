"""What a person can do with a button on the sandbox's own page: the same stories as the control API tells."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from starlette.datastructures import FormData

from billing_service.sandbox.delivery.sender import NotificationSender
from billing_service.sandbox.model.cards import cancellation, find_card
from billing_service.sandbox.model.errors import ImpossibleMove
from billing_service.sandbox.model.faults import Fault, Rule
from billing_service.sandbox.model.objects import Money
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.model.records import MethodRecord, PaymentRecord
from billing_service.sandbox.money import captures, methods, refunds, settling
from billing_service.sandbox.scheduler import Scheduler

SWITCHES = frozenset({"test", "recurring", "fiscalization", "decline_keeps_pending", "offer_saving"})
# Turns the clock by so much, perhaps together with others; raises ImpossibleMove with words for the page.
Leap = Callable[[timedelta], Awaitable[None]]
AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")


@dataclass(frozen=True)
class Desk:
    """Where a person sits: everything that buttons move."""

    yookassa: Yookassa
    scheduler: Scheduler
    sender: NotificationSender
    leap: Leap

    def payment(self, payment_id: str) -> PaymentRecord:
        record = self.yookassa.state.payments.get(payment_id)
        if record is None:
            raise ImpossibleMove("такого платежа нет")
        return record

    def method(self, method_id: str) -> MethodRecord:
        record = self.yookassa.state.methods.get(method_id)
        if record is None:
            raise ImpossibleMove("такого способа оплаты нет")
        return record


def word(form: FormData, name: str) -> str:
    return str(form.get(name, "")).strip()


async def pay(desk: Desk, payment_id: str, form: FormData) -> None:
    record = desk.payment(payment_id)
    fixed = record.payment.payment_method
    card = find_card(word(form, "card"))
    if fixed is not None and fixed.type != "bank_card":
        settling.pay_by_wallet(desk.yookassa, record, fixed.type)
    elif card is None:
        raise ImpossibleMove("это не тестовая карта")
    else:
        settling.pay_by_card(desk.yookassa, record, card)


async def decline(desk: Desk, payment_id: str, form: FormData) -> None:
    settling.decline(desk.yookassa, desk.payment(payment_id), cancellation(word(form, "reason")))


async def capture(desk: Desk, payment_id: str, _form: FormData) -> None:
    captures.capture(desk.yookassa, payment_id, {})


async def void(desk: Desk, payment_id: str, _form: FormData) -> None:
    captures.void(desk.yookassa, payment_id)


async def refund(desk: Desk, payment_id: str, form: FormData) -> None:
    """All that is left, or the amount that was written, with a comma or a dot."""
    record, written = desk.payment(payment_id), word(form, "amount").replace(",", ".").replace(" ", "")
    refunds.refund_in_cabinet(
        desk.yookassa, record, _money(written, record.payment.amount.currency) if written else None
    )


def _money(written: str, currency: str) -> Money:
    if not AMOUNT.fullmatch(written):
        raise ImpossibleMove("сумма не понятна")
    value = Decimal(written).quantize(Decimal("0.01"))
    if not value:
        raise ImpossibleMove("сумма должна быть больше нуля")
    return Money(value=value, currency=currency)


async def bind(desk: Desk, method_id: str, form: FormData) -> None:
    record = desk.method(method_id)
    card = find_card(word(form, "card"))
    if record.method.type != "bank_card" or card is None:
        methods.confirm_account(desk.yookassa, record)
    else:
        methods.confirm_card(desk.yookassa, record, card)


async def doom(desk: Desk, method_id: str, form: FormData) -> None:
    """How later charges of a saved method end; no reason: they succeed."""
    reason = word(form, "reason")
    desk.method(method_id).doom = cancellation(reason) if reason else None


async def advance(desk: Desk, _nothing: str, form: FormData) -> None:
    try:
        seconds = float(word(form, "seconds"))
    except ValueError as error:
        raise ImpossibleMove("время не понятно") from error
    if not 0 <= seconds <= 366 * 86400:
        raise ImpossibleMove("время идёт вперёд, не больше чем на год за раз")
    await desk.leap(timedelta(seconds=seconds))


async def freeze(desk: Desk, _nothing: str, _form: FormData) -> None:
    if desk.yookassa.clock_is_shared:
        raise ImpossibleMove("часы идут вместе с часами сервиса, их не остановить")
    desk.yookassa.clock.freeze()


async def run(desk: Desk, _nothing: str, _form: FormData) -> None:
    desk.yookassa.clock.unfreeze()


async def switch(desk: Desk, name: str, _form: FormData) -> None:
    if name not in SWITCHES:
        raise ImpossibleMove("такого переключателя нет")
    setattr(desk.yookassa.shop, name, not getattr(desk.yookassa.shop, name))


async def resend(desk: Desk, notification_id: str, _form: FormData) -> None:
    for notification in desk.yookassa.state.notifications:
        if notification.id == notification_id:
            desk.sender.resend(notification)


async def add_fault(desk: Desk, _nothing: str, form: FormData) -> None:
    operation, _, fault = word(form, "fault").partition("/")
    if fault not in set(Fault):
        raise ImpossibleMove("такой поломки нет")
    desk.yookassa.state.rules.append(Rule(operation=operation, fault=Fault(fault), count=1))


async def clear_faults(desk: Desk, _nothing: str, _form: FormData) -> None:
    desk.yookassa.state.rules.clear()


async def reset(desk: Desk, _nothing: str, _form: FormData) -> None:
    desk.yookassa.reset()


ACTIONS: dict[str, Callable[[Desk, str, FormData], Awaitable[None]]] = {
    "pay": pay,
    "decline": decline,
    "capture": capture,
    "void": void,
    "refund": refund,
    "bind": bind,
    "doom": doom,
    "advance": advance,
    "freeze": freeze,
    "run": run,
    "switch": switch,
    "resend": resend,
    "add-fault": add_fault,
    "clear-faults": clear_faults,
    "reset": reset,
}

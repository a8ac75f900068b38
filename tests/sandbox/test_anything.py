"""Whatever is sent, the API answers in its own words: never a crash, never an HTML page."""

from collections.abc import Iterable
from copy import deepcopy as copy_of
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from billing_service.sandbox.app import Sandbox
from tests.sandbox.shop import Json, Shop, a_request
from tests.sandbox.test_receipts import a_receipt

Path = tuple[str | int, ...]

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


def places(thing: object, path: Path = ()) -> list[Path]:
    """The way to every value inside."""
    inner: Iterable[tuple[str | int, object]] = ()
    if isinstance(thing, dict):
        inner = thing.items()
    elif isinstance(thing, list):
        inner = enumerate(thing)
    return [path, *(deeper for key, value in inner for deeper in places(value, (*path, key)))]


def replaced(body: Json, path: Path, value: object) -> Json:
    """A copy of the body with this value there."""
    copy: Json = copy_of(body)
    inner: Any = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return copy


BODIES: dict[str, Json] = {
    "/payments": a_request(
        receipt=a_receipt() | {"tax_system_code": 1},
        save_payment_method=False,
        payment_method_data={"type": "bank_card"},
        merchant_customer_id="7",
    ),
    "/refunds": {
        "payment_id": "p",
        "amount": {"value": "1.00", "currency": "RUB"},
        "description": "d",
        "metadata": {"a": "b"},
    },
    "/receipts": a_receipt()
    | {
        "type": "payment",
        "payment_id": "p",
        "send": True,
        "settlements": [{"type": "prepayment", "amount": {"value": "1.00", "currency": "RUB"}}],
    },
    "/payment_methods": {
        "type": "bank_card",
        "confirmation": {"type": "redirect", "return_url": "https://shop.example/", "enforce": True},
        "holder": {"gateway_id": "1"},
    },
}


@settings(max_examples=150, deadline=None)
@given(data=st.data(), path=st.sampled_from(sorted(BODIES)))
async def test_a_body_with_anything_anywhere_gets_an_answer(data: st.DataObject, path: str) -> None:
    body = BODIES[path]
    place = data.draw(st.sampled_from(places(body)[1:]))
    spoilt = replaced(body, place, data.draw(ANYTHING))
    sandbox = Sandbox(notify_url=None)
    async with Shop(sandbox) as shop:
        await shop.change_shop(fiscalization=True)

        response = await shop.post(path, spoilt)

    assert response.status_code in {200, 400, 403}
    assert response.headers["Content-Type"] == "application/json"
    await sandbox.aclose()

"""Nothing of the payer, the card or a secret survives redaction, wherever it is hidden."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from billing_service.kit.db import Database
from billing_service.payments.cancellations import EXPLANATIONS
from billing_service.web.errors.requests import InvalidPayload
from billing_service.webhooks.redaction import redact
from tests.stage import MainBackend

OBJECT_ID = "30f5d918-000f-5000-8000-18db351245c7"
REFUND_OF = "2d61a5c0-000f-5000-9000-1b68e7b15f3f"
CANARIES = {
    "card": "4000000000000002",
    "card in groups": "4000 0000 0000 0002",
    "card with dots": "x4000.0000.0000.0002",
    "card with underscores": "card_4000_0000_0000_0002",
    "last digits": "0002",
    "token": "live_Yl3zNbGTtT6nQ2Canary-WwRS5uJyQ0",
    "token of letters": "live_canaryofatoken",
    "sandbox token": "test_sandbox",
    "method id": "22e12f66-000f-5000-8000-18db351245aa",
    "e-mail": "payer.canary@example.com",
    "phone": "+79001234567",
    "phone in digits": "79001234567",
    "phone as money": "790012345.67",
    "name": "Иван Канареев",
    "key": "ZGV2LW9ubHktZW5jcnlwdGlvbi1rZXktMzItYnl0ZXM=",
}
WHOLE: dict[str, Any] = {
    "type": "notification",
    "event": "payment.canceled",
    "object": {
        "id": OBJECT_ID,
        "status": "canceled",
        "payment_id": REFUND_OF,
        "amount": {"value": "299.00", "currency": "RUB"},
        "income_amount": {"value": "288.50", "currency": "RUB"},
        "description": "EatFit24: PRO месяц",
        "recipient": {"account_id": "100500", "gateway_id": "100700"},
        "metadata": {"billing_payment_id": "4a8b9f5e-2a58-4c4b-9a53-0f6d6c1b7e11"},
        "confirmation": {"type": "redirect", "confirmation_url": "https://yoomoney.ru/checkout"},
        "payment_method": {
            "type": "bank_card",
            "id": "22e12f66-000f-5000-8000-18db351245c7",
            "saved": True,
            "title": "Bank card *4444",
            "card": {"first6": "555555", "last4": "4444", "card_type": "MasterCard", "issuer_country": "RU"},
        },
        "authorization_details": {"rrn": "10000000000", "auth_code": "000000"},
        "cancellation_details": {"party": "payment_network", "reason": "insufficient_funds"},
    },
}
KEPT = {
    "type": "notification",
    "event": "payment.canceled",
    "object": {
        "id": OBJECT_ID,
        "status": "canceled",
        "payment_id": REFUND_OF,
        "amount": {"value": "299.00", "currency": "RUB"},
        "cancellation_details": {"party": "payment_network", "reason": "insufficient_funds"},
        "payment_method": {"type": "bank_card"},
    },
}
# One id cannot be told from another where ids belong: what the notification is about, and what was refunded.
AN_ID_WHERE_IDS_ARE = {(("object", name), "method id") for name in ("id", "payment_id")}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
hostile_objects = st.fixed_dictionaries(
    {"id": st.just(OBJECT_ID)},
    optional=dict.fromkeys(("status", "payment_id", "amount", "cancellation_details", "extra"), json_values),
)


def paths(node: object, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every value that is not itself an object."""
    if isinstance(node, dict):
        for name, inner in node.items():
            yield from paths(inner, (*at, name))
    else:
        yield at


def with_value(path: tuple[str, ...], value: object) -> dict[str, Any]:
    """The whole notification with one value replaced."""
    changed: dict[str, Any] = json.loads(json.dumps(WHOLE))
    node = changed
    for name in path[:-1]:
        node = node[name]
    node[path[-1]] = value
    return changed


def outcome(notification: object) -> str:
    try:
        return json.dumps(redact(notification), ensure_ascii=False)
    except InvalidPayload as refused:
        return json.dumps(refused.details)


def test_what_says_what_it_is_about_is_kept_and_nothing_else() -> None:
    assert redact(WHOLE) == KEPT


@pytest.mark.parametrize("path", sorted(paths(WHOLE)), ids=".".join)
@pytest.mark.parametrize("name", CANARIES)
def test_a_canary_survives_nowhere(path: tuple[str, ...], name: str) -> None:
    canary = CANARIES[name] if (path, name) not in AN_ID_WHERE_IDS_ARE else CANARIES["card"]

    for value in (canary, {"value": canary}, {canary: canary}, [canary], {"id": canary, "type": canary}):
        assert canary not in outcome(with_value(path, value))


@pytest.mark.parametrize("canary", CANARIES.values(), ids=CANARIES.keys())
def test_a_canary_in_a_field_of_its_own_does_not_survive_either(canary: str) -> None:
    for parent in ((), ("object",), ("object", "amount"), ("object", "payment_method")):
        for name in ("token", "note", canary):
            assert canary not in outcome(with_value((*parent, name), canary))


@given(json_values)
def test_anything_that_is_no_notification_is_refused(value: object) -> None:
    with pytest.raises(InvalidPayload):
        redact(value)


@given(hostile_objects, st.sampled_from(["payment.succeeded", "payment.canceled"]))
def test_whatever_comes_only_the_known_places_are_ever_filled(thing: dict[str, Any], event: str) -> None:
    kept = redact({"type": "notification", "event": event, "object": thing, "extra": thing})

    assert set(paths(kept)) <= set(paths(KEPT))


@pytest.mark.parametrize(("length", "is_kept"), [(40, True), (41, False)])
def test_a_word_is_no_longer_than_any_of_the_providers(length: int, is_kept: bool) -> None:
    """A token may be letters alone."""
    kept = redact(with_value(("object", "status"), "a" * length))

    assert ("status" in kept["object"]) is is_kept


@pytest.mark.parametrize("reason", EXPLANATIONS)
def test_every_reason_the_provider_gives_is_kept(reason: str) -> None:
    kept = redact(with_value(("object", "cancellation_details", "reason"), reason))

    assert kept["object"]["cancellation_details"]["reason"] == reason


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        "notification",
        {},
        WHOLE | {"type": "report"},
        WHOLE | {"event": None},
        WHOLE | {"event": "payment succeeded"},
        WHOLE | {"object": None},
        WHOLE | {"object": [WHOLE["object"]]},
        WHOLE | {"object": {"status": "succeeded"}},
        WHOLE | {"object": {"id": 5}},
        WHOLE | {"object": {"id": f"{OBJECT_ID}/../refunds"}},
        WHOLE | {"object": {"id": f"{OBJECT_ID}\n"}},
    ],
)
def test_what_cannot_be_a_notification_is_refused(broken: object) -> None:
    with pytest.raises(InvalidPayload):
        redact(broken)


async def test_no_canary_reaches_a_table_a_log_or_an_answer(
    api: MainBackend, database: Database, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    hidden = {name: value for name, value in CANARIES.items() if name != "last digits"}
    for event in ("payment.succeeded", "payment_method.active", "x4000.0000.0000.0002"):
        notification = with_value(("object", "status"), CANARIES["card with dots"]) | {"event": event}
        notification["object"]["payment_method"] |= hidden
        answer = await api.notify(notification, User_Agent=CANARIES["e-mail"])
        assert not [canary for canary in hidden.values() if canary in answer.text]
    printed = caplog.text + "".join(capsys.readouterr())

    async with database.engine.connect() as connection:
        rows = (
            (await connection.execute(text("SELECT to_jsonb(w)::text FROM webhook_logs w"))).scalars().all()
        )
        jobs = (await connection.execute(text("SELECT payload FROM pgqueuer"))).scalars().all()
    assert len(rows) == 1
    assert "webhook.received" in printed
    assert not [canary for canary in hidden.values() if canary in f"{rows}{jobs}{printed}"]

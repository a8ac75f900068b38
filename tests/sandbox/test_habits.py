"""What nobody has written down about the provider can be set either way."""

import asyncio

import pytest

from tests.sandbox.shop import BACK, Json, Listener, Shop, a_request


async def test_an_unknown_payment_may_be_a_bad_request(shop: Shop) -> None:
    await shop.change_shop(unknown_payment=400)

    response = await shop.get("/payments/nothing")

    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")
    assert response.json()["description"] == "Incorrect payment_id. Payment doesn't exist or access denied"


async def test_a_repeat_may_show_the_payment_as_it_is_now(shop: Shop) -> None:
    await shop.change_shop(replay="current")
    payment = (await shop.post("/payments", a_request(), key="k")).json()
    await shop.pay(payment)

    repeated = (await shop.post("/payments", a_request(), key="k")).json()

    assert (repeated["id"], repeated["status"]) == (payment["id"], "succeeded")


async def test_a_key_in_use_may_answer_500(shop: Shop) -> None:
    await shop.change_shop(meanwhile="error_500")
    await shop.spoil({"operation": "create_payment", "fault": "slow", "seconds": 0.05})

    answers = await asyncio.gather(*(shop.post("/payments", a_request(), key="k") for _ in range(3)))

    assert sorted(answer.status_code for answer in answers) == [200, 500, 500]


async def test_a_refusal_may_use_up_its_key(shop: Shop) -> None:
    await shop.change_shop(refusal_uses_key=True)
    first = await shop.post("/payments", a_request(amount=None), key="k")

    repeated = await shop.post("/payments", a_request(amount=None), key="k")
    corrected = await shop.post("/payments", a_request(), key="k")

    assert (first.status_code, repeated.status_code) == (400, 400)
    assert repeated.json()["description"] == first.json()["description"]
    assert corrected.json()["description"] == "Idempotence key duplicated"


@pytest.mark.parametrize(
    ("flag", "parameter"),
    [
        ({"save_payment_method": "true"}, "save_payment_method"),
        ({"capture": "false"}, "capture"),
        (
            {"confirmation": {"type": "redirect", "return_url": BACK, "enforce": "true"}},
            "enforce",
        ),
    ],
)
async def test_flags_written_as_strings_may_be_refused(shop: Shop, flag: Json, parameter: str) -> None:
    accepted = await shop.post("/payments", a_request(**flag))
    await shop.change_shop(text_flags=False)

    refused = await shop.post("/payments", a_request(**flag))

    assert accepted.status_code == 200
    assert (refused.status_code, refused.json()["parameter"]) == (400, parameter)


async def test_repeats_follow_the_offsets_that_are_set(shop: Shop, listener: Listener) -> None:
    listener.status = 500
    await shop.change_shop(retry_offsets=[60, 120])
    await shop.pay(await shop.a_payment())

    await shop.wait(days=1)

    (notification,) = (await shop.look("/notifications"))["results"]
    assert [attempt["at"][11:19] for attempt in notification["attempts"]] == [
        "12:00:00",
        "12:01:00",
        "12:02:00",
    ]

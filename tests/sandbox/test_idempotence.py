"""One operation per idempotence key for 24 hours."""

import asyncio

from tests.sandbox.shop import Shop, a_request


async def test_the_same_key_and_data_give_the_first_answer_again(shop: Shop) -> None:
    first = await shop.post("/payments", a_request(), key="k")
    reordered = dict(reversed(a_request().items()))

    second = await shop.post("/payments", reordered, key="k")

    assert second.json() == first.json()
    assert len((await shop.look("/payments"))["results"]) == 1


async def test_the_first_answer_is_given_even_when_the_payment_went_on(shop: Shop) -> None:
    first = (await shop.post("/payments", a_request(), key="k")).json()
    await shop.pay(first)

    second = await shop.post("/payments", a_request(), key="k")

    assert second.json()["status"] == "pending"


async def test_a_new_key_makes_a_second_payment(shop: Shop) -> None:
    first = await shop.post("/payments", a_request(), key="k1")

    second = await shop.post("/payments", a_request(), key="k2")

    assert second.json()["id"] != first.json()["id"]


async def test_the_same_key_with_other_data_is_refused(shop: Shop) -> None:
    await shop.post("/payments", a_request(), key="k")

    response = await shop.post("/payments", a_request(description="Other"), key="k")

    assert response.status_code == 400
    assert response.json()["description"] == "Idempotence key duplicated"
    assert response.json()["parameter"] == "Idempotence-Key"


async def test_after_24_hours_the_same_key_charges_anew(shop: Shop) -> None:
    first = await shop.post("/payments", a_request(), key="k")
    await shop.wait(hours=23, minutes=59)
    assert (await shop.post("/payments", a_request(), key="k")).json()["id"] == first.json()["id"]
    await shop.wait(minutes=1)

    late = await shop.post("/payments", a_request(), key="k")

    assert late.json()["id"] != first.json()["id"]


async def test_a_refused_request_does_not_use_up_its_key(shop: Shop) -> None:
    await shop.post("/payments", a_request(amount=None), key="k")

    response = await shop.post("/payments", a_request(), key="k")

    assert response.status_code == 200


async def test_a_missing_key_is_refused(shop: Shop) -> None:
    response = await shop.api.post("/payments", json=a_request())

    assert response.status_code == 400
    assert response.json()["description"] == "Idempotence key is empty"


async def test_a_key_of_64_characters_fits_and_of_65_does_not(shop: Shop) -> None:
    fits = await shop.post("/payments", a_request(), key="k" * 64)

    too_long = await shop.post("/payments", a_request(), key="k" * 65)

    assert fits.status_code == 200
    assert too_long.status_code == 400
    assert too_long.json()["parameter"] == "Idempotence-Key"


async def test_fifteen_at_once_under_one_key_are_one_payment(shop: Shop) -> None:
    await shop.spoil({"operation": "create_payment", "fault": "slow", "seconds": 0.01})

    answers = await asyncio.gather(*(shop.post("/payments", a_request(), key="k") for _ in range(15)))

    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len((await shop.look("/payments"))["results"]) == 1

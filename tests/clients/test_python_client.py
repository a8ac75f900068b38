"""The Python client, against the real service: what is tried again, with which key, and what is raised."""

import pytest

from eatfit24_billing import AnswerLost, Billing, NotReached, Refused, Unavailable
from eatfit24_billing.generated.api import charging, consents, payments, plans, usage
from eatfit24_billing.generated.codes import InvalidPlan, OperationNotFound, RateLimited, Unauthorized
from eatfit24_billing.generated.models import ConsentIn, ConsumeIn, CreatePaymentIn, ResetIn
from tests.clients.line import Fault, Line, answer_lost, says, unreachable
from tests.stage import USER, MainBackend

BUY = CreatePaymentIn(plan_code="PRO_MONTHLY")
AS_USER = str(USER)


async def test_an_answer_is_read_into_its_model(billing: Billing) -> None:
    on_sale = {plan.code: plan for plan in await plans.list_plans(billing)}

    assert on_sale["PRO_MONTHLY"].duration_days == 30
    assert (await usage.get_usage(billing, USER)).daily_limit == 3


async def test_a_refusal_is_raised_by_its_code(billing: Billing) -> None:
    with pytest.raises(InvalidPlan) as refused:
        await payments.create_payment(billing, body=CreatePaymentIn(plan_code="GOLD"), x_user_id=AS_USER)

    assert isinstance(refused.value, Refused)
    assert refused.value.status == 400
    assert refused.value.message == "Такого тарифа нет в продаже."
    assert refused.value.request_id


async def test_a_wrong_token_is_a_refusal(line: Line) -> None:
    async with Billing("http://billing", "wrong", transport=line) as stranger:
        with pytest.raises(Unauthorized):
            await usage.get_usage(stranger, USER)


async def test_all_tries_of_one_purchase_bear_one_key(billing: Billing, line: Line, api: MainBackend) -> None:
    line.will(unreachable, answer_lost, says(503))

    await payments.create_payment(billing, body=BUY, x_user_id=AS_USER)

    assert len(line.sent) == 4
    assert len(line.keys()) == 1
    assert len((await api.get("payments/")).json()["results"]) == 1


async def test_the_callers_own_key_is_kept(billing: Billing, line: Line) -> None:
    line.will(answer_lost)

    await payments.create_payment(billing, body=BUY, x_user_id=AS_USER, idempotency_key="click-1")

    assert line.keys() == {"click-1"}


async def test_two_purchases_bear_two_keys(billing: Billing, line: Line) -> None:
    for _ in range(2):
        await payments.create_payment(billing, body=BUY, x_user_id=AS_USER)

    assert len(line.keys()) == 2


@pytest.mark.parametrize("fault", [answer_lost, says(503), says(502)])
async def test_what_is_not_safe_is_sent_once(billing: Billing, line: Line, fault: Fault) -> None:
    line.will(fault)

    with pytest.raises(Unavailable):
        await usage.reset_usage(billing, USER, body=ResetIn(author="desk 2", reason="so it was agreed"))

    assert len(line.sent) == 1


async def test_without_its_operation_id_a_use_is_not_repeated(billing: Billing, line: Line) -> None:
    line.will(answer_lost)
    with pytest.raises(AnswerLost):
        await usage.consume_usage(billing, USER, body=ConsumeIn())
    line.will(answer_lost)
    counted = await usage.consume_usage(billing, USER, body=ConsumeIn(operation_id="photo-1"))

    assert counted.used_today == 2


async def test_what_was_never_sent_is_always_tried_again(billing: Billing, line: Line) -> None:
    line.will(unreachable)

    given = await consents.give_consent(
        billing,
        body=ConsentIn(plan_code="PRO_MONTHLY", document_version="2026-11"),
        x_user_id=AS_USER,
    )

    assert given.plan_code == "PRO_MONTHLY"


async def test_retry_after_is_kept_to(billing: Billing, line: Line) -> None:
    line.will(says(503, retry_after="1"))
    waited_from = line.sent

    await usage.get_usage(billing, USER)

    assert len(waited_from) == 2


async def test_what_would_last_too_long_is_raised_at_once(billing: Billing, line: Line) -> None:
    line.will(says(429, retry_after="3600"))

    with pytest.raises(Refused) as refused:
        await usage.get_usage(billing, USER)

    assert refused.value.retry_after == 3600
    assert len(line.sent) == 1


async def test_a_rate_limit_of_the_service_is_raised_with_its_wait(billing: Billing) -> None:
    async def click(number: int) -> None:
        key = f"another-{number}"
        await payments.create_payment(billing, body=BUY, x_user_id=AS_USER, idempotency_key=key)

    for number in range(20):
        await click(number)
    with pytest.raises(RateLimited) as refused:
        await click(21)

    assert refused.value.retry_after
    assert refused.value.details["scope"] == "billing_create_payment"


@pytest.mark.parametrize(
    ("fault", "kind", "sent"),
    [
        (says(404), Refused, 1),
        (says(500), Unavailable, 1),
        (says(302), Unavailable, 1),
        (says(200), Unavailable, 1),
    ],
)
async def test_what_somebody_in_between_answers(
    billing: Billing, line: Line, fault: Fault, kind: type[Exception], sent: int
) -> None:
    line.will(fault)

    with pytest.raises(kind):
        await usage.get_usage(billing, USER)

    assert len(line.sent) == sent


async def test_tries_end(billing: Billing, line: Line) -> None:
    line.cut = True

    with pytest.raises(NotReached):
        await charging.get_charging(billing)

    assert len(line.sent) == 4


async def test_an_unknown_operation_is_known_by_its_class(billing: Billing) -> None:
    with pytest.raises(OperationNotFound):
        await usage.commit_usage(billing, "photo-of-nobody")

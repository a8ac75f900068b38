"""An administrator pays one rouble, to see with real money that the live shop works from end to end."""

from billing_service.payments import checkout
from billing_service.payments.orders import Order
from billing_service.plans import service as plans
from billing_service.receipts.contact import Contact
from billing_service.services import Services
from billing_service.web.errors.payments import LiveTestPlanNotFound, LiveTestRefused

ROUTE = "create-test-live-payment"
PLAN = "TEST_LIVE"


def order(
    *,
    caller: str,
    user_id: int,
    return_url: str | None,
    idempotency_key: str | None,
    receipt_contact: Contact | None = None,
) -> Order:
    """The wish to try the live shop; the only way to a plan that is not on sale."""
    return Order(
        caller=caller,
        user_id=user_id,
        plan_code=PLAN,
        return_url=return_url,
        save_payment_method=False,
        idempotency_key=idempotency_key,
        route=ROUTE,
        receipt_contact=receipt_contact,
        find_plan=plans.get_test_plan,
        unknown_plan=LiveTestPlanNotFound,
    )


async def start(services: Services, wish: Order) -> checkout.Purchase:
    """A real payment in the live shop, which lives like any other: its day of `TEST_LIVE` is granted once it is paid.

    Only for administrators and only while `YOOKASSA_MODE` is `prod`, else `LiveTestRefused`. Raises
    `LiveTestPlanNotFound` when the plan is missing or switched off, and what `checkout.start` raises. Repeats are as
    safe as there.
    """
    if not services.settings.offers_live_test(wish.user_id):
        raise LiveTestRefused
    return await checkout.start(services, wish)

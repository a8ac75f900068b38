"""What is measured: each row of the table, and the users it is about."""

from dataclasses import dataclass

from benchmarks.load import Load, Step

TOKEN = "a-token-of-the-benchmark"  # noqa: S105 (opens a throwaway service on this machine)
# None of those who are in a grown database already.
PRO_USERS, FREE_USERS = range(1_000_001, 1_005_001), range(1_100_001, 1_101_001)
BUYERS = range(10**9, 10**15)

BACKEND = {"Authorization": f"Bearer {TOKEN}"}
JSON = {"Content-Type": "application/json"}
# The service behind a proxy, as in production; the bare endpoint does not look.
YOOKASSA = {"X-Forwarded-For": "185.71.76.1"}
NOTIFICATION = """{"type": "notification", "event": "payment.succeeded", "object": {"id":
"{n}-{run}-5000-8000-18db351245c7", "status": "succeeded", "amount": {"value": "299.00", "currency": "RUB"}}}"""
CONSUME = "/internal/v1/users/{user}/usage/consume/"


@dataclass(frozen=True)
class Scenario:
    """A row of the table. `at_provider`: our part of it calls the provider."""

    name: str
    load: Load
    at_provider: bool = False


EMPTY = Load((Step("GET", "/empty/"),))
CONSUMPTION = Step("POST", CONSUME, '{"amount": 1}')
CROWD = Load((CONSUMPTION,), PRO_USERS[:1], connections=200, headers=BACKEND | JSON)
SOMEBODY = Load((CONSUMPTION,), PRO_USERS[1:2], connections=1, headers=BACKEND | JSON)
BUYING = Load(
    (Step("POST", "/api/v1/billing/create-payment/", '{"plan_code": "PRO_MONTHLY"}'),),
    BUYERS,
    headers=BACKEND | JSON,
)
SCENARIOS = (
    Scenario("plans", Load((Step("GET", "/api/v1/billing/plans/"),))),
    Scenario("me", Load((Step("GET", "/api/v1/billing/me/"),), PRO_USERS, headers=BACKEND)),
    Scenario("consume", Load((CONSUMPTION,), PRO_USERS, headers=BACKEND | JSON)),
    Scenario(
        "consume, denied",
        Load((CONSUMPTION,), FREE_USERS, headers=BACKEND | JSON, refused=True),
    ),
    Scenario(
        "reserve + commit",
        Load(
            (
                Step("POST", "/internal/v1/users/{user}/usage/reserve/", '{"operation_id": "{run}-{n}"}'),
                Step("POST", "/internal/v1/usage/operations/{run}-{n}/commit/"),
            ),
            PRO_USERS,
            headers=BACKEND | JSON,
        ),
    ),
    Scenario(
        "webhook",
        Load((Step("POST", "/api/v1/billing/webhooks/yookassa", NOTIFICATION),), headers=YOOKASSA | JSON),
    ),
    Scenario("create-payment", BUYING, at_provider=True),
)

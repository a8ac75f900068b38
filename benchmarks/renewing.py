"""How many renewals one worker makes that fall due at one instant: charged, told of by the provider, and settled."""

import asyncio
import time
from collections.abc import Mapping, Sequence

from pydantic import SecretStr

from benchmarks.databases import connected, execute, fetch
from benchmarks.load import CannotMeasure
from benchmarks.measuring import Told
from benchmarks.notifying import notify
from benchmarks.report import Renewed
from benchmarks.scenarios import YOOKASSA
from benchmarks.settling import FORGET
from benchmarks.stage import Build, Stage, worker
from billing_service.config import SANDBOX_SHOP_ID
from billing_service.config.settings import DEV_EVENTS_SECRET
from billing_service.kit.crypto import Vault
from billing_service.kit.http import httpx

PATIENCE_SECONDS = 180
# Who has bought a month that ends within the day, with a card that is kept, and was told in time.
SUBSCRIBED = f"""
SET session_replication_role = replica;
DELETE FROM outbox_events;
DELETE FROM event_streams;
CREATE TEMPORARY TABLE who AS
    SELECT (SELECT max(user_id) FROM subscriptions) + number AS user_id, gen_random_uuid() AS id,
        (SELECT coalesce(max(id), 0) FROM subscription_periods) + number AS period_id
    FROM generate_series(1, {{number}}) number;
INSERT INTO subscriptions (user_id, auto_renew, renewal_look_at) SELECT user_id, true, billing_now() FROM who;
INSERT INTO consents
    (id, user_id, document_version, plan_code, amount, currency, period_days, given_with, caller, given_at)
SELECT id, user_id, '1', 'PRO_MONTHLY', 299, 'RUB', 30, 'purchase', '', billing_now() - interval '29 days' FROM who;
INSERT INTO payments (id, user_id, plan_code, amount, currency, duration_days, description, purpose, shop_id, is_test,
    caller, route, request_fingerprint, return_url, status, paid_at, created_at, yookassa_payment_id, period_id,
    consent_id)
SELECT id, user_id, 'PRO_MONTHLY', 299, 'RUB', 30, 'PRO', 'PLAN', '{SANDBOX_SHOP_ID}', true, 'main', 'create-payment',
    '', '', 'SUCCEEDED', billing_now() - interval '29 days', billing_now() - interval '29 days', id::text, period_id, id
FROM who;
INSERT INTO subscription_periods (id, user_id, plan_code, cause, payment_id, days, granted_at, span, is_test)
    OVERRIDING SYSTEM VALUE
SELECT period_id, user_id, 'PRO_MONTHLY', 'payment', id, 30, billing_now() - interval '29 days',
    tstzrange(billing_now() - interval '700 hours', billing_now() + interval '20 hours'), true
FROM who;
INSERT INTO payment_methods
    (id, user_id, shop_id, is_test, consent_id, sealed_id, id_digest, type, card_last4, saved_at)
SELECT id, user_id, '{SANDBOX_SHOP_ID}', true, id, '\\x{{sealed}}', id::text, 'bank_card', '4444',
    billing_now() - interval '29 days'
FROM who;
INSERT INTO renewal_notices (id, user_id, period_id, plan_code, amount, currency, duration_days, charge_at,
    charge_until, event_id, told_at, told_by, created_at)
SELECT id, user_id, period_id, 'PRO_MONTHLY', 299, 'RUB', 30, billing_now() - interval '4 hours',
    billing_now() + interval '20 hours', id, billing_now() - interval '6 days', 'main',
    billing_now() - interval '7 days'
FROM who;
SELECT setval(pg_get_serial_sequence('subscription_periods', 'id'), (SELECT max(id) FROM subscription_periods));
SELECT note_access_changes(ARRAY(SELECT user_id FROM who));
ANALYZE
"""  # noqa: S608 (our own words)
# Few at a time, however many there were before: whoever asks takes no processor time away from what is measured.
CHARGED = """
    SELECT yookassa_payment_id FROM payments
    WHERE status = 'PENDING' AND yookassa_payment_id IS NOT NULL AND is_recurring
"""
SETTLED = "SELECT count(*) FROM payments WHERE is_recurring AND status = 'SUCCEEDED'"
# From the first charge that was written down; each from its own.
TIMES = """
    SELECT extract(epoch FROM webhook_processed_at - min(created_at) OVER ())::float8 AS at,
        extract(epoch FROM webhook_processed_at - created_at)::float8 AS seconds
    FROM payments WHERE is_recurring AND status = 'SUCCEEDED' ORDER BY webhook_processed_at
"""
CARD = "card"


def measure_renewing(stage: Stage, *, number: int, in_flight: int, tell: Told) -> Renewed:
    """So many due at once, `in_flight` of them looked at at a time. Raises `CannotMeasure`."""
    build = stage.ours
    database_url = build.servers.database_url
    key = SecretStr(build.worker_environment["BILLING_ENCRYPTION_KEYS"])
    sealed = Vault([key]).seal(CARD.encode()).hex()
    execute(database_url, FORGET)
    execute(database_url, SUBSCRIBED.format(number=number, sealed=sealed))
    with worker(build, _renewing(build, in_flight)):
        asyncio.run(_tell_of_charges(build, number))
    times = fetch(database_url, TIMES)
    delays = sorted(row["seconds"] for row in times)
    found = Renewed(in_flight, [row["at"] for row in times], delays)
    tell(found.sentence())
    return found


def _renewing(build: Build, in_flight: int) -> Mapping[str, str]:
    """The main backend is told of all of it, at an address that says yes."""
    provider = build.worker_environment["YOOKASSA_API_URL"].removesuffix("/v3")
    return {
        "BILLING_RECURRING_ENABLED": "true",
        "EVENTS_URL": f"{provider}/events",
        "EVENTS_SECRETS": DEV_EVENTS_SECRET,
        "RENEWALS_IN_FLIGHT": str(in_flight),
    }


async def _tell_of_charges(build: Build, number: int) -> None:
    """The provider tells of each as soon as it has taken the money; until all are settled."""
    told: set[str] = set()
    deadline = time.monotonic() + PATIENCE_SECONDS
    async with (
        httpx.AsyncClient(base_url=build.beside_provider, headers=YOOKASSA, timeout=60) as provider,
        connected(build.servers.database_url) as database,
    ):
        while len(told) < number or await database.fetchval(SETTLED) < number:
            if time.monotonic() > deadline:
                raise CannotMeasure(f"of {number} renewals {len(told)} were charged in {PATIENCE_SECONDS} s")
            fresh = [row[0] for row in await database.fetch(CHARGED)]
            await asyncio.gather(*(notify(provider, one) for one in _not_in(told, fresh)))
            await asyncio.sleep(0.05)


def _not_in(told: set[str], ids: Sequence[str]) -> Sequence[str]:
    fresh = [one for one in ids if one not in told]
    told.update(fresh)
    return fresh

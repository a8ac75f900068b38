"""The SQL of renewals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from billing_service.charging.retries import Try
from billing_service.kit.transaction import Row, Transaction
from billing_service.receipts import queries as receipts
from billing_service.receipts.queries import Known
from billing_service.renewals.decision import Agreed, Facts, Last, Method, Noticed, Terms
from billing_service.renewals.models import RenewalNotice

CURRENCY = "RUB"
# The last span of PRO: where access ends, whatever lies before.
LAST = """
    SELECT span.id, upper(span.span) AS ends
    FROM subscription_periods span JOIN subscription_plans sold ON sold.code = span.plan_code
    WHERE span.user_id = who.user_id AND NOT isempty(span.span) AND sold.price > 0 AND NOT sold.is_test
        AND (NOT span.is_test OR test_days_count())
    ORDER BY upper(span.span) DESC, span.id DESC LIMIT 1
"""
AGREED = """
    SELECT id, plan_code, amount, period_days FROM consents
    WHERE user_id = who.user_id AND withdrawn_at IS NULL ORDER BY given_at DESC, id LIMIT 1
"""
NOTICE = "SELECT * FROM renewal_notices WHERE period_id = last.id ORDER BY created_at DESC, id LIMIT 1"
TRIES = """
    SELECT array_agg(created_at ORDER BY created_at) AS at, array_agg(payment_method_id ORDER BY created_at) AS methods,
        array_agg(status ORDER BY created_at) AS statuses,
        array_agg(cancellation_reason ORDER BY created_at) AS reasons,
        array_agg(provider_error_code IS NOT DISTINCT FROM 'never_created' ORDER BY created_at) AS never_created
    FROM payments WHERE renewed_period_id = last.id AND surplus_of IS NULL
"""
IS_OPEN = "status IN ('PENDING', 'WAITING_FOR_CAPTURE')"
CHARGES = """
    SELECT count(*) AS number, min(created_at) AS first_at FROM payments
    WHERE user_id = who.user_id AND payment_method_id IS NOT NULL AND surplus_of IS NULL
        AND created_at > who.now - interval '24 hours'
"""
FACTS = f"""
    SELECT who.*, last.id AS period_id, last.ends,
        agreed.id AS consent_id, agreed.plan_code AS agreed_plan, agreed.amount AS agreed_amount,
        agreed.period_days AS agreed_days, plan.price, plan.duration_days, plan.display_name, plan.description,
        plan.vat_code, method.id AS method_id, method.sealed_id, method.expires, method.title, method.card_last4,
        method.card_brand, notice.id AS notice_id, notice.plan_code AS noticed_plan, notice.amount AS noticed_amount,
        notice.duration_days AS noticed_days, notice.charge_at, notice.charge_until, notice.told_at,
        tries.at, tries.methods, tries.statuses, tries.reasons, tries.never_created,
        EXISTS (
            SELECT FROM payments WHERE user_id = who.user_id AND payment_method_id IS NOT NULL
                AND surplus_of IS NULL AND {IS_OPEN}
        ) AS is_in_flight,
        (SELECT max(created_at) FROM payments
            WHERE user_id = who.user_id AND NOT is_recurring AND purpose = 'PLAN' AND {IS_OPEN}
                AND created_at > who.now - interval '24 hours') AS checkout_at,
        charges.number AS charged_today, charges.first_at AS charged_first_at,
        (SELECT changed_at FROM charging_stops WHERE source = 'setting' AND stopped_since IS NULL) AS renews_since,
        EXISTS (SELECT FROM charging_stops WHERE stopped_since IS NOT NULL) AS is_stopped,
        {receipts.ALONG.format(user="who.user_id", shop="$2", is_test="$3")}
    FROM (SELECT user_id, auto_renew, billing_now() AS now FROM subscriptions WHERE user_id = ANY ($1)) who
        LEFT JOIN LATERAL ({LAST}) last ON true
        LEFT JOIN LATERAL ({AGREED}) agreed ON true
        LEFT JOIN subscription_plans plan
            ON plan.code = agreed.plan_code AND plan.is_active AND NOT plan.is_test AND plan.price > 0
        LEFT JOIN payment_methods method ON method.user_id = who.user_id AND method.status = 'ACTIVE'
            AND method.shop_id = $2 AND method.is_test = $3
        LEFT JOIN LATERAL ({NOTICE}) notice ON true
        LEFT JOIN LATERAL ({TRIES}) tries ON true
        LEFT JOIN LATERAL ({CHARGES}) charges ON true
    ORDER BY who.user_id
"""  # noqa: S608 (constant SQL, as all below)


@dataclass(frozen=True)
class Candidate:
    """What is known of one subscription: `facts` decide, the rest is needed to act.

    `display_name`, `description` and `vat_code` are those of the plan that was agreed to, blank if it is not sold.
    """

    facts: Facts
    display_name: str
    description: str
    vat_code: int | None
    receipts: Known


async def list_candidates(
    tx: Transaction, user_ids: Sequence[int], *, shop_id: str, is_test: bool
) -> Sequence[tuple[Row, Known]]:
    """The rows of these users, in the order of their ids; a user without a subscription has none."""
    rows = await tx.rows(FACTS, list(user_ids), shop_id, is_test)
    return [(row, receipts.known(row)) for row in rows]


def candidate(row: Row, known: Known, *, has_receipt_contact: bool, enabled: bool) -> Candidate:
    facts = Facts(
        user_id=row["user_id"],
        now=row["now"],
        auto_renew=row["auto_renew"],
        renews_since=row["renews_since"] if enabled else None,
        is_stopped=row["is_stopped"],
        last=None if row["period_id"] is None else Last(row["period_id"], row["ends"]),
        agreed=_agreed(row),
        on_sale=_on_sale(row),
        method=_method(row),
        has_receipt_contact=has_receipt_contact,
        notice=_noticed(row),
        tries=_tries(row),
        is_in_flight=row["is_in_flight"],
        checkout_at=row["checkout_at"],
        charged_today=row["charged_today"],
        charged_first_at=row["charged_first_at"],
    )
    return Candidate(
        facts,
        display_name=row["display_name"] or "",
        description=row["description"] or "",
        vat_code=row["vat_code"],
        receipts=known,
    )


def _method(row: Row) -> Method | None:
    if row["method_id"] is None:
        return None
    return Method(row["method_id"], *(row[name] for name in Method._fields[1:]))


def _agreed(row: Row) -> Agreed | None:
    if row["consent_id"] is None:
        return None
    return Agreed(row["consent_id"], row["agreed_plan"], row["agreed_amount"], row["agreed_days"])


def _on_sale(row: Row) -> Terms | None:
    return None if row["price"] is None else Terms(row["agreed_plan"], row["price"], row["duration_days"])


def _noticed(row: Row) -> Noticed | None:
    if row["notice_id"] is None:
        return None
    terms = Terms(row["noticed_plan"], row["noticed_amount"], row["noticed_days"])
    return Noticed(row["notice_id"], terms, row["charge_at"], row["charge_until"], row["told_at"])


def _tries(row: Row) -> Sequence[Try]:
    columns = (row["at"], row["methods"], row["statuses"], row["reasons"], row["never_created"])
    return [] if row["at"] is None else [Try(*one) for one in zip(*columns, strict=True)]


DUE = """
    WITH due AS (
        SELECT user_id FROM subscriptions WHERE auto_renew AND renewal_look_at <= billing_now()
        ORDER BY renewal_look_at LIMIT $1 FOR UPDATE SKIP LOCKED
    )
    UPDATE subscriptions SET renewal_look_at = billing_now() + $2::interval FROM due
    WHERE subscriptions.user_id = due.user_id RETURNING subscriptions.user_id
"""


async def take_due(tx: Transaction, *, limit: int, again_after: timedelta) -> Sequence[int]:
    """Users whose subscription is to be looked at, the longest waiting first; looked at again after a while, whatever
    becomes of this time."""
    return [row["user_id"] for row in await tx.rows(DUE, limit, again_after)]


LOOK_AT = "UPDATE subscriptions SET renewal_look_at = CASE WHEN auto_renew THEN $2::timestamptz END WHERE user_id = $1"


async def set_look_at(tx: Transaction, user_id: int, look_at: datetime | None) -> None:
    await tx.execute(LOOK_AT, user_id, look_at)


HORIZON = """
    SELECT user_id FROM subscriptions WHERE user_id > $1 AND (auto_renew OR EXISTS (
        SELECT FROM payment_methods m WHERE m.user_id = subscriptions.user_id AND m.status = 'ACTIVE'))
        AND pro_ends(user_id) BETWEEN billing_now() - $2::interval AND billing_now() + $3::interval
    ORDER BY user_id LIMIT $4
"""


async def list_ending(
    tx: Transaction, *, after: int, ended_within: timedelta, ends_within: timedelta, limit: int
) -> Sequence[int]:
    """Users who renew or could, and whose access ends or has ended around now; by their ids."""
    rows = await tx.rows(HORIZON, after, ended_within, ends_within, limit)
    return [row["user_id"] for row in rows]


INSERT_NOTICE = """
    INSERT INTO renewal_notices
        (id, user_id, period_id, plan_code, amount, currency, duration_days, charge_at, charge_until, event_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""


async def insert_notice(tx: Transaction, notice: RenewalNotice) -> None:
    await tx.execute(
        INSERT_NOTICE,
        *(notice.id, notice.user_id, notice.period_id, notice.plan_code, notice.amount, notice.currency),
        *(notice.duration_days, notice.charge_at, notice.charge_until, notice.event_id),
    )


# A report that lies in the future is none yet, and the next one takes its place.
TELL = """
    UPDATE renewal_notices SET
        told_at = CASE WHEN told_at <= billing_now() THEN told_at ELSE greatest($2, created_at) END,
        told_by = CASE WHEN told_at <= billing_now() THEN told_by ELSE $3 END
    WHERE id = $1 RETURNING told_at, told_by, charge_at, charge_until
"""
FUTURE = "SELECT $1::timestamptz > billing_now() + $2::interval"


async def is_future(tx: Transaction, at: datetime, *, tolerance: timedelta) -> bool:
    return bool(await tx.value(FUTURE, at, tolerance))


async def note_told(tx: Transaction, notice_id: UUID, *, at: datetime, channel: str) -> Row | None:
    """The notice as it is then; None for an unknown one."""
    return await tx.row(TELL, notice_id, at, channel)


# The row of the hour is the last lock of the transaction.
CHARGE_HOUR = """
    INSERT INTO renewal_hours AS known (hour, charges, amount, most)
    SELECT date_trunc('hour', billing_now()), 1, $1::numeric, $2::numeric WHERE $1::numeric <= $2::numeric
    ON CONFLICT (hour) DO UPDATE SET
        charges = known.charges + 1, amount = known.amount + excluded.amount, most = excluded.most
    WHERE known.amount + excluded.amount <= excluded.most RETURNING hour
"""


async def take_from_hour(tx: Transaction, amount: Decimal, *, most: Decimal) -> bool:
    """Count one more charge to this hour; False if it may not take so much."""
    return await tx.value(CHARGE_HOUR, amount, most) is not None

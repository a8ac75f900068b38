"""The SQL of what decides about renewals: everything that is known of subscriptions, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass

from billing_service.charging.retries import Try
from billing_service.consents import queries as consents
from billing_service.consents.coverage import Terms
from billing_service.kit.transaction import Row, Transaction
from billing_service.outlooks.decision import Agreed, Facts, Last, Method, Noticed
from billing_service.receipts import queries as receipts
from billing_service.receipts.queries import Known

CURRENCY = "RUB"
# The last span of PRO: where access ends, whatever lies before.
LAST = """
    SELECT span.id, upper(span.span) AS ends
    FROM subscription_periods span JOIN subscription_plans sold ON sold.code = span.plan_code
    WHERE span.user_id = who.user_id AND NOT isempty(span.span) AND sold.price > 0 AND NOT sold.is_test
        AND (NOT span.is_test OR test_days_count())
    ORDER BY upper(span.span) DESC, span.id DESC LIMIT 1
"""
AGREED = f"""
    SELECT id, plan_code, amount, period_days FROM consents
    WHERE user_id = who.user_id AND {consents.STANDS} ORDER BY given_at DESC, id LIMIT 1
"""  # noqa: S608 (constants)
# What could not be delivered in four days was given up: unless somebody says otherwise, nobody was told by it. What he
# was told before he became this number, or what came to it, is told once more.
TOLD_BEFORE_MOVE = "SELECT FROM user_moves m WHERE m.to_user_id = who.user_id AND m.moved_at >= n.created_at"
NOTICE = f"""
    SELECT n.*, (n.told_at IS NULL AND e.outcome IS NOT DISTINCT FROM 'dead') OR EXISTS ({TOLD_BEFORE_MOVE}) AS is_lost
    FROM renewal_notices n LEFT JOIN outbox_events e ON e.id = n.event_id
    WHERE n.period_id = last.id ORDER BY n.created_at DESC, n.id LIMIT 1
"""  # noqa: S608 (constants)
TRIES = """
    SELECT array_agg(created_at ORDER BY created_at) AS at, array_agg(payment_method_id ORDER BY created_at) AS methods,
        array_agg(status ORDER BY created_at) AS statuses,
        array_agg(cancellation_reason ORDER BY created_at) AS reasons,
        array_agg(provider_error_code IS NOT DISTINCT FROM 'never_created' ORDER BY created_at) AS never_created
    FROM payments WHERE renewed_period_id = last.id AND surplus_of IS NULL
"""
IS_OPEN = "status IN ('PENDING', 'WAITING_FOR_CAPTURE')"
# What has left for a shop that is no longer ours may have been paid there: it holds back its own period only.
OPEN = f"""
    SELECT bool_or(
            payment_method_id IS NOT NULL AND surplus_of IS NULL
            AND ((shop_id, is_test) = ($2, $3) OR renewed_period_id = last.id)
        ) AS is_in_flight,
        max(created_at) FILTER (
            WHERE NOT is_recurring AND purpose = 'PLAN' AND created_at > who.now - interval '24 hours'
        ) AS checkout_at
    FROM payments WHERE user_id = who.user_id AND {IS_OPEN}
"""  # noqa: S608 (constants)
CHARGES = """
    SELECT count(*) AS number, min(created_at) AS first_at FROM payments
    WHERE user_id = who.user_id AND payment_method_id IS NOT NULL AND surplus_of IS NULL
        AND created_at > who.now - interval '24 hours'
"""
# One row for each of the ids $1, in their order, also for who was never seen; $2 is the shop, $3 whether it is a test.
# The LIMIT takes nobody away. Without it the planner believes a list that it does not see to be of ten, finds the plan
# of any list dearer than that of the list at hand, and plans this, its dearest statement, anew each time
# (findings/postgresql-plan-of-a-list.sh).
FACTS = f"""
    SELECT who.*, last.id AS period_id, last.ends,
        agreed.id AS consent_id, agreed.plan_code AS agreed_plan, agreed.amount AS agreed_amount,
        agreed.period_days AS agreed_days, plan.price, plan.duration_days, plan.display_name, plan.description,
        plan.vat_code, method.id AS method_id, method.type AS method_type,
        method.sealed_id, method.expires, method.title, method.card_last4,
        method.card_brand, notice.id AS notice_id, notice.plan_code AS noticed_plan, notice.amount AS noticed_amount,
        notice.duration_days AS noticed_days, notice.charge_at, notice.charge_until, notice.told_at, notice.is_lost,
        tries.at, tries.methods, tries.statuses, tries.reasons, tries.never_created,
        coalesce(open.is_in_flight, false) AS is_in_flight, open.checkout_at,
        charges.number AS charged_today, charges.first_at AS charged_first_at,
        (SELECT changed_at FROM charging_stops WHERE source = 'setting' AND stopped_since IS NULL) AS renews_since,
        EXISTS (SELECT FROM charging_stops WHERE stopped_since IS NOT NULL) AS is_stopped,
        {receipts.ALONG.format(user="who.user_id", shop="$2", is_test="$3")}
    FROM (
        SELECT asked.user_id, asked.place, known.moved_to, coalesce(known.auto_renew, false) AS auto_renew,
            billing_now() AS now
        FROM unnest($1::bigint[]) WITH ORDINALITY asked (user_id, place)
        LEFT JOIN subscriptions known ON known.user_id = asked.user_id
        LIMIT (SELECT cardinality($1::bigint[]))
    ) who
        LEFT JOIN LATERAL ({LAST}) last ON true
        LEFT JOIN LATERAL ({AGREED}) agreed ON true
        LEFT JOIN subscription_plans plan
            ON plan.code = agreed.plan_code AND plan.is_active AND NOT plan.is_test AND plan.price > 0
        LEFT JOIN payment_methods method ON method.user_id = who.user_id AND method.status = 'ACTIVE'
            AND method.shop_id = $2 AND method.is_test = $3
        LEFT JOIN LATERAL ({NOTICE}) notice ON true
        LEFT JOIN LATERAL ({TRIES}) tries ON true
        LEFT JOIN LATERAL ({OPEN}) open ON true
        LEFT JOIN LATERAL ({CHARGES}) charges ON true
    ORDER BY who.place
"""  # noqa: S608 (constants)


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


async def list_rows(
    tx: Transaction, user_ids: Sequence[int], *, shop_id: str, is_test: bool
) -> Sequence[Row]:
    """One for each id, in this order."""
    return await tx.rows(FACTS, list(user_ids), shop_id, is_test)


def candidate(row: Row, known: Known, *, has_receipt_contact: bool, enabled: bool) -> Candidate:
    """From a row that has what `FACTS` asks; `enabled` is the setting of this installation."""
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
    return Agreed(row["consent_id"], Terms(row["agreed_plan"], row["agreed_amount"], row["agreed_days"]))


def _on_sale(row: Row) -> Terms | None:
    return None if row["price"] is None else Terms(row["agreed_plan"], row["price"], row["duration_days"])


def _noticed(row: Row) -> Noticed | None:
    if row["notice_id"] is None:
        return None
    terms = Terms(row["noticed_plan"], row["noticed_amount"], row["noticed_days"])
    return Noticed(
        row["notice_id"], terms, row["charge_at"], row["charge_until"], row["told_at"], is_lost=row["is_lost"]
    )


def _tries(row: Row) -> Sequence[Try]:
    columns = (row["at"], row["methods"], row["statuses"], row["reasons"], row["never_created"])
    return [] if row["at"] is None else [Try(*one) for one in zip(*columns, strict=True)]

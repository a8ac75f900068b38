"""Every index is one that a statement of ours is answered by: none stands there for nothing, none may be missed."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from benchmarks.grown import SHOP, grow

from billing_service.admin.listing import Listing
from billing_service.admin.listing_queries import PAGE, _select
from billing_service.admin.lists.log import AUDIT as AUDIT_LIST
from billing_service.admin.lists.messages import NOTIFICATIONS
from billing_service.admin.lists.money import PAYMENTS as PAYMENT_LIST
from billing_service.admin.lists.money import REFUNDS as REFUND_LIST
from billing_service.admin.lists.people import PEOPLE
from billing_service.admin.search import BY_REQUEST
from billing_service.audit.queries import list_entries
from billing_service.charging.queries import count_declined
from billing_service.config import Settings
from billing_service.daily_audits.queries import AUDITED, PAYMENTS_BETWEEN
from billing_service.events import queries as events
from billing_service.kit.clock import AGREE_WITHIN
from billing_service.kit.statement_pool import StatementPool
from billing_service.kit.transaction import Transaction
from billing_service.legacy.differences import BY_KIND
from billing_service.operations.retention import BITE, FORGET, RULES
from billing_service.outlooks import queries as outlooks
from billing_service.outlooks.queries import TOLD_BEFORE_MOVE
from billing_service.payment_methods import queries as methods
from billing_service.payment_methods.binding_queries import OPEN as OPEN_BINDING
from billing_service.payment_methods.calls import BINDINGS
from billing_service.payments.calls import PAYMENTS
from billing_service.payments.charge_queries import list_tries
from billing_service.payments.history import list_newest
from billing_service.provider_calls import asking
from billing_service.provider_calls.kinds import Kind
from billing_service.receipts import queries as receipts
from billing_service.refund_requests import queries as refund_requests
from billing_service.refunds.calls import REFUNDS
from billing_service.refunds.queries import list_refunds_of
from billing_service.renewals import queries as renewals
from billing_service.staff import queries as staff
from billing_service.stats import queries as stats
from billing_service.stats.days import Days, Step, cut
from billing_service.subscribers.queries import SUBSCRIBERS
from billing_service.subscriptions import queries as subscriptions
from billing_service.usage import queries as usage
from billing_service.user_moves import queries as user_moves
from billing_service.user_states.queries import STATES
from billing_service.webhooks import queries as webhooks
from tests.scratch import execute

ZONE, USERS, A_USER = "Europe/Moscow", 1500, 7
HOUR, MONTH = timedelta(hours=1), timedelta(days=30)
NOW = datetime.now(UTC)
TODAY = NOW.date()
DAYS = (*stats._columns(list(cut(Days(TODAY - MONTH, TODAY), Step.DAY))), ZONE, False)  # noqa: SLF001 (as it is sent)
Ask = Callable[[Transaction], Awaitable[object]]


def said(statement: str, *values: object) -> Ask:
    return lambda tx: tx.rows(statement, *values)


def asked_about(kind: Kind) -> Ask:  # type: ignore[type-arg]
    statement = asking._due_statement(kind)  # noqa: SLF001 (as it is sent)
    return said(statement, list(kind.open), SHOP, False, 100)


def forgotten(table: str) -> Ask:
    (rule,) = (rule for rule in RULES if rule.table == table)
    return said(FORGET.format(**rule._asdict()), MONTH * 20, BITE)


def outlook_facts(tx: Transaction) -> Awaitable[object]:
    return outlooks.list_rows(tx, [A_USER], shop_id=SHOP, is_test=False)


def registered(table: str) -> Ask:
    return lambda tx: receipts.list_due(tx, table, SHOP, is_test=False, limit=100)


def listed(listing: Listing, choice: str = "") -> Ask:
    """A page of a list of the panel, or of what is chosen of it."""
    conditions = [one.choices[choice].sql for one in listing.filters if choice in one.choices]
    return said(_select(listing, listing.columns, conditions, PAGE))


def unsorted(ask: Ask) -> Ask:
    """As if there were too many to be sorted."""

    async def asked(tx: Transaction) -> None:
        await tx.execute("SET LOCAL enable_sort = off")
        await ask(tx)

    return asked


# Index -> what is asked where it is needed: the service's own function or statement.
NEEDED_BY: Mapping[str, Ask] = {
    "ix_access_changes_change_at": said(stats.COUNTS["new"], *DAYS),
    "ix_access_changes_user_id": said("SELECT note_access_changes(ARRAY[7::bigint])"),
    "ix_alarms_last_at": forgotten("alarms"),
    "ix_audit_log_action": lambda tx: list_entries(tx, ["plan.changed"], {}),
    "ix_audit_log_panel_author": said(
        _select(AUDIT_LIST, AUDIT_LIST.columns, [PEOPLE.related[1].sql], PAGE), "owner"
    ),
    "ix_audit_log_request_id": said(BY_REQUEST, "no-request"),
    "ix_audit_log_user_id": said(usage.EXPLAIN, A_USER, "photo_ai", ZONE, 10),
    "ix_card_bindings_next_ask_at": asked_about(BINDINGS),
    "ix_card_bindings_user_id_created_at": said(OPEN_BINDING, A_USER, SHOP, False, "", HOUR, AGREE_WITHIN),
    "ix_consents_user_id_given_at": outlook_facts,
    "ix_daily_audits_day": said(AUDITED, date(2026, 1, 1)),
    "ix_daily_feature_usage_date": forgotten("daily_feature_usage"),
    "ix_daily_usage_date": forgotten("daily_usage"),
    "ix_event_replays_due_at": said(events.REPLAYS, HOUR, HOUR, 10),
    "ix_event_streams_due_at": said(events.FIRST_TRIES, HOUR, HOUR, 10),
    "ix_event_streams_leased_until": said(events.PLACES, HOUR),
    # By whoever looks a user up, by hand.
    "ix_grant_batch_members_user_id": said("SELECT batch_id FROM grant_batch_members WHERE user_id = 7"),
    "ix_legacy_differences_import_id_kind": said(BY_KIND, 7),
    "ix_outbox_events_limit_reached": said(stats.COUNTS["limit_hits"], *DAYS),
    "ix_outbox_events_occurred_at": forgotten("outbox_events"),
    "ix_outbox_events_written_no": said("SELECT publish_events(10)"),
    "ix_payment_method_refusals_user_id_refused_at": lambda tx: methods.get_last_refusal(tx, A_USER),
    "ix_payment_methods_user_id": lambda tx: methods.refuse_all(tx, A_USER),
    "ix_payments_canceled": said(stats.COUNTS["declines"], *DAYS),
    "ix_payments_charges": lambda tx: count_declined(tx, about_money=[], most=50),
    "ix_payments_created_at": listed(PAYMENT_LIST),
    "ix_payments_failed": listed(PAYMENT_LIST, "failed"),
    "ix_payments_next_ask_at": asked_about(PAYMENTS),
    "ix_payments_open": unsorted(listed(PAYMENT_LIST, "open")),
    "ix_payments_open_of_user": said(STATES, [A_USER], SHOP, False, ZONE),
    "ix_payments_paid_at": said(PAYMENTS_BETWEEN, NOW - HOUR, NOW, SHOP, False),
    "ix_payments_receipt_not_registered": registered("payments"),
    "ix_payments_renewals": lambda tx: list_tries(tx, 7),
    "ix_payments_revenue": said(stats.MONEY, *DAYS),
    "ix_payments_user_id_created_at": lambda tx: list_newest(tx, A_USER, limit=10),
    "ix_refund_requests_answer_by": lambda tx: refund_requests.list_open(tx, limit=50),
    "ix_refund_requests_payment_id": lambda tx: refund_requests.get_newest(tx, UUID(int=7)),
    "ix_refunds_completed_at": said(stats.MONEY, *DAYS),
    "ix_refunds_created_at": listed(REFUND_LIST),
    "ix_refunds_next_ask_at": asked_about(REFUNDS),
    "ix_refunds_not_succeeded": listed(REFUND_LIST, "failed"),
    "ix_refunds_payment_id": lambda tx: list_refunds_of(tx, UUID(int=7)),
    "ix_refunds_receipt_not_registered": registered("refunds"),
    "ix_renewal_notices_period_id_created_at": outlook_facts,
    "ix_staff_acts_begun_at": forgotten("staff_acts"),
    "ix_staff_sessions_account": lambda tx: staff.end_sessions(tx, "somebody"),
    "ix_staff_sessions_seen_at": forgotten("staff_sessions"),
    "ix_subscription_periods_begins": subscriptions.list_adrift,
    "ix_subscription_periods_ends": said(stats.SUBSCRIBERS, MONTH),
    "ix_subscription_periods_user_id_ends": said(SUBSCRIBERS, 0, 50, None, None),
    "ix_subscriptions_end_due_at": lambda tx: subscriptions.lock_due_ends(tx, limit=10),
    "ix_subscriptions_renewal_look_at": lambda tx: renewals.take_due(tx, limit=10, again_after=HOUR),
    "ix_usage_operations_changed_at": forgotten("usage_operations"),
    "ix_usage_operations_user_id_date": said(usage.EXPLAIN, A_USER, "photo_ai", ZONE, 10),
    "ix_subscriptions_moved_to": lambda tx: user_moves.list_known_as(tx, A_USER),
    "ix_user_moves_from_user_id": lambda tx: user_moves.get_last(tx, A_USER),
    "ix_user_moves_to_user_id": said(
        f"SELECT EXISTS ({TOLD_BEFORE_MOVE}) FROM (SELECT {A_USER}::bigint AS user_id) who, "  # noqa: S608
        "(SELECT billing_now() AS created_at) n"
    ),
    "ix_webhook_logs_created_at": forgotten("webhook_logs"),
    "ix_webhook_logs_left": listed(NOTIFICATIONS, "closed"),
    "ix_webhook_logs_payment_id": said("SELECT id FROM webhook_logs WHERE payment_id = 'theirs'"),
    "ix_webhook_logs_trace_id": said(BY_REQUEST, "no-request"),
    "ix_webhook_logs_unsettled": lambda tx: webhooks.give_up_logs(tx, job="webhooks.look", older_than=MONTH),
}
# What a grown database of the benchmarks does not have: some of it waits, most of it is over.
MORE = """
    SET session_replication_role = replica;
    INSERT INTO event_streams (user_id, last_seq, next_seq, due_at)
    SELECT n, 1000000, CASE WHEN n % 6 = 5 THEN 1000001 ELSE 1 END,
        billing_now() + (n - 5) * interval '1 second' FROM generate_series(1, 1500) n;
    INSERT INTO event_replays (event_id, due_at)
    SELECT id, billing_now() + (feed_no - 5) * interval '1 second' FROM outbox_events WHERE feed_no <= 1000;
    INSERT INTO webhook_logs (event_id, event_type, payment_id, trace_id, status, raw_payload, client_ip, created_at)
    SELECT n::text, 'payment.succeeded', n::text, '', CASE WHEN n % 100 = 0 THEN 'RECEIVED' ELSE 'SUCCESS' END,
        '{{}}', '', billing_now() - n * interval '1 hour' FROM generate_series(1, 3000) n;
    INSERT INTO refund_requests (id, payment_id, reason, answer_by)
    SELECT gen_random_uuid(), gen_random_uuid(), '', billing_now() + n * interval '1 hour'
        FROM generate_series(1, 3000) n;
    SET session_replication_role = origin;
"""
SCANS = """
    SELECT relname, pg_stat_get_xact_numscans(oid) AS scans FROM pg_class
    WHERE relkind = 'i' AND relname LIKE 'ix\\_%'
"""


class Undone(Exception):
    """Nothing of what was asked stays."""


async def scans(tx: Transaction) -> Mapping[str, int]:
    """How often each index was read by this connection, so far as it has not yet reported it."""
    return {row["relname"]: row["scans"] for row in await tx.rows(SCANS)}


async def scanned_by(statements: StatementPool, ask: Ask) -> set[str]:
    """The indexes that were really read, by the statement itself and by the functions it calls."""
    scanned: set[str] = set()
    with suppress(Undone):
        async with statements.transaction() as tx:
            # Tables are small here, and what the planner thinks of that is not asked.
            await tx.execute("SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_custom_plan")
            before = await scans(tx)
            await ask(tx)
            scanned = {index for index, times in (await scans(tx)).items() if times > before[index]}
            raise Undone
    return scanned


@pytest.mark.timeout(120)
async def test_every_index_answers_what_it_is_there_for(
    settings: Settings, statements: StatementPool
) -> None:
    await asyncio.to_thread(grow, settings.database_url, USERS)
    await execute(settings.database_url, MORE.format(shop=SHOP))
    await execute(settings.database_url, "ANALYZE")

    used = {index: await scanned_by(statements, ask) for index, ask in NEEDED_BY.items()}

    assert {index: scanned for index, scanned in used.items() if index not in scanned} == {}


async def test_every_index_is_asked_for_here(statements: StatementPool) -> None:
    known = await statements.fetch(
        "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND indexname LIKE 'ix\\_%'"
    )

    # A new index is written down above with what it is there for; without a statement that needs it, it is left out.
    assert {row["indexname"] for row in known} == NEEDED_BY.keys()

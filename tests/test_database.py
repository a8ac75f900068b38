"""Models, migrations and a live database agree, down to the last name."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries
from sqlalchemy import Connection

from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.operations.retention import KEPT, RULES
from billing_service.schema import revisions, tables
from billing_service.schema.migrate import alembic_config
from tests.scratch import Shape, execute, migrated_database, only, scratch_database, shape_of

PINNED = {"subscription_plans", "subscriptions", "payments", "refunds", "webhook_logs", "daily_usage"}
OURS = set(tables.metadata.tables)
JOBS = {"pgqueuer", "pgqueuer_log", "pgqueuer_schedules", "pgqueuer_statistics"}
PLANS = [
    # code, price, days, photos a day, days of history, recognition, statistics, support, active, test
    ("FREE", "0.00", 0, 3, 7, True, False, False, True, False),
    ("PRO_MONTHLY", "299.00", 30, None, 180, True, True, True, True, False),
    ("PRO_YEARLY", "2490.00", 365, None, 180, True, True, True, True, False),
    ("TEST_LIVE", "1.00", 1, 3, 7, True, False, False, True, True),
]


# Models cannot say them; each has its story in docs/decisions.
TRIGGERS = {
    "payment_methods.tell_of_payment_method",
    "payment_method_refusals.tell_of_refusal",
    "payment_methods.refused_here_is_not_imported",
    "subscription_plans.plan_keeps_its_terms",
    "consents.consent_stays_as_given",
    "payment_methods.refusal_is_for_good",
    "payments.become_charge_of_active_method",
    "payments.charge_is_not_sent_again",
    "payments.charge_only_active_method",
    "refunds.refund_fits_its_payment",
    "refunds.refund_still_fits_its_payment",
    "subscription_periods.period_is_of_its_shop",
    *("subscription_periods.tell_of_new_period", "subscription_periods.tell_of_moved_periods"),
    "refunds.conclude_refund_request",
    *("payments.tell_of_payment", "refunds.tell_of_refund", "subscriptions.tell_of_auto_renewal"),
    *("payments.charge_within_bounds", "payments.late_renewal_is_surplus", "refunds.free_renewed_period"),
    *("outbox_events.note_that_payer_was_told", "subscriptions.look_at_renewal_once_switched"),
    *(
        f"{table}.look_at_renewal"
        for table in ("subscription_periods", "consents", "payment_methods", "payments")
    ),
    *("alarms.tell_of_alarm", "shop_in_force.tell_of_another_shop"),
    *("subscription_periods.new_periods_change_access", "subscription_periods.moved_periods_change_access"),
    "shop_in_force.shop_changes_access",
}


@pytest.fixture(scope="module")
async def migrated_url(settings: Settings) -> AsyncIterator[str]:
    async with migrated_database(settings.database_url) as url:
        yield url


@pytest.fixture(scope="module")
async def migrated_shape(migrated_url: str) -> Shape:
    return await shape_of(migrated_url)


@pytest.fixture(scope="module")
async def modelled_shape(settings: Settings) -> AsyncIterator[Shape]:
    """What the models alone would create."""
    async with scratch_database(settings.database_url) as url:
        await execute(
            url,
            "CREATE EXTENSION btree_gist; "
            "CREATE FUNCTION billing_now() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'; "
            "CREATE FUNCTION period_chain(boolean, text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $2'",
        )
        database = Database(url, pool_size=1)
        async with database.engine.begin() as connection:
            await connection.run_sync(tables.metadata.create_all)
        await database.close()
        yield await shape_of(url)


@pytest.fixture(scope="module")
async def job_library_shape(settings: Settings) -> AsyncIterator[Shape]:
    async with scratch_database(settings.database_url) as url:
        connection = await asyncpg.connect(url)
        await Queries(AsyncpgDriver(connection)).install()
        await connection.close()
        yield await shape_of(url)


def tables_in(shape: Shape) -> set[str]:
    return {name.partition(".")[0] for kind, name in shape if kind == "column"}


def test_the_pinned_names_are_the_models_names() -> None:
    assert {model.__tablename__ for model in tables.PINNED.values()} == PINNED
    assert set(tables.PINNED) == PINNED
    assert PINNED | set(tables.OURS) == OURS


def test_the_pinned_names_stand_in_the_migrations(repository: Path) -> None:
    written = "".join(path.read_text() for path in repository.glob("migrations/versions/*.*"))

    assert set(re.findall(r"^CREATE TABLE (\w+)", written, re.MULTILINE)) == OURS | JOBS


def test_the_pinned_names_are_in_a_live_database(migrated_shape: Shape) -> None:
    assert tables_in(migrated_shape) == OURS | JOBS | {"alembic_version"}


def test_every_table_has_its_rule_of_how_long_rows_are_kept_or_says_why_they_stay(
    migrated_shape: Shape,
) -> None:
    ruled = [rule.table for rule in RULES]

    assert tables_in(migrated_shape) == {*ruled, *KEPT}
    assert len(ruled) + len(KEPT) == len({*ruled, *KEPT})


def test_the_models_describe_exactly_what_the_migrations_create(
    migrated_shape: Shape, modelled_shape: Shape
) -> None:
    migrated = only(migrated_shape, *OURS)
    triggers = {name for kind, name in migrated if kind == "trigger"}

    assert triggers == TRIGGERS
    assert {key: shape for key, shape in migrated.items() if key[0] != "trigger"} == only(
        modelled_shape, *OURS
    )
    assert tables_in(modelled_shape) == OURS


async def test_a_migration_written_by_machine_would_be_empty(migrated_url: str) -> None:
    database = Database(migrated_url, pool_size=1)

    async with database.engine.connect() as connection:
        differences = await connection.run_sync(_drift)
    await database.close()

    assert differences == []


def test_every_constraint_and_index_is_named_by_the_convention(migrated_shape: Shape) -> None:
    named = {name for kind, name in only(migrated_shape, *OURS) if kind in {"constraint", "index"}}

    unconventional = {
        name for name in named if not re.fullmatch(r"(\w+)\.(pk_\1|(uq|ck|fk|ex|ix)_\1_\w+)", name)
    }

    assert len(named) > 40
    assert not unconventional


def test_money_times_and_days_have_the_types_they_need(migrated_shape: Shape) -> None:
    columns = {name: definition for (kind, name), definition in migrated_shape.items() if kind == "column"}
    ours = {name: definition for name, definition in columns.items() if name.partition(".")[0] in OURS}

    for name, definition in ours.items():
        if name.endswith((".amount", "price")):
            assert definition.startswith("numeric(12,2)"), name
        if name.endswith(("_at", "_until")):
            assert definition.startswith("timestamp with time zone"), name
        if name.endswith(".user_id"):
            assert definition.startswith("bigint"), name
        assert not re.match(r"(real|double|timestamp without|character varying)", definition), name


def test_the_job_tables_are_what_the_installed_library_creates_and_one_trigger_of_ours(
    migrated_shape: Shape, job_library_shape: Shape
) -> None:
    ours = only(migrated_shape, *JOBS)
    assert "successful" in ours.pop(("trigger", "pgqueuer_log.tg_pgqueuer_log_keeps_failures"))
    assert ours == only(job_library_shape, *JOBS)
    made = {key for key in job_library_shape if key[0] in {"trigger", "function", "enum"}}
    assert {key: migrated_shape[key] for key in made} == {key: job_library_shape[key] for key in made}


async def test_down_and_up_again_leads_to_the_same_shape(settings: Settings) -> None:
    async with scratch_database(settings.database_url) as url:
        config = alembic_config(url)
        await asyncio.to_thread(command.upgrade, config, "head")
        up = await shape_of(url)
        await asyncio.to_thread(command.downgrade, config, "base")
        down = await shape_of(url)
        await asyncio.to_thread(command.upgrade, config, "head")

        assert tables_in(down) == {"alembic_version"}
        assert {kind for kind, _ in down} <= {"column", "constraint", "index"}
        assert await shape_of(url) == up


def test_the_migrations_are_one_line_with_one_head() -> None:
    revisions = list(ScriptDirectory.from_config(alembic_config()).walk_revisions())

    assert [len(revision.nextrev) for revision in revisions] == [0] + [1] * (len(revisions) - 1)


async def test_a_failed_migration_leaves_nothing_behind(settings: Settings) -> None:
    async with scratch_database(settings.database_url) as url:
        # The third migration cannot create its type: then the first two must not have happened either.
        await execute(url, "CREATE TYPE pgqueuer_status AS ENUM ('in the way')")
        before = await shape_of(url)

        with pytest.raises(Exception, match="pgqueuer_status"):
            await asyncio.to_thread(command.upgrade, alembic_config(url), "head")

        assert await shape_of(url) == before


async def test_the_four_plans_are_on_sale_from_the_first_day(migrated_url: str) -> None:
    connection = await asyncpg.connect(migrated_url)
    rows = await connection.fetch(
        "SELECT code, price::text, duration_days, daily_photo_limit, history_days, ai_recognition, "
        "advanced_stats, priority_support, is_active, is_test FROM subscription_plans ORDER BY code"
    )
    await connection.close()

    assert [tuple(row) for row in rows] == PLANS


def _drift(connection: Connection) -> list[Any]:
    def is_ours(_: object, name: str | None, kind: str, *_more: object) -> bool:
        return kind != "table" or name not in JOBS

    context = MigrationContext.configure(
        connection,
        opts={"compare_type": True, "compare_server_default": True, "include_object": is_ours},
    )
    differences: list[Any] = compare_metadata(context, tables.metadata)
    return differences


def test_the_migrations_are_read_from_their_files_as_alembic_reads_them() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())

    assert revisions.head() == scripts.get_current_head()
    assert revisions.known() == {script.revision for script in scripts.walk_revisions()}

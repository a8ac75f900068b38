"""One subscriber many times over: his rows are copied under ids of their own, and what the provider knows of him.

What thousands of purchases would leave behind, in a moment. Nobody is told of the copies' past.
"""

from collections.abc import Mapping, Sequence
from hashlib import md5
from typing import Any
from uuid import UUID, uuid4

from pydantic import SecretStr

from billing_service.kit.transaction import Transaction
from billing_service.payment_methods.sealing import seal
from billing_service.payments.settlement import OUR_MARK
from billing_service.sandbox.model.provider import Yookassa
from billing_service.services import Services
from tests.renewals.actors import Renewals
from tests.renewals.crowds import turn
from tests.stage import USER

# Who names another one's row comes behind it.
COPIED = (
    "subscriptions",
    "consents",
    "payments",
    "subscription_periods",
    "payment_methods",
    "renewal_notices",
)
COPIES = (
    "CREATE TEMPORARY TABLE copies (n bigint, provider_id text, sealed bytea, digest text) ON COMMIT DROP"
)
COPY = "INSERT INTO copies SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[], $4::text[])"
COLUMNS = """
    SELECT column_name AS name, data_type AS type FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER'
"""
BY_NAME = {
    "user_id": "n",
    "sealed_id": "sealed",
    "id_digest": "digest",
    "yookassa_payment_id": "provider_id",
    "idempotency_key": "idempotency_key || n",
}
# He has one period, and so has each copy.
OF_A_PERIOD = ("id", "period_id", "renewed_period_id")
PERIODS_FROM = 1_000_000


async def all_due_at_once(renewals: Renewals, number: int) -> Sequence[int]:
    """So many who have bought once, were told, and whose last day has begun."""
    await renewals.subscribe()
    await renewals.pass_time(days=23, hours=1)
    await renewals.tell_all()
    await renewals.pass_time(days=5, hours=22)
    copies = await multiply(renewals.services, renewals.office.sandbox.yookassa, number - 1)
    await turn(renewals, hours=2)
    return range(USER, copies[-1] + 1)


async def multiply(services: Services, provider: Yookassa, number: int, user: int = USER) -> Sequence[int]:
    """So many more like this user, who has bought once; answers their ids."""
    copies = range(user + 1, user + 1 + number)
    ids = [str(uuid4()) for _ in copies]
    sealed = [seal(services.settings, SecretStr(one)) for one in ids]
    async with services.statements.transaction() as tx:
        # No trigger and no foreign key is looked at: the original was.
        await tx.execute("SET LOCAL session_replication_role = replica")
        await tx.execute(COPIES)
        await tx.execute(
            COPY, copies, ids, [one.sealed for one in sealed], [one.digests[0] for one in sealed]
        )
        for table in COPIED:
            await tx.execute(await _statement(tx, table), user)
    _multiply_there(provider, dict(zip(copies, ids, strict=True)), str(user))
    return copies


async def _statement(tx: Transaction, table: str) -> str:
    columns = await tx.rows(COLUMNS, table)
    values = ", ".join(_value(one["name"], one["type"]) for one in columns)
    names = ", ".join(one["name"] for one in columns)
    return f"""
        INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE
        SELECT {values} FROM {table} original, copies WHERE user_id = $1
    """  # noqa: S608 (our own names)


def _value(name: str, kind: str) -> str:
    if kind == "uuid":
        return f"md5({name}::text || n)::uuid"
    if name in OF_A_PERIOD:
        return f"{name} * 0 + {PERIODS_FROM} + n"
    return BY_NAME.get(name, name)


def _multiply_there(provider: Yookassa, copies: dict[int, str], user: str) -> None:
    state = provider.state
    [bought] = [one for one in state.payments.values() if (one.payment.metadata or {}).get("user_id") == user]
    card = state.methods[bought.payment.id]
    for copy, own_id in copies.items():
        marks = dict(bought.payment.metadata or {})
        ours = md5(f"{marks[OUR_MARK]}{copy}".encode(), usedforsecurity=False).hexdigest()
        told = {"id": own_id, "metadata": {**marks, "user_id": str(copy), OUR_MARK: str(UUID(ours))}}
        state.payments[own_id] = _changed(bought, "payment", told)
        state.methods[own_id] = _changed(card, "method", {"id": own_id})


def _changed(record: Any, what: str, told: Mapping[str, object]) -> Any:  # noqa: ANN401 (a record of either kind)
    return record.model_copy(update={what: getattr(record, what).model_copy(update=told)})

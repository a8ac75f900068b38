"""The SQL of consents."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from billing_service.consents.models import Consent
from billing_service.kit.clock import AGREE_WITHIN
from billing_service.kit.columns import columns_of
from billing_service.kit.transaction import Row, Transaction

COLUMNS = columns_of(Consent)
GIVEN = (
    *("id", "user_id", "document_version", "plan_code", "amount", "currency", "period_days", "given_with"),
    *("caller", "payer_ip", "payer_agent"),
)
PLACES = ", ".join(f"${number}" for number, _ in enumerate(GIVEN, start=1))
INSERT = f"INSERT INTO consents ({', '.join(GIVEN)}) VALUES ({PLACES}) RETURNING {COLUMNS}"  # noqa: S608


async def insert_consent(tx: Transaction, consent: Consent) -> Consent:
    """The row as it is in the database."""
    row = await tx.row(INSERT, *(getattr(consent, name) for name in GIVEN))
    return Consent.of_row(row or {})


LIST = f"SELECT {COLUMNS} FROM consents WHERE user_id = $1 ORDER BY given_at DESC, id"  # noqa: S608


async def list_consents(tx: Transaction, user_id: int) -> Sequence[Consent]:
    """The newest first."""
    return [Consent.of_row(row) for row in await tx.rows(LIST, user_id)]


# What lies in the future was written by a clock that has been put right since: it proves nothing.
RECENT = f"""
    SELECT {COLUMNS} FROM consents
    WHERE user_id = $1 AND withdrawn_at IS NULL AND given_with = 'consent'
        AND given_at BETWEEN billing_now() - $2::interval AND billing_now() + $3::interval
    ORDER BY given_at DESC, id
"""  # noqa: S608


async def list_recent(tx: Transaction, user_id: int, *, within: timedelta) -> Sequence[Consent]:
    """Those given by themselves and not withdrawn, the newest first."""
    return [Consent.of_row(row) for row in await tx.rows(RECENT, user_id, within, AGREE_WITHIN)]


# What was agreed to along with a purchase or a binding stands once that has come about: who leaves the page of another
# plan unpaid goes on as before.
# A LIMIT, or the planner would read the whole table for a page of users.
STANDS = """
    withdrawn_at IS NULL AND CASE given_with
        WHEN 'purchase' THEN (
            SELECT true FROM payments paid WHERE paid.user_id = consents.user_id AND paid.consent_id = consents.id
                AND paid.status = 'SUCCEEDED' LIMIT 1)
        WHEN 'binding' THEN (
            SELECT true FROM card_bindings bound WHERE bound.user_id = consents.user_id
                AND bound.consent_id = consents.id AND bound.status = 'ACTIVE' LIMIT 1)
        ELSE true END
"""
NEWEST = f"""
    SELECT {COLUMNS} FROM consents WHERE user_id = $1 AND {STANDS} ORDER BY given_at DESC, id LIMIT 1
"""  # noqa: S608


async def get_newest(tx: Transaction, user_id: int) -> Consent | None:
    """The newest one that stands: not withdrawn, and what it came along with has come about."""
    return _consent(await tx.row(NEWEST, user_id))


def _consent(row: Row | None) -> Consent | None:
    return None if row is None else Consent.of_row(row)


WITHDRAW = f"""
    UPDATE consents SET withdrawn_at = billing_now(), withdrawn_by = 'user'
    WHERE id = $1 AND user_id = $2 AND withdrawn_at IS NULL RETURNING {COLUMNS}
"""  # noqa: S608
GET = f"SELECT {COLUMNS} FROM consents WHERE id = $1 AND user_id = $2"  # noqa: S608


async def withdraw(tx: Transaction, user_id: int, consent_id: UUID) -> Consent | None:
    """The consent, withdrawn now; None if it was before, or the user has none with this id."""
    return _consent(await tx.row(WITHDRAW, consent_id, user_id))


async def get_consent(tx: Transaction, user_id: int, consent_id: UUID) -> Consent | None:
    """None if the user has none with this id."""
    return _consent(await tx.row(GET, consent_id, user_id))


WITHDRAW_ALL = """
    WITH withdrawn AS (
        UPDATE consents SET withdrawn_at = billing_now(), withdrawn_by = 'refusal'
        WHERE user_id = $1 AND withdrawn_at IS NULL RETURNING 1
    )
    SELECT count(*) FROM withdrawn
"""


async def withdraw_all(tx: Transaction, user_id: int) -> int:
    count: int = await tx.value(WITHDRAW_ALL, user_id)
    return count

"""Both keys rotate: what an older one has sealed or digested is found, sealed anew, and the older one can go."""

import asyncio
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from billing_service.app import create_app
from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.payment_methods import rotation
from billing_service.payment_methods.keeping import keep, offer
from billing_service.payment_methods.rotation import seal_anew
from billing_service.payment_methods.sealing import digests, unseal
from billing_service.services import Services
from billing_service.yookassa.schemas import SavedMethod
from tests.ledger import rows, value
from tests.payment_methods.cards import CONSENT, confirm, keep_a_card, shown
from tests.stage import USER, BackOffice, MainBackend, WebApp, work_off

LOCK_METHOD = "SELECT FROM payment_methods WHERE id = $1 FOR UPDATE"
LOCK_BINDING = "SELECT FROM card_bindings WHERE id = $1 FOR UPDATE"
WAITING = """
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0
"""


def with_new_keys(services: Services) -> Services:
    """New ones in front of those that are there, as after a restart."""
    settings = services.settings
    return replace(
        services,
        settings=settings.model_copy(
            update={
                "billing_encryption_keys": (_key(), *settings.billing_encryption_keys),
                "billing_digest_keys": (_key(), *settings.billing_digest_keys),
            }
        ),
    )


def without_the_old_keys(settings: Settings) -> Settings:
    return settings.model_copy(
        update={
            "billing_encryption_keys": settings.billing_encryption_keys[:1],
            "billing_digest_keys": settings.billing_digest_keys[:1],
        }
    )


def _key() -> SecretStr:
    return SecretStr(Fernet.generate_key().decode())


async def test_both_keys_rotate(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    method_id = (await keep_a_card(api, office, renewing))["yookassa_payment_id"]
    both = with_new_keys(renewing).settings
    only_new = without_the_old_keys(both)
    found_before = await value(database, "SELECT id_digest FROM payment_methods") in digests(both, method_id)

    sealed_anew = await seal_anew(replace(renewing, settings=both))

    assert (found_before, sealed_anew, await seal_anew(replace(renewing, settings=both))) == (True, 1, 1)
    stored = await value(database, "SELECT sealed_id FROM payment_methods")
    assert unseal(only_new, stored).get_secret_value() == method_id
    assert [await value(database, "SELECT id_digest FROM payment_methods")] == digests(only_new, method_id)


@pytest.mark.parametrize("page", [1, 2, 3, 4])
async def test_every_method_is_sealed_anew_once_however_many_pages_that_takes(
    api: MainBackend,
    office: BackOffice,
    renewing: Services,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    page: int,
) -> None:
    monkeypatch.setattr(rotation, "AT_ONCE", page)
    paid_with = [
        (await keep_a_card(api, office, renewing, user=user))["yookassa_payment_id"]
        for user in (USER, USER + 1, USER + 2)
    ]
    rotating = with_new_keys(renewing)

    assert await seal_anew(rotating) == 3
    only_new = without_the_old_keys(rotating.settings)
    stored = await rows(database, "SELECT sealed_id FROM payment_methods ORDER BY user_id")
    assert [unseal(only_new, one["sealed_id"]).get_secret_value() for one in stored] == paid_with


async def test_what_an_older_key_has_digested_is_not_kept_a_second_time(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    created = await keep_a_card(api, office, renewing)
    shown = SavedMethod(id=SecretStr(created["yookassa_payment_id"]), type="bank_card", saved=True)
    consent = await value(database, "SELECT consent_id FROM payment_methods")
    again = offer(
        with_new_keys(renewing).settings,
        shown,
        consent_id=consent,
        user_id=USER,
        shop_id="100500",
        is_test=True,
    )
    async with renewing.statements.transaction() as tx:
        kept = await keep(tx, again)

    assert kept is None
    assert await rows(database, "SELECT status FROM payment_methods") == [{"status": "ACTIVE"}]


async def test_a_binding_is_found_by_what_an_older_key_has_digested(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database, web: WebApp
) -> None:
    """Between the restart with a new key in front and `rotate-keys` the notification comes in."""
    await api.post("consents/", CONSENT | {"plan_code": "PRO_MONTHLY"})
    await api.post("bind-card/start/", {})
    restarted = with_new_keys(renewing)
    web.app = create_app(restarted.settings, restarted)

    await confirm(office)
    await work_off(restarted)

    assert await value(database, "SELECT status FROM webhook_logs") == "SUCCESS"
    assert (await shown(api))["is_attached"] is True


async def test_rotating_holds_no_row_while_it_waits_for_another(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    """A settlement takes the rows of a user in its own order: a rotation that held one would be its deadlock."""
    await keep_a_card(api, office, renewing)
    await api.post("bind-card/start/", {"consent": CONSENT})
    ids = "SELECT id FROM payment_methods UNION ALL SELECT id FROM card_bindings ORDER BY id"
    first, second = [row["id"] for row in await rows(database, ids)]

    async with renewing.statements.transaction() as tx:
        await tx.execute(LOCK_METHOD, second)
        await tx.execute(LOCK_BINDING, second)
        rotating = asyncio.create_task(seal_anew(with_new_keys(renewing)))
        await _until_somebody_waits(renewing)
        for lock in (LOCK_METHOD, LOCK_BINDING):
            await tx.execute(f"{lock} NOWAIT", first)

    assert await rotating == 2


async def _until_somebody_waits(services: Services) -> None:
    async with asyncio.timeout(10):
        while not await services.statements.fetch(WAITING):  # noqa: ASYNC110 (the database's doing)
            await asyncio.sleep(0.01)

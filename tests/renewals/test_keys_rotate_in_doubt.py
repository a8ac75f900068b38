"""Keys rotate while nobody knows what became of a charge: it is found out once, and the card goes on to be charged."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from billing_service.app import create_app
from billing_service.config import Settings
from billing_service.kit.crypto import Vault
from billing_service.payment_methods.rotation import seal_anew
from billing_service.services import Services
from tests.ledger import days_granted, rows, value
from tests.renewals.actors import Renewals
from tests.renewals.crowds import a_crowd_is_due, all_is_quiet, the_books_agree, turn
from tests.stage import USER, WebApp
from tests.stories.silence import LOSE_EVERY_NOTIFICATION

ENCRYPTION, DIGEST = "billing_encryption_keys", "billing_digest_keys"
ROTATED = {
    "the encryption key, before it is sent again": ((ENCRYPTION,), "lost_before"),
    "the digest key": ((DIGEST,), "lost_after"),
    "both keys": ((ENCRYPTION, DIGEST), "lost_after"),
}
LOST = ("lost_before", "lost_after")
REQUEST_IS_UNREADABLE = "SELECT count(*) FROM alarms WHERE kind = 'unreadable_request'"


def with_keys(services: Services, changed: dict[str, tuple[SecretStr, ...]]) -> Services:
    """The same service after a restart."""
    settings: Settings = services.settings.model_copy(update=changed)
    return replace(services, settings=settings, vault=Vault(settings.billing_encryption_keys))


def with_new_keys(services: Services, names: Sequence[str]) -> Services:
    """New ones in front of those that are there."""
    new = SecretStr(Fernet.generate_key().decode())
    return with_keys(services, {name: (new, *getattr(services.settings, name)) for name in names})


def without_old_keys(services: Services, names: Sequence[str]) -> Services:
    return with_keys(services, {name: getattr(services.settings, name)[:1] for name in names})


def restarted(renewals: Renewals, web: WebApp, services: Services) -> Renewals:
    web.app = create_app(services.settings, services)
    return replace(renewals, services=services)


async def a_charge_in_doubt(renewals: Renewals, fault: str) -> None:
    await a_crowd_is_due(renewals, 1)
    lost = {"operation": "create_payment", "fault": fault}
    await renewals.office.call("PUT", "/faults", [lost, *LOSE_EVERY_NOTIFICATION])
    await renewals.work()
    assert [one["status"] for one in await renewals.charges()] == ["PENDING"]
    await renewals.office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    await turn(renewals, seconds=61)


async def charged_once_and_again_next_month(renewals: Renewals) -> None:
    await the_books_agree(renewals)
    assert [one["status"] for one in await renewals.charges() if one["status"] != "FAILED"] == ["SUCCEEDED"]
    assert await days_granted(renewals.database, USER) == 60
    assert await rows(renewals.database, "SELECT status FROM payment_methods") == [{"status": "ACTIVE"}]

    await renewals.pass_time(days=await renewals.pro_days_left() - 6.9)
    await renewals.tell()
    await renewals.pass_time(days=await renewals.pro_days_left() - 0.9)
    assert [one["status"] for one in await renewals.charges()][-2:].count("SUCCEEDED") >= 1
    assert await days_granted(renewals.database, USER) == 90


@pytest.mark.parametrize(("names", "fault"), ROTATED.values(), ids=ROTATED)
async def test_a_charge_in_doubt_is_found_out_while_keys_rotate(
    renewals: Renewals, web: WebApp, names: Sequence[str], fault: str
) -> None:
    await a_charge_in_doubt(renewals, fault)
    rotating = restarted(renewals, web, with_new_keys(renewals.services, names))

    await asyncio.gather(seal_anew(rotating.services), rotating.work())
    assert [one["status"] for one in await renewals.charges()] == ["SUCCEEDED"]

    await charged_once_and_again_next_month(
        restarted(renewals, web, without_old_keys(rotating.services, names))
    )


@pytest.mark.parametrize("fault", LOST)
async def test_a_key_dropped_while_a_charge_sealed_with_it_is_in_doubt_leaves_the_answer_to_the_lists(
    renewals: Renewals, web: WebApp, fault: str
) -> None:
    """Too early: nobody can send the request again. Its method was sealed anew, and is charged once."""
    await a_charge_in_doubt(renewals, fault)
    names = (ENCRYPTION, DIGEST)
    rotating = with_new_keys(renewals.services, names)
    await seal_anew(rotating)
    hasty = restarted(renewals, web, without_old_keys(rotating, names))

    await hasty.work()
    assert [one["status"] for one in await renewals.charges()] == ["PENDING"]
    assert await value(renewals.database, REQUEST_IS_UNREADABLE) == 1
    await all_is_quiet(hasty)

    await charged_once_and_again_next_month(hasty)

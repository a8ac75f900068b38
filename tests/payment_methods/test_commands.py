"""`billing-service consents` and `billing-service payment-methods`, as an operator calls them."""

import json
from pathlib import Path

from cryptography.fernet import Fernet

from billing_service.config import DEV_DIGEST_KEY, DEV_ENCRYPTION_KEY
from billing_service.kit.db import Database
from billing_service.services import Services
from tests.command import command
from tests.ledger import rows, value
from tests.payment_methods.cards import CONSENT, keep_a_card, order, refuse
from tests.stage import USER, BackOffice, MainBackend

EXPORT = ("consents", "export", str(USER))
STORED = "SELECT id_digest, sealed_id FROM payment_methods WHERE sealed_id IS NOT NULL"


async def test_what_a_user_agreed_to_is_exported_with_who_said_so_and_what_became_of_it(
    api: MainBackend, renewing: Services, tmp_path: Path
) -> None:
    await api.post("consents/", CONSENT | {"plan_code": "PRO_YEARLY"}, X_User_IP="203.0.113.7")
    await refuse(api)
    await order(api)
    await order(api, 2002)

    code, answered = await command(renewing, tmp_path, *EXPORT, only_answers=True)

    newest, oldest = json.loads(answered)
    assert code == 0
    assert (newest["given_with"], newest["withdrawn_at"]) == ("purchase", None)
    assert oldest == oldest | {
        "document_version": "2026-11",
        "plan_code": "PRO_YEARLY",
        "currency": "RUB",
        "given_with": "consent",
        "caller": "dev",
        "payer_ip": "203.0.113.7",
        "payer_agent": None,
        "withdrawn_by": "refusal",
    }
    assert oldest["given_at"] < oldest["withdrawn_at"] < newest["given_at"]


async def test_who_never_agreed_has_an_empty_list(services: Services, tmp_path: Path) -> None:
    assert await command(services, tmp_path, *EXPORT, only_answers=True) == (0, "[]\n")


async def test_both_keys_are_changed_without_losing_a_method(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database, tmp_path: Path
) -> None:
    """New keys in front, `rotate-keys`, the old ones dropped; and the new ones alone read everything."""
    method_id = (await keep_a_card(api, office, renewing))["yookassa_payment_id"]
    sealing, digesting = (Fernet.generate_key().decode() for _ in range(2))
    before = await rows(database, STORED)

    too_early = await _rotate(renewing, tmp_path, sealing, digesting)
    assert await rows(database, STORED) == before
    rotated = await _rotate(
        renewing, tmp_path, f"{sealing},{DEV_ENCRYPTION_KEY}", f"{digesting},{DEV_DIGEST_KEY}"
    )
    after = await rows(database, STORED)
    again = await _rotate(renewing, tmp_path, sealing, digesting)

    assert too_early[0] == 1
    assert too_early[1].splitlines()[-1].startswith("a stored id opens with none of BILLING_ENCRYPTION_KEYS")
    assert "Traceback" not in too_early[1]
    assert rotated[0] == 0, rotated
    assert again[0] == 0
    assert again[1].splitlines()[-1] == "1 sealed anew: the older keys are no longer needed for them"
    assert Fernet(sealing).decrypt(after[0]["sealed_id"]).decode() == method_id
    assert after[0]["id_digest"] != before[0]["id_digest"]
    assert await value(database, "SELECT id_digest FROM payment_methods") == after[0]["id_digest"]
    for _, said in (too_early, rotated):
        assert method_id not in said


async def _rotate(services: Services, folder: Path, sealing: str, digesting: str) -> tuple[int, str]:
    keys = {"BILLING_ENCRYPTION_KEYS": sealing, "BILLING_DIGEST_KEYS": digesting}
    return await command(services, folder, "payment-methods", "rotate-keys", only_answers=False, **keys)

"""Both keys rotate: what an older one has sealed or digested is found, sealed anew, and the older one can go."""

from dataclasses import replace

from cryptography.fernet import Fernet
from pydantic import SecretStr

from billing_service.kit.db import Database
from billing_service.payment_methods.rotation import seal_anew
from billing_service.payment_methods.sealing import digests, unseal
from billing_service.services import Services
from tests.ledger import value
from tests.payment_methods.cards import keep_a_card
from tests.stage import BackOffice, MainBackend


async def test_both_keys_rotate(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    method_id = (await keep_a_card(api, office, renewing))["yookassa_payment_id"]
    old = renewing.settings
    sealing, digesting = (SecretStr(Fernet.generate_key().decode()) for _ in range(2))
    both = old.model_copy(
        update={
            "billing_encryption_keys": (sealing, *old.billing_encryption_keys),
            "billing_digest_keys": (digesting, *old.billing_digest_keys),
        }
    )
    only_new = old.model_copy(
        update={"billing_encryption_keys": (sealing,), "billing_digest_keys": (digesting,)}
    )
    found_before = await value(database, "SELECT id_digest FROM payment_methods") in digests(both, method_id)

    sealed_anew = await seal_anew(replace(renewing, settings=both))

    assert (found_before, sealed_anew, await seal_anew(replace(renewing, settings=both))) == (True, 1, 1)
    stored = await value(database, "SELECT sealed_id FROM payment_methods")
    assert unseal(only_new, stored).get_secret_value() == method_id
    assert [await value(database, "SELECT id_digest FROM payment_methods")] == digests(only_new, method_id)

"""A contact is checked, normalised, kept encrypted, shown masked, and gone from every table once it is erased."""

from uuid import UUID

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from billing_service.kit.crypto import Vault
from billing_service.kit.db import Database
from billing_service.outlooks.service import look_at
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import ask
from billing_service.receipts import service
from billing_service.receipts.contact import Contact, normalised_email, normalised_phone
from billing_service.services import Services
from tests.ledger import days_granted, value
from tests.receipts.till import MONTH, buy, paid
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off
from tests.traces import tables_that_know

CANARY, PHONE = "canary.payer@example.ru", "79001234567"
BOTH = {"email": CANARY, "phone": PHONE}
PATH = f"users/{USER}/receipt-contact"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+7 (900) 123-45-67", PHONE),
        ("8 900 123 45 67", PHONE),
        ("79001234567", PHONE),
        ("+44 20 7946 0958", "442079460958"),
        ("+84 91 234 56 78", "84912345678"),
    ],
)
def test_a_telephone_is_kept_as_digits(written: str, kept: str) -> None:
    assert normalised_phone(written) == kept


@pytest.mark.parametrize(
    "written", ["", "123", "+7 900 123", "8 495 123 45 67", "89001234567890123", "тел. 7"]
)
def test_what_is_no_telephone_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="telephone"):
        normalised_phone(written)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (" Payer@Example.RU ", "Payer@example.ru"),
        ("payer@почта.рф", "payer@xn--80a1acny.xn--p1ai"),
        ("a+b@example.ru", "a+b@example.ru"),
    ],
)
def test_an_address_is_kept_in_ascii(written: str, kept: str) -> None:
    assert normalised_email(written) == kept


@pytest.mark.parametrize(
    "written", ["", "payer", "a@b", "a@localhost", "a b@example.ru", "плательщик@example.ru"]
)
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        normalised_email(written)


def test_a_contact_does_not_show_itself() -> None:
    assert CANARY not in repr(Contact(CANARY, PHONE))
    assert PHONE not in repr(Contact(CANARY, PHONE))


async def test_it_is_shown_masked(api: MainBackend) -> None:
    put = await api.internal("PUT", PATH, {"email": CANARY, "phone": "+7 900 123-45-67"})
    got = await api.internal("GET", PATH)

    assert put.json() == got.json() == {"email": "c•••@example.ru", "phone": "•••• 4567"}


async def test_the_newest_takes_the_place_of_the_one_before(api: MainBackend) -> None:
    await api.internal("PUT", PATH, BOTH)
    await api.internal("PUT", PATH, {"email": "other@example.ru"})

    assert (await api.internal("GET", PATH)).json() == {"email": "o•••@example.ru", "phone": None}


async def test_an_erased_contact_is_gone_from_every_table_and_was_in_no_line_or_answer(
    api: MainBackend,
    fiscal: BackOffice,
    services: Services,
    database: Database,
    capsys: pytest.CaptureFixture[str],
) -> None:
    payment = await paid(api, fiscal, services, contact=BOTH)
    answers = [await api.refund(payment, "1.00"), await api.get("payments/")]
    await buy(api, None)
    await fiscal.call("PUT", "/faults", [{"operation": "create_refund", "fault": "lost_before"}])
    answers.append(await api.refund(payment, "2.00"))
    before = await tables_that_know(database, services, CANARY, PHONE)

    answers += [await api.internal("DELETE", PATH), await api.internal("DELETE", PATH)]

    assert before == ["payments", "receipt_contacts", "refunds"]
    assert await tables_that_know(database, services, CANARY, PHONE) == []
    assert [answer.status_code for answer in answers[-2:]] == [200, 200]
    said = capsys.readouterr().out + "".join(answer.text for answer in answers)
    assert CANARY not in said
    assert PHONE not in said


async def test_an_open_checkout_whose_contact_was_erased_can_still_be_paid(
    api: MainBackend, fiscal: BackOffice, services: Services, database: Database
) -> None:
    payment = await buy(api, BOTH)

    await api.internal("DELETE", PATH)
    await fiscal.pay(payment)
    await work_off(services)

    assert await days_granted(database, USER) == 30


async def test_a_purchase_in_doubt_whose_contact_was_erased_is_found_in_the_lists_and_not_sent_again(
    api: MainBackend, fiscal: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await fiscal.call("PUT", "/faults", [{"operation": "create_payment", "fault": "lost_after"}])
    await api.post("create-payment/", MONTH | {"receipt_contact": BOTH})
    await fiscal.call("PUT", "/faults", [])
    posted = len(await fiscal.creations())

    await api.internal("DELETE", PATH)
    await clock.advance(minutes=2)
    await ask(services, PAYMENTS, UUID(str(await value(database, "SELECT id FROM payments"))))

    assert len(await fiscal.creations()) == posted
    assert await value(database, "SELECT yookassa_payment_id IS NOT NULL FROM payments")


@pytest.mark.usefixtures("fiscal")
async def test_whether_somebody_may_be_charged_without_being_asked(
    api: MainBackend, services: Services
) -> None:
    async def may() -> bool:
        async with services.statements.transaction() as tx:
            looked = await look_at(tx, services, USER)
        return looked.known.facts.has_receipt_contact

    nobody = await may()
    await api.internal("PUT", PATH, {"phone": PHONE})
    by_phone = await may()
    await api.internal("PUT", PATH, {"email": CANARY})

    assert (nobody, by_phone, await may()) == (False, False, True)


@pytest.mark.usefixtures("fiscal")
async def test_keys_rotate_and_a_contact_that_no_key_opens_is_asked_for_again(
    api: MainBackend, services: Services, database: Database
) -> None:
    await api.internal("PUT", PATH, BOTH)
    new = SecretStr(Fernet.generate_key().decode())
    rotating = Vault([new, *services.settings.billing_encryption_keys])
    before = await value(database, "SELECT sealed FROM receipt_contacts")
    with pytest.raises(AssertionError, match="RECEIPT_CONTACT_REQUIRED"):
        await _buy_with(api, services, Vault([new]))

    object.__setattr__(services, "vault", rotating)
    assert await service.seal_anew(services) == 1

    sealed = await value(database, "SELECT sealed FROM receipt_contacts")
    assert sealed != before
    assert Contact.from_bytes(Vault([new]).open(sealed)) == Contact(CANARY, PHONE)


async def _buy_with(api: MainBackend, services: Services, vault: Vault) -> None:
    kept = services.vault
    object.__setattr__(services, "vault", vault)
    try:
        await buy(api, None)
    finally:
        object.__setattr__(services, "vault", kept)

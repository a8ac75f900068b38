"""What only the owner may do: let people in, give them passwords, forget who a user is."""

import asyncio
from ipaddress import ip_network

import pytest

from billing_service.admin.deeds.erasing import SAID_OF_HIM
from billing_service.admin.deeds.moving import GOES_ALONG
from billing_service.erasure.queries import ERASED_BY_RECEIPTS, STATEMENTS
from billing_service.kit.db import Database
from billing_service.services import Services
from billing_service.user_moves.queries import PERIODS
from billing_service.user_moves.queries import STATEMENTS as MOVED
from tests.admin.visitor import Person, shown_in, with_panel
from tests.ledger import rows, value
from tests.stage import USER, BackOffice, MainBackend, work_off

NEW = "другой пароль, 15 знаков"
ANNA = {"name": "anna", "role": "finance"}


async def test_somebody_is_let_in_with_a_password_that_stands_nowhere(
    owner: Person, panel: Services, database: Database
) -> None:
    page, form = await owner.preview("add-account", **ANNA)
    weak = await owner.post("/acts/add-account", form | {"password": "short"})
    clicks = await asyncio.gather(
        *(owner.post("/acts/add-account", form | {"password": NEW}) for _ in range(2))
    )
    done = await owner.http.get(clicks[0].headers["location"])
    twice, _ = await owner.preview("add-account", **ANNA)
    async with Person.at(panel) as anna:
        signed = await anna.sign_in("anna", NEW)

    assert "дни, возвраты, тарифы" in page.text
    assert "финансы" in page.text
    assert (weak.status_code, "Нужно от 12" in weak.text, "short" in weak.text) == (422, True, False)
    assert shown_in(weak, 'action="/admin/acts/add-account"')["key"] == form["key"]
    assert {click.status_code for click in clicks} == {303}
    assert (twice.status_code, "уже есть" in twice.text) == (409, True)
    assert signed.status_code == 303
    stored = await rows(database, "SELECT to_jsonb(a)::text AS it FROM staff_acts a")
    stored += await rows(database, "SELECT to_jsonb(a)::text AS it FROM audit_log a")
    assert NEW not in str(stored) + page.text + done.text


async def test_a_new_password_sends_away_whoever_is_signed_in_under_that_name(
    owner: Person, panel: Services
) -> None:
    async with Person.at(panel) as support:
        await support.sign_in("support")
        _, form = await owner.preview("set-password", "support")
        without = await owner.post("/acts/set-password", form)
        still = (await support.open("/payments")).status_code
        done = await owner.post("/acts/set-password", form | {"password": NEW})
        out = (await support.open("/payments")).status_code
        again = (
            (await support.sign_in("support")).status_code,
            (await support.sign_in("support", NEW)).status_code,
        )

    assert (without.status_code, "Это нужно заполнить" in without.text, still) == (422, True, 200)
    assert (done.status_code, out, again) == (303, 303, (401, 303))


async def test_where_people_come_in_through_a_proxy_nobody_is_given_a_password(panel: Services) -> None:
    served = with_panel(
        panel,
        admin_trusted_header="X-Remote-User",
        webhook_trust_xff=True,
        webhook_trusted_proxies=(ip_network("10.0.0.0/8"),),
    )
    async with Person.at(served, peer="10.0.0.1", **{"X-Remote-User": "owner"}) as owner:
        await owner.open("/")
        page, form = await owner.preview("add-account", **ANNA)
        added = await owner.post("/acts/add-account", form)
        refused, _ = await owner.preview("set-password", "support")

    assert ("через единый вход" in page.text, "password" in form) == (True, False)
    assert added.status_code == 303
    assert (refused.status_code, "паролей здесь нет" in refused.text) == (409, True)


@pytest.mark.parametrize("name", ["Anna", "анна", "a b", ".a", "a" * 65])
async def test_a_name_that_cannot_be_one_is_said_at_its_field(owner: Person, name: str) -> None:
    page, form = await owner.preview("add-account", name=name, role="support")

    assert (page.status_code, form, 'class="wrong"' in page.text) == (422, {}, True)


async def test_who_a_user_is_is_erased_as_shown_once_his_number_was_typed_again(
    owner: Person, api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    await office.pay(await api.buy())
    await work_off(services)
    page, form = await owner.preview("erase-user", str(USER))
    payload = "SELECT raw_payload::text FROM webhook_logs"
    before = await value(database, payload)
    for again in ("", "1002", "да"):
        typed = await owner.post("/acts/erase-user", form | {"again": again})
        assert (typed.status_code, "Впишите точно так же" in typed.text) == (422, True), again
    kept = await value(database, payload)
    done = await owner.post("/acts/erase-user", form | {"again": f" {USER} "})
    twice, _ = await owner.preview("erase-user", str(USER))

    assert "содержимое уведомлений ЮKassa" in page.text
    assert (before == kept != "{}", await value(database, payload)) == (True, "{}")
    assert done.status_code == 303
    assert "о нём здесь ничего нет" in twice.text
    assert (await api.me())["is_active"]
    (written,) = await rows(
        database, "SELECT action, author, caller, user_id FROM audit_log WHERE caller = 'panel'"
    )
    assert dict(written) == {"action": "user.erased", "author": "owner", "caller": "panel", "user_id": USER}
    assert "Стёрты личные данные" in (await owner.open("/audit")).text
    page_of_his = (await owner.open(f"/users/{USER}")).text
    assert ("стёрты личные данные" in page_of_his, "user.erased" in page_of_his) == (True, False)


def test_whatever_is_erased_has_a_name_in_the_preview() -> None:
    assert SAID_OF_HIM.keys() == {*STATEMENTS, ERASED_BY_RECEIPTS}


async def test_a_user_gets_another_number_as_shown(
    owner: Person, api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    his = await api.buy()
    same, _ = await owner.preview("move-user", str(USER), to_user_id=str(USER))
    refused, _ = await owner.preview("move-user", str(USER), to_user_id="1002")
    wrong, _ = await owner.preview("move-user", str(USER), to_user_id="тот")
    await office.pay(his)
    await work_off(services)
    page, form = await owner.preview("move-user", str(USER), to_user_id="1002")
    before = await value(database, "SELECT count(*) FROM user_moves")
    clicks = [await owner.post("/acts/move-user", form) for _ in range(2)]
    gone, _ = await owner.preview("move-user", str(USER), to_user_id="1003")

    assert (same.status_code, refused.status_code, wrong.status_code) == (409, 409, 422)
    assert "не завершён платёж пользователя 1001" in refused.text
    assert "Перейдут: периоды доступа" in page.text
    assert (before, {click.status_code for click in clicks}) == (0, {303})
    assert (gone.status_code, "уже стал пользователем 1002" in gone.text) == (409, True)
    assert await value(database, "SELECT DISTINCT user_id FROM payments") == 1002
    assert "Пользователь стал другим номером" in (await owner.open("/audit")).text
    old, new = [(await owner.open(f"/users/{user}")).text for user in (USER, 1002)]
    assert "прежний номер: всё, что у него было, теперь у пользователя 1002" in old
    assert ('href="/admin/users/1002"' in old, "/acts/give-days" in old) == (True, False)
    assert ("прежний номер" in new, "/acts/give-days" in new) == (False, True)


def test_whatever_goes_along_has_a_name_in_the_preview() -> None:
    assert GOES_ALONG.keys() == {PERIODS, *MOVED}

"""At the panel's door: who comes in, how long he stays, and what happens to those who guess."""

import asyncio
from dataclasses import replace
from ipaddress import ip_network

import pytest

from billing_service.audit.service import Deed
from billing_service.config import DEV_PANEL_PASSWORD
from billing_service.kit.db import Database
from billing_service.kit.ratelimit import Rate
from billing_service.services import Services
from billing_service.staff import service, sessions
from billing_service.staff.passwords import AT_ONCE, PasswordTooWeak, Verifier, hashed
from billing_service.staff.roles import Role
from billing_service.staff.service import LastOwner, NameRefused, NobodyOfThatName
from tests.admin.visitor import PASSWORD, Person, hire, with_panel
from tests.ledger import rows, value
from tests.stage import Clock

WEAK = {"then": "short", "again": "short"}
DEED = Deed("cli", "boss", "so it is", "")


async def is_in(person: Person) -> bool:
    return (await person.open("/payments")).status_code == 200


async def test_a_right_password_opens_the_page_that_was_asked_for(stranger: Person) -> None:
    asked = await stranger.open("/payments?status=open&q=1")
    door = await stranger.http.get(asked.headers["location"])

    signed = await stranger.sign_in("Support ", next="/admin/payments?status=open&q=1")

    assert "Вход в панель" in door.text
    assert (signed.status_code, signed.headers["location"]) == (303, "/admin/payments?status=open&q=1")
    assert await is_in(stranger)


async def test_the_door_leads_nowhere_else(stranger: Person) -> None:
    for elsewhere in (
        *("https://evil.example/", "//evil.example", "/admin//evil.example", "/admin/\\evil", "/adminevil"),
        "javascript:1",
    ):
        signed = await stranger.sign_in("support", next=elsewhere)
        assert signed.headers["location"] == "/admin/", elsewhere


async def test_a_wrong_one_says_not_what_was_wrong(stranger: Person) -> None:
    for name, password in (
        *(("support", "wrong horse battery"), ("support", ""), ("support", PASSWORD + "x" * 4000)),
        *(("nobody", PASSWORD), ("", ""), ("support' OR 1=1 --", PASSWORD)),
    ):
        page = await stranger.sign_in(name, password)
        assert page.status_code == 401, name
        assert "Имя или пароль не подходят" in page.text
        assert "set-cookie" not in page.headers
        assert not await is_in(stranger)


async def test_the_cookie_is_a_random_token_of_which_only_the_digest_is_stored(
    support: Person, database: Database
) -> None:
    token = support.http.cookies["billing_panel"]

    (stored,) = await rows(database, "SELECT digest FROM staff_sessions")

    assert len(token) >= 43
    assert len(stored["digest"]) == 32
    assert token.encode() not in bytes(stored["digest"])


async def test_each_sign_in_is_a_session_of_its_own_and_signing_out_ends_it(
    support: Person, panel: Services
) -> None:
    async with Person.at(panel) as elsewhere:
        await elsewhere.sign_in("support")
        token = elsewhere.http.cookies["billing_panel"]
        out = await elsewhere.post("/sign-out", {"csrf": await elsewhere.csrf()})
        elsewhere.http.cookies.set("billing_panel", token, domain="billing.local", path="/admin")

        assert out.headers["location"] == "/admin/sign-in"
        assert not await is_in(elsewhere)
    assert await is_in(support)


async def test_a_new_password_and_being_disabled_end_every_session(panel: Services) -> None:
    async with Person.at(panel) as first, Person.at(panel) as second:
        await first.sign_in("finance")
        await second.sign_in("finance")
        await service.set_password(panel, "finance", "another horse battery", DEED)
        after = await is_in(first), await is_in(second)
        await first.sign_in("finance", "another horse battery")
        again = await is_in(first)
        await service.disable(panel, "finance", DEED)

        assert (after, again) == ((False, False), True)
        assert not await is_in(first)
        assert (await first.sign_in("finance", "another horse battery")).status_code == 401
        await service.enable(panel, "finance", DEED)
        assert (await first.sign_in("finance", "another horse battery")).status_code == 303


async def test_a_session_begun_with_a_password_that_was_changed_meanwhile_is_none(
    panel: Services, database: Database
) -> None:
    """Whoever looks up the old password just before it is changed gets no session of the new one's time."""

    class Slow(Verifier):
        async def is_right(self, stored: str | None, password: str) -> bool:
            right = await super().is_right(stored, password)
            await service.set_password(panel, "support", "another horse battery", DEED)
            return right

    assert await sessions.sign_in(panel, Slow(), "support", PASSWORD) is None
    assert await value(database, "SELECT count(*) FROM staff_sessions") == 0


async def test_a_session_lasts_a_working_day_at_most_however_busy(owner: Person, clock: Clock) -> None:
    for _ in range(28):
        await clock.advance(minutes=25)
        assert await is_in(owner)
    await clock.advance(minutes=25)

    assert not await is_in(owner)


async def test_another_role_holds_from_the_next_click_on(owner: Person, panel: Services) -> None:
    await hire(panel, "boss", Role.OWNER)
    await service.set_role(panel, "owner", Role.SUPPORT, DEED)

    assert (await owner.open("/people")).status_code == 403


async def test_the_twenty_first_password_within_the_time_waits_even_if_it_is_right(panel: Services) -> None:
    served = with_panel(panel, rate_limit_admin_sign_in=Rate(20, 900))
    async with (
        Person.at(served, peer="203.0.113.7") as guesser,
        Person.at(served, peer="198.51.100.9") as other,
    ):
        tried = [(await guesser.sign_in("support", f"guess {number}")).status_code for number in range(20)]
        late = await guesser.sign_in("support")
        # The account waits wherever the guess comes from, and the address whomever it names.
        elsewhere, another = await other.sign_in("support"), await guesser.sign_in("finance")
        untouched = await other.sign_in("finance")

    assert tried == [401] * 20
    assert (late.status_code, elsewhere.status_code, another.status_code) == (429, 429, 429)
    assert 0 < int(late.headers["retry-after"]) <= 900
    assert "Подождите" in late.text
    assert untouched.status_code == 303


async def test_passwords_are_compared_off_the_loop_and_two_at_once() -> None:
    verifier, stored = Verifier(), hashed(PASSWORD)
    running = most = 0
    original = asyncio.to_thread

    async def counted(*args: object) -> object:
        nonlocal running, most
        running += 1
        most = max(most, running)
        try:
            return await original(*args)  # type: ignore[arg-type]
        finally:
            running -= 1

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("billing_service.staff.passwords.asyncio.to_thread", counted)
        answers = await asyncio.gather(*(verifier.is_right(stored, PASSWORD) for _ in range(8)))

    assert answers == [True] * 8
    assert most == AT_ONCE


async def test_an_account_that_there_is_not_takes_a_hash_as_well() -> None:
    verifier, tried = Verifier(), []
    with pytest.MonkeyPatch.context() as patch:
        original = asyncio.to_thread

        async def noted(function: object, *args: object) -> object:
            tried.append(args)
            return await original(function, *args)  # type: ignore[arg-type]

        patch.setattr("billing_service.staff.passwords.asyncio.to_thread", noted)
        assert not await verifier.is_right(None, PASSWORD)

    assert len(tried) == 1


@pytest.mark.parametrize("weak", ["", "short", "a" * 40, "x" * 257])
def test_a_weak_password_is_refused(weak: str) -> None:
    with pytest.raises(PasswordTooWeak):
        hashed(weak)


async def test_names_are_plain_and_each_is_there_once(panel: Services) -> None:
    for name in ("Support", "", "a b", "-x", "п", "x" * 65, "support"):
        with pytest.raises(NameRefused):
            await service.add(panel, name, Role.SUPPORT, None, DEED)
    with pytest.raises(NobodyOfThatName):
        await service.set_password(panel, "nobody", PASSWORD, DEED)


async def test_the_last_owner_stays_also_when_two_send_each_other_away(panel: Services) -> None:
    with pytest.raises(LastOwner):
        await service.disable(panel, "owner", DEED)
    with pytest.raises(LastOwner):
        await service.set_role(panel, "owner", Role.FINANCE, DEED)
    await hire(panel, "boss", Role.OWNER, password=None)

    results = await asyncio.gather(
        service.disable(panel, "owner", DEED),
        service.set_role(panel, "boss", Role.SUPPORT, DEED),
        return_exceptions=True,
    )

    assert [type(one) for one in results].count(LastOwner) == 1


async def test_every_change_of_people_is_written_down_without_a_password(
    panel: Services, database: Database
) -> None:
    await service.set_password(panel, "support", "another horse battery", DEED)
    await service.disable(panel, "support", DEED)
    await service.disable(panel, "support", DEED)

    written = await rows(
        database, "SELECT action, author, details FROM audit_log WHERE author = 'boss' ORDER BY id"
    )

    assert [(one["action"], one["details"]) for one in written] == [
        ("staff.password_set", {"account": "support"}),
        ("staff.disabled", {"account": "support"}),
    ]
    assert "horse" not in str(written)


async def test_behind_a_proxy_of_ours_its_header_says_who_it_is(panel: Services) -> None:
    served = with_panel(
        panel,
        admin_trusted_header="X-Remote-User",
        webhook_trust_xff=True,
        webhook_trusted_proxies=(ip_network("10.0.0.0/8"),),
    )
    await hire(panel, "anna", Role.FINANCE, password=None)
    async with Person.at(served, peer="10.0.0.1", **{"X-Remote-User": "anna"}) as anna:
        first = await anna.open("/payments?status=open")
        assert (first.status_code, first.headers["location"]) == (303, "/admin/payments?status=open")
        assert await is_in(anna)
        assert "anna" in (await anna.open("/payments")).text
        # A session is of whom the proxy names now: another name, or none, does not inherit it.
        anna.http.headers["X-Remote-User"] = "nobody"
        assert (await anna.open("/payments")).status_code == 403
        del anna.http.headers["X-Remote-User"]
        assert (await anna.open("/payments")).status_code == 403


async def test_from_anybody_else_the_header_says_nothing(panel: Services) -> None:
    proxied = {
        "admin_trusted_header": "X-Remote-User",
        "webhook_trust_xff": True,
        "webhook_trusted_proxies": (ip_network("10.0.0.0/8"),),
    }
    for settings, peer, names in (
        (proxied, "203.0.113.7", "owner"),
        ({}, "10.0.0.1", "owner"),
        (proxied, "10.0.0.1", "owner,support"),
    ):
        async with Person.at(with_panel(panel, **settings), peer=peer, **{"X-Remote-User": names}) as person:
            assert not await is_in(person)
            assert "billing_panel" not in person.http.cookies
            if settings:
                assert (await person.sign_in("owner")).status_code == 403


async def test_without_its_setting_there_is_no_panel(services: Services) -> None:
    async with Person.at(services) as person:
        for path in ("", "/", "/sign-in", "/static/panel.css"):
            assert (await person.open(path)).status_code == 404


async def test_somebody_gives_himself_another_password_and_is_signed_out(
    support: Person, database: Database
) -> None:
    csrf = await support.csrf()
    new = {"csrf": csrf, "then": "another horse battery", "again": "another horse battery"}
    refused = [
        (await support.post("/password", new | wrong)).status_code
        for wrong in (
            {"now": "wrong horse battery"},
            {"now": PASSWORD, "again": "x" * 12},
            {"now": PASSWORD} | WEAK,
        )
    ]
    changed = await support.post("/password", new | {"now": PASSWORD})

    assert refused == [422, 422, 422]
    assert (changed.status_code, changed.headers["location"]) == (303, "/admin/sign-in")
    assert not await is_in(support)
    assert (await support.sign_in("support", "another horse battery")).status_code == 303
    (entry,) = await rows(
        database, "SELECT author, caller FROM audit_log WHERE action = 'staff.password_set'"
    )
    assert (entry["author"], entry["caller"]) == ("support", "panel")


async def test_the_password_of_dev_mode_is_wrong_everywhere_else(panel: Services) -> None:
    await hire(panel, "dev", Role.OWNER, password=DEV_PANEL_PASSWORD)
    live = replace(panel, settings=panel.settings.model_copy(update={"billing_env": "prod"}))

    assert await sessions.sign_in(panel, Verifier(), "dev", DEV_PANEL_PASSWORD) is not None
    assert await sessions.sign_in(live, Verifier(), "dev", DEV_PANEL_PASSWORD) is None

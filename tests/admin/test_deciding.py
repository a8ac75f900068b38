"""What waits for a person is decided in the browser: money once, in plain words; what is over is closed."""

import asyncio
from typing import Any

import pytest

from billing_service.admin.checks import TITLES
from billing_service.alarms import service as alarms
from billing_service.kit.alarms import UNTOLD, Alarm, raise_alarm
from billing_service.kit.db import Database
from billing_service.operations.overdue import find_overdue
from billing_service.resolutions.decisions import Became, Because, Verb
from billing_service.services import Services
from billing_service.wording.alarm_advice import ADVICE
from billing_service.wording.resolutions import VERBS, WORDS
from tests.admin.visitor import Person
from tests.ledger import days_granted, rows, value
from tests.resolutions.test_resolving import OURS, a_stray
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off

NOT_SAID = {"user_id": "", "plan_code": ""}
STANDING = "SELECT kind FROM alarms WHERE resolved_at IS NULL ORDER BY kind"


@pytest.fixture
async def bought_twice(api: MainBackend, office: BackOffice, services: Services) -> list[dict[str, Any]]:
    two = [await api.buy(Idempotency_Key=key) for key in ("one", "two")]
    for payment in two:
        await office.pay(payment)
        await work_off(services)
    return two


async def met(services: Services, kind: Alarm, subject: str) -> str:
    async with services.statements.transaction() as tx:
        await alarms.raise_once(tx, kind, subject, yookassa_payment_id=subject)
    return f"{kind.value}:{subject}"


async def test_money_that_came_twice_goes_back_once_from_the_page_of_its_alarm(
    finance: Person,
    support: Person,
    bought_twice: list[dict[str, Any]],
    services: Services,
    database: Database,
) -> None:
    (alarm,) = [
        f"{row['kind']}:{row['subject']}" for row in await rows(database, "SELECT kind, subject FROM alarms")
    ]
    offered, not_offered = (
        (await finance.open(f"/alarms/{alarm}")).text,
        (await support.open(f"/alarms/{alarm}")).text,
    )
    undecided, _ = await finance.preview("resolve-payment", alarm, verb="", **NOT_SAID)
    page, form = await finance.preview("resolve-payment", alarm, verb="refund", **NOT_SAID)
    before = await value(database, "SELECT count(*) FROM refunds")
    clicks = await asyncio.gather(*(finance.post("/acts/resolve-payment", form) for _ in range(3)))
    await work_off(services)
    done = await finance.http.get(clicks[0].headers["location"])

    assert ("/acts/resolve-payment" in offered, "/acts/close-alarm" in offered) == (True, False)
    assert "/acts/resolve-payment" not in not_offered
    assert "«Решить о платеже» могут: финансы, владелец." in not_offered
    assert "«Решить о платеже» могут" not in offered
    assert "Это нужно заполнить." in undecided.text
    for said in (ADVICE[Alarm.DOUBLE_PURCHASE], f'href="/admin/users/{USER}"', 'href="/admin/payments/'):
        assert said in offered, said
    for line in ("оплачен, 299\u00a0₽", "Куплено дважды", "вернуть деньги", str(USER)):
        assert line in page.text, line
    assert before == 0
    assert {click.status_code for click in clicks} == {303}
    assert "отправлен" in done.text
    assert await value(database, "SELECT sum(amount) FROM refunds WHERE status = 'SUCCEEDED'") == 299
    assert await rows(database, STANDING) == []
    (written,) = await rows(
        database, "SELECT author, user_id FROM audit_log WHERE action = 'payment.resolved'"
    )
    assert dict(written) == {"author": "finance", "user_id": USER}
    assert bought_twice


@pytest.mark.usefixtures("api")  # it listens for the notification
async def test_money_without_a_row_is_given_to_whom_it_says_or_to_whom_the_person_says(
    finance: Person, office: BackOffice, services: Services, database: Database
) -> None:
    nameless, named = await a_stray(services, office), await a_stray(services, office, **OURS)
    asked, form = await finance.preview("resolve-payment", nameless, verb="grant", **NOT_SAID)
    refused = await finance.post("/acts/resolve-payment", form)
    await finance.do("resolve-payment", nameless, verb="grant", user_id="2002", plan_code="PRO_MONTHLY")
    await finance.do("resolve-payment", named, verb="grant", **NOT_SAID)
    again = await finance.do("resolve-payment", named, verb="grant", **NOT_SAID)

    assert ("ЮKassa говорит" in asked.text, asked.status_code) == (True, 200)
    assert (refused.status_code, "впишите пользователя" in refused.text) == (409, True)
    assert [await days_granted(database, user) for user in (2002, USER)] == [30, 30]
    assert "Это уже решил finance" in again.text


async def test_what_is_known_is_dismissed_and_a_second_time_there_is_nothing_to_decide(
    finance: Person, panel: Services, database: Database
) -> None:
    alarm = await met(panel, Alarm.UNMATCHED_OBJECT, "30f5d918-000f-5000-8000-18db351245c7")
    page, _ = await finance.preview("resolve-payment", alarm, verb="dismiss", **NOT_SAID)
    still = await rows(database, STANDING)
    done = await finance.do("resolve-payment", alarm, verb="dismiss", **NOT_SAID)
    nothing, form = await finance.preview("resolve-payment", "nothing", verb="dismiss", **NOT_SAID)

    assert "Платёж не найден у нас" in page.text
    assert [row["kind"] for row in still] == ["unmatched_object"]
    assert "записано, что это известно" in done.text
    assert await rows(database, STANDING) == []
    assert nothing.status_code == 200
    refused = await finance.post("/acts/resolve-payment", form)
    assert (refused.status_code, "Решать нечего" in refused.text) == (409, True)


async def test_who_gives_days_for_another_sum_than_was_asked_for_is_told_both(
    finance: Person, api: MainBackend, office: BackOffice, services: Services
) -> None:
    payment = await api.buy()
    await office.misreport(payment, amount={"value": "1.00", "currency": "RUB"})
    await office.pay(payment)
    await work_off(services)

    grant, _ = await finance.preview("resolve-payment", payment["payment_id"], verb="grant", **NOT_SAID)
    dismissal, _ = await finance.preview("resolve-payment", payment["payment_id"], verb="dismiss", **NOT_SAID)

    assert "Заплачено 1\u00a0₽ вместо 299\u00a0₽" in grant.text
    assert "Заплачено 1" not in dismissal.text


async def test_while_yookassa_is_silent_nothing_is_decided(
    finance: Person, bought_twice: list[dict[str, Any]], office: BackOffice, database: Database
) -> None:
    await office.call("PUT", "/faults", [{"operation": "get_payment", "fault": "error_500", "count": 20}])
    payment_id = bought_twice[1]["payment_id"]

    page, _ = await finance.preview("resolve-payment", payment_id, verb="refund", **NOT_SAID)

    assert (page.status_code, "ничего не решено" in page.text) == (409, True)
    assert [row["kind"] for row in await rows(database, STANDING)] == ["double_purchase"]


async def test_an_alarm_about_no_money_is_closed_and_stands_again_once_it_has_changed(
    support: Person, finance: Person, panel: Services, database: Database
) -> None:
    about_money = await met(panel, Alarm.LATE_SUCCESS, "one")
    alarm = await met(panel, Alarm.RECEIPT_NOT_REGISTERED, "two")
    await support.do("close-alarm", alarm)
    again, _ = await support.preview("close-alarm", alarm)
    money, _ = await support.preview("close-alarm", about_money)
    other, _ = await finance.preview("resolve-payment", alarm, verb="dismiss", **NOT_SAID)

    assert [row["kind"] for row in await rows(database, STANDING)] == ["late_success"]
    assert [page.status_code for page in (again, money, other)] == [409, 409, 409]
    assert ("уже решена" in again.text, "о деньгах" in money.text, "не о деньгах" in other.text) == (
        True,
    ) * 3
    assert "Тревога закрыта" in (await support.open("/audit")).text


async def told_of(database: Database) -> tuple[int, int]:
    """How many events there are about alarms, and in how many hours."""
    (row,) = await rows(
        database,
        "SELECT count(*) AS told, count(DISTINCT date_trunc('hour', occurred_at)) AS hours FROM outbox_events "
        "WHERE kind = 'billing.alarm'",
    )
    return row["told"], row["hours"]


async def test_an_alarm_about_a_condition_is_in_the_list_and_closed_until_it_is_met_again(
    support: Person, panel: Services, clock: Clock, database: Database
) -> None:
    UNTOLD.clear()

    async def meet() -> None:
        raise_alarm(Alarm.PROVIDER_REFUSES_OUR_KEY, error_id="a")
        await alarms.tell_conditions(panel)

    async def listed(state: str) -> bool:
        return "ЮKassa не принимает наш ключ" in (await support.open(f"/alarms?state={state}")).text

    identity = f"{Alarm.PROVIDER_REFUSES_OUR_KEY.value}:{alarms.CONDITION}"
    await meet()
    await meet()
    first = (await support.open("/alarms?state=open")).text
    await support.do("acknowledge-alarm", identity)
    await meet()
    lasting = (await listed("open"), await listed("taken"))
    await support.do("close-alarm", identity)
    closed = (await listed("open"), await listed("resolved"))
    await meet()
    anew = (await listed("open"), await listed("resolved"))

    assert "о сервисе целиком" in first
    assert await value(database, "SELECT times FROM alarms") == 4
    assert (lasting, closed, anew) == ((False, True), (False, True), (True, False))
    await support.do("acknowledge-alarm", identity)
    await clock.advance(minutes=20)
    assert await listed("taken")
    # After hours of quiet it is another occasion, that nobody has in hand.
    async with panel.statements.transaction() as tx:
        await tx.execute("UPDATE alarms SET last_at = last_at - interval '3 hours'")
    await meet()
    assert (await listed("open"), await listed("taken")) == (True, False)
    # The owner is told once an hour, as ever, and not by the row too.
    told, hours = await told_of(database)
    assert told == hours > 0


async def test_the_first_page_says_what_the_doctor_finds_overdue(support: Person, panel: Services) -> None:
    async with panel.db.begin() as session:
        assert (await find_overdue(session, panel.settings.shop_id)).keys() == TITLES.keys()
    page = (await support.open("/")).text

    assert "обработчик работает: <b>нет</b>" in page
    assert '<li class="good">оставленных задач нет</li>' in page


def test_whatever_can_be_decided_or_refused_has_its_russian_words() -> None:
    assert WORDS.keys() == {*Because, *Became}
    assert VERBS.keys() == set(Verb)
    for what, text in WORDS.items():
        fields = {part.partition("}")[0] for part in what.value.split("{")[1:]}
        assert {part.partition("}")[0] for part in text.split("{")[1:]} <= fields, what

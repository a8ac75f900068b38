"""Every fact stands in the timeline once, and what its sentence says is what the rows say."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import jsonschema_rs
import pytest

from billing_service.app import create_app
from billing_service.charging import service as charging
from billing_service.outlooks.decision import Because
from billing_service.resolutions.decisions import Verb
from billing_service.services import Services
from billing_service.timeline import queries
from billing_service.timeline.deeds import DEEDS, RESOLVED
from billing_service.timeline.present import WHY_NONE
from billing_service.timeline.schemas import cursor_of, place_of
from billing_service.timeline.sentences import SENTENCES
from billing_service.timeline.words import MONTHS, day, lasting, money, plural
from billing_service.wording.words import ACTIONS
from tests.payment_methods.cards import keep_a_card, refuse
from tests.reads.slowly import MOSCOW, PRO, Books
from tests.reads.test_figures import prove, read
from tests.shown import PAGE, SCHEMAS
from tests.stage import USER, BackOffice, Clock, MainBackend, buy_and_pay, that_renews, work_off

Json = dict[str, Any]
MONEY = re.compile(r"(\d[\d ]*)(?:,(\d\d))? ₽")
DAY = re.compile(rf"(\d+) ({'|'.join(MONTHS)})(?: (\d{{4}}) года)?")
GIVEN_DAYS = re.compile(r"(\d+) (?:день|дня|дней)")


async def timeline(api: MainBackend, user: int, *, limit: int = 200) -> Json:
    """All its pages as one."""
    shown = await read(api, f"users/{user}/timeline/?limit={limit}")
    jsonschema_rs.validate({**SCHEMAS["TimelineOut"], "components": PAGE["components"]}, shown)
    page = shown
    while page["next_cursor"]:
        page = await read(api, f"users/{user}/timeline/?limit={limit}&after={page['next_cursor']}")
        shown["results"] += page["results"]
    return shown


async def texts(api: MainBackend, user: int = USER) -> list[str]:
    return [one["text"] for one in (await timeline(api, user))["results"]]


@pytest.mark.slow
async def test_whatever_happened_is_told_once_and_as_the_rows_say(
    api: MainBackend, services: Services, rounds: int
) -> None:
    async def check(books: Books) -> None:
        for user in books.users():
            shown = await timeline(api, user, limit=3)
            now = datetime.fromisoformat(shown["now"]["state"]["as_of"])
            facts = sorted(facts_of(books, user, now))
            told = [(one["at"], one["kind"], one["id"]) for one in shown["results"]]

            assert sorted(told) == facts
            assert told == sorted(told, reverse=True)
            for one in shown["results"]:
                check_sentence(books, one, now)
            check_now(books, user, shown["now"]["text"], now)

    await prove(services, max(rounds // 2, 1), check)


def facts_of(books: Books, user: int, now: datetime) -> list[tuple[str, str, str]]:
    """Everything that happened to a user: when, what, and to which thing."""
    payments = [one for one in books.payments if one["user_id"] == user]
    theirs = {one["id"] for one in payments}
    told = {"usage.limit_reached", "subscription.autorenew_changed"}
    facts = [(one["paid_at"] or one["created_at"], f"payment.{_state(one)}", one["id"]) for one in payments]
    facts += [
        (one["created_at"], f"refund.{_state(one)}", one["id"])
        for one in books.refunds
        if one["payment_id"] in theirs
    ]
    facts += [
        (one["granted_at"], f"{one['cause']}.given", one["id"])
        for one in books.periods
        if one["user_id"] == user and one["cause"] != "payment"
    ]
    facts += [
        (one["given_at"], "consent.given", one["id"]) for one in books.consents if one["user_id"] == user
    ]
    facts += [
        (one["occurred_at"], one["kind"], one["id"])
        for one in books.outbox_events
        if one["user_id"] == user and one["kind"] in told
    ]
    facts += [
        (one["ends"], "access.ended", one["id"])
        for one in _last_ones(books.spans(user))
        if one["ends"] <= now
    ]
    return [(utc(at), kind, str(it)) for at, kind, it in facts]


def _state(one: Json) -> str:
    return "open" if one["status"] == "PENDING" else str(one["status"]).lower()


def _last_ones(spans: list[Json]) -> list[Json]:
    """Those behind which no other one goes on."""
    return [
        one for one in spans if not any(other["begins"] <= one["ends"] < other["ends"] for other in spans)
    ]


def utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def check_sentence(books: Books, told: Json, now: datetime) -> None:
    """What can be read out of the sentence: sums, days on the calendar, how many days were given."""
    kind, text = told["kind"], told["text"]
    known = {
        str(one["id"]): one
        for one in [*books.payments, *books.refunds, *books.periods, *books.consents, *books.outbox_events]
        if kind.split(".")[0] not in {"grant", "import", "access"} or "span" in one
    }
    row = known[told["id"]]
    if "amount" in row:
        assert sums_in(text)[:1] == [row["amount"]], text
    if kind == "payment.succeeded":
        (period,) = [one for one in books.periods if one["payment_id"] == row["id"]]
        check_days(books, period, text, now)
        assert days_in(text, now)[0] == row["paid_at"].astimezone(MOSCOW).date()
    if kind in {"grant.given", "import.given"}:
        check_days(books, row, text, now)
    if kind == "refund.succeeded":
        seconds = int(row["access_cut"].total_seconds())
        assert ("доступ не изменился" in text) is (seconds == 0)
        assert seconds == 0 or f"снято {lasting(seconds)}" in text
    if kind == "payment.canceled":
        assert text.endswith("Деньги не списаны.")


def check_days(books: Books, period: Json, text: str, now: datetime) -> None:
    # Days of an import are only what its end makes them: a part of a day is a day, of which the rest is cut.
    is_import = period["cause"] == "import"
    assert is_import or int(GIVEN_DAYS.findall(text)[0]) == period["days"]
    if period["begins"] is None:
        assert text.endswith("от них ничего не осталось.")
        return
    gives_pro = period["plan_code"] in PRO and books.counts(period)
    assert (": PRO " in text) is gives_pro
    told = days_in(text, now)
    assert told[-1] == period["ends"].astimezone(MOSCOW).date(), text
    if period["begins"] > now:
        assert told[-2] == period["begins"].astimezone(MOSCOW).date()
    seconds = int(period["cut"].total_seconds())
    assert (f"из них снято {lasting(seconds)}" in text) is (seconds > 0 and not is_import)


def check_now(books: Books, user: int, text: str, now: datetime) -> None:
    running, ends = books.running(user, now), books.ends(user)
    assert text.startswith("Сейчас PRO (") is (running is not None)
    if running:
        assert ends is not None
        assert days_in(text, now)[0] == ends.astimezone(MOSCOW).date()
        assert (", из них до " in text) is (running["ends"] < ends)
        if running["ends"] < ends:
            assert days_in(text, now)[1] == running["ends"].astimezone(MOSCOW).date()
        paid = [one["amount"] for one in books.payments if one["id"] == running["payment_id"]]
        assert sums_in(text)[: len(paid)] == paid
    elif ends:
        assert "закончился" in text or "«" in text
    is_open = [one for one in books.payments if one["user_id"] == user and one["status"] == "PENDING"]
    assert ("ещё не завершена" in text) is bool(is_open)


def sums_in(text: str) -> list[Decimal]:
    return [Decimal(f"{whole.replace(' ', '')}.{part or '00'}") for whole, part in MONEY.findall(text)]


def days_in(text: str, now: datetime) -> list[Any]:
    year = now.astimezone(MOSCOW).year
    found = DAY.findall(text)
    return [datetime(int(y or year), MONTHS.index(m) + 1, int(d), tzinfo=MOSCOW).date() for d, m, y in found]


async def test_the_life_of_a_user_reads_like_a_story(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    bought = await api.buy()
    await office.pay(bought)
    await work_off(services)
    await api.consume(amount=1)
    await api.refund(bought, "100.00", access="cut_prorata")
    gift = {"plan_code": "PRO_YEARLY", "days": 5, "author": "support", "reason": "сбой 4711"}
    granted = await api.internal("POST", f"users/{USER}/grants/", gift, Idempotency_Key="gift")
    await api.internal(
        "POST", f"grants/{granted.json()['grant_id']}/revoke/", {"author": "support", "reason": "по ошибке"}
    )
    await api.internal("POST", f"users/{USER}/usage/reset", {"author": "support", "reason": "жалоба"})
    declined = await api.buy()
    await office.decline(declined, "insufficient_funds")
    await work_off(services)
    await clock.advance(days=40)

    shown = await timeline(api, USER)

    patterns = [
        r"Доступ PRO закончился .*: следующих дней не было\.",
        r"Оплата 299 ₽ от .* не прошла\. Недостаточно денег\. .* Деньги не списаны\.",
        r".* обнулён дневной лимит \(support: жалоба\): было использовано 1 фото\.",
        r"Подарок от .* отозван .* \(support: по ошибке\): снято 5 дней доступа\.",
        r".* подарено 5 дней, из них снято 5 дней \(support: сбой 4711\): от них ничего не осталось\.",
        r"Возврат 100 ₽ от .* по оплате от .* \(support: desk 2: so it was agreed\): снято 10 дней.* доступа\.",
        r"Оплата 299 ₽ от .* \(тестовая\) дала 30 дней, из них снято 10 дней.*: PRO до .*\.",
    ]
    told = [one["text"] for one in shown["results"]]
    assert len(told) == len(patterns), told
    for text, pattern in zip(told, patterns, strict=True):
        assert re.fullmatch(pattern, text), (text, pattern)
    assert re.fullmatch(
        r"Сейчас PRO нет: он закончился .*\. Сегодня использовано 0 из 3 фото\. Списаний не будет: .*\.",
        shown["now"]["text"],
    )


@pytest.mark.usefixtures("api")  # it takes the notification in
async def test_a_card_that_is_kept_and_refused_is_told(office: BackOffice, services: Services) -> None:
    own = that_renews(services)
    async with MainBackend.calling(create_app(own.settings, own)) as renewing:
        await keep_a_card(renewing, office, own)
        await renewing.post("subscription/autorenew/", {"enabled": True})
        await refuse(renewing)

        kinds = [one["kind"] for one in (await timeline(renewing, USER))["results"]]
        told = " ".join(await texts(renewing))

    assert set(kinds) == {
        *("payment.succeeded", "consent.given", "payment_method.saved", "payment_method.refused"),
        *("consent.withdrawn", "subscription.autorenew_changed"),
    }
    assert kinds.count("subscription.autorenew_changed") == 2
    assert "сохранён способ оплаты •••• 4444" in told
    assert "отозвано" in told
    assert "списаний по ним больше не будет" in told


async def test_who_gave_the_days_that_are_running_is_named(api: MainBackend) -> None:
    gift = {"plan_code": "PRO_YEARLY", "days": 5, "author": "support: desk 2", "reason": "сбой 4711"}
    await api.internal("POST", f"users/{USER}/grants/", gift, Idempotency_Key="gift")

    said = (await timeline(api, USER))["now"]["text"]

    assert re.match(r"Сейчас PRO \(«PRO год»\) до .*: дни подарены .* \(support: desk 2\)\.", said)


async def test_what_is_still_analysed_is_counted_in_words(api: MainBackend) -> None:
    await api.reserve("one")
    one = (await timeline(api, USER))["now"]["text"]
    await api.reserve("two")
    two = (await timeline(api, USER))["now"]["text"]

    assert "0 из 3 фото, ещё 1 анализируется." in one
    assert "0 из 3 фото, ещё 2 анализируются." in two


async def test_each_end_stands_beside_the_payment_that_reaches_to_it(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    for plan in ("PRO_MONTHLY", "PRO_YEARLY"):
        await buy_and_pay(api, office, services, plan, Idempotency_Key=plan)
    shown = (await timeline(api, USER))["now"]
    now, last = (datetime.fromisoformat(shown["state"][name]) for name in ("as_of", "access_until"))
    first = last - timedelta(days=365)
    ends = [day(end, MOSCOW, now) for end in (last, first)]

    assert "Сейчас PRO («PRO месяц») до {}, из них до {} по оплате 299 ₽ от ".format(*ends) in shown["text"]


@pytest.mark.usefixtures("api")  # it takes the notification in
async def test_who_may_still_be_renewed_is_told_until_when(
    office: BackOffice, services: Services, clock: Clock
) -> None:
    own = that_renews(services)
    await charging.follow_setting(own)
    async with MainBackend.calling(create_app(own.settings, own)) as renewing:
        await keep_a_card(renewing, office, own)
        await renewing.post("subscription/autorenew/", {"enabled": True})
        ends = datetime.fromisoformat((await renewing.me())["expires_at"])
        await clock.advance(days=31)

        said = (await timeline(renewing, USER))["now"]["text"]

    last = day(ends + timedelta(days=5), MOSCOW, ends)
    assert f", до {last} его ещё может вернуть автопродление." in said


async def test_what_happens_meanwhile_moves_no_page(api: MainBackend) -> None:
    for number in range(4):
        gift = {"plan_code": "PRO_MONTHLY", "days": 1 + number, "author": "support", "reason": "сбой"}
        await api.internal("POST", f"users/{USER}/grants/", gift, Idempotency_Key=f"gift-{number}")
    first = await read(api, f"users/{USER}/timeline/?limit=2")
    await api.internal(
        "POST", f"users/{USER}/usage/reset", {"author": "support", "reason": "между страницами"}
    )

    second = await read(api, f"users/{USER}/timeline/?limit=2&after={first['next_cursor']}")

    assert [one["data"]["days"] for one in first["results"] + second["results"]] == [4, 3, 2, 1]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    "cursor", ["", "1", "x:payment.open:1", "1:payment.open:1:2", "99999999999999999:deed:1"]
)
async def test_a_cursor_that_is_none_is_refused(api: MainBackend, cursor: str) -> None:
    answer = await api.internal("GET", f"users/{USER}/timeline/?after={cursor}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")


@pytest.mark.parametrize(("limit", "status"), [(0, 422), (1, 200), (200, 200), (201, 422)])
async def test_a_page_has_one_to_two_hundred_facts(api: MainBackend, limit: int, status: int) -> None:
    assert (await api.internal("GET", f"users/{USER}/timeline/?limit={limit}")).status_code == status


def test_a_cursor_names_its_place() -> None:
    for place in (
        queries.Place(datetime(2026, 11, 27, 9, 0, 0, 1, tzinfo=UTC), "payment.succeeded", "0b6e1f0a-6c0e"),
        queries.Place(datetime(1970, 1, 1, tzinfo=UTC), "deed", "1"),
    ):
        assert place_of(cursor_of(place)) == place


def test_every_kind_of_fact_has_its_sentence() -> None:
    named = set(re.findall(r"'((?:[a-z_]+\.)[a-z_]+)'", "".join(queries.FACTS)))
    named -= {"grant.%", "refund.%", "npd.%"} | DEEDS.keys()
    derived = {
        "payment.succeeded",
        "payment.canceled",
        "payment.failed",
        "refund.succeeded",
        "refund.canceled",
    }

    assert named | derived | {"refund.failed", "grant.given", "import.given", "deed"} == SENTENCES.keys()
    assert WHY_NONE.keys() == set(Because)
    assert RESOLVED.keys() == set(Verb)


def test_whatever_people_do_for_a_user_has_its_sentence() -> None:
    """But what stands in the timeline by rows of its own, and what is done to nobody in particular."""
    told_otherwise = ("grant", "refund", "npd.", "payment_method.refused")
    for_nobody = ("webhook.", "alarm.", "charging.", "plan.", "job.", "staff.")

    assert {one for one in ACTIONS if not one.startswith(told_otherwise + for_nobody)} == DEEDS.keys()


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "1 день"), (2, "2 дня"), (5, "5 дней"), (11, "11 дней"), (21, "21 день"), (112, "112 дней")],
)
def test_days_are_counted_as_one_counts_in_russian(number: int, said: str) -> None:
    assert plural(number, ("день", "дня", "дней")) == said


def test_money_days_and_lengths_of_time_are_written_in_russian() -> None:
    now = datetime(2026, 11, 27, tzinfo=UTC)
    assert [money(Decimal(one)) for one in ("299", "2490.50", "1234567.00", "0.01")] == [
        *("299 ₽", "2 490,50 ₽"),
        *("1 234 567 ₽", "0,01 ₽"),
    ]
    assert day(now, MOSCOW, now) == "27 ноября"
    # Already the next day, and the next year, in Moscow.
    assert day(datetime(2025, 12, 31, 22, tzinfo=UTC), MOSCOW, now) == "1 января"
    assert day(datetime(2025, 12, 31, 20, tzinfo=UTC), MOSCOW, now) == "31 декабря 2025 года"
    assert [lasting(one) for one in (86400, 9 * 86400 + 43200, 3600 + 120, 59)] == [
        *("1 день", "9 дней 12 ч"),
        *("1 ч 2 мин", "меньше минуты"),
    ]

"""'I paid and nothing happened', answered: what became of the newest payment, and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from billing_service.config import Settings
from billing_service.kit.alarms import Alarm
from billing_service.kit.transaction import Row
from billing_service.payments.cancellations import NOTHING_TAKEN, explain
from billing_service.services import Services
from billing_service.timeline.words import LEFT_ELSEWHERE
from billing_service.user_overviews import queries
from billing_service.user_overviews.service import SHOWN
from billing_service.wording.statuses import NOTIFICATION_STATUS as STATUS
from billing_service.wording.statuses import trouble
from billing_service.wording.words import alarm, minute, money

NEVER_PAID = (
    "Платежей этого пользователя нет: он платил под другим номером, в другом магазине или не дошёл до оплаты. "
    "Ищите платёж в кабинете ЮKassa по сумме и времени."
)
# A notification in such a state has not been taken into account, and waits for somebody.
STUCK = {"FAILED", "UNMATCHED", "GIVEN_UP"}
# A payment of which nobody knows yet how it ends.
AWAITED = {"PENDING", "WAITING_FOR_CAPTURE"}


@dataclass(frozen=True)
class Diagnosis:
    """Sentences for whoever answers him, and the alarms that stand about him, the newest first."""

    said: Sequence[str]
    alarms: Sequence[Row]


async def read_diagnosis(services: Services, user_id: int) -> Diagnosis:
    """It reads no more than belongs to him, and never writes."""
    statements = services.statements
    alarms = await queries.list_standing_alarms(statements, user_id, SHOWN)
    said = diagnose(
        await queries.list_payments(statements, user_id, SHOWN),
        await queries.list_notifications(statements, user_id, SHOWN),
        alarms,
        services.settings,
    )
    return Diagnosis(said, alarms)


def diagnose(
    payments: Sequence[Row], notifications: Sequence[Row], alarms: Sequence[Row], settings: Settings
) -> Sequence[str]:
    """The same of what is read already, the newest first. The newest payment decides, whatever became of those before
    it."""
    newest = next((row for row in payments if row["purpose"] == "PLAN"), None)
    if newest is None:
        return [NEVER_PAID]
    stuck = [
        row
        for row in notifications
        if row["status"] in STUCK and row["payment_id"] == newest["yookassa_payment_id"]
    ]
    is_contradicted = newest["status"] in AWAITED and any(row["status"] == "FAILED" for row in stuck)
    fate = _contradicted(newest, alarms, settings) if is_contradicted else _fate(newest, settings)
    return [fate, *map(_stuck, stuck), *_alarmed(alarms)]


def _contradicted(row: Row, alarms: Sequence[Row], settings: Settings) -> str:
    """Nothing comes by itself: what YooKassa tells of it is not believed."""
    what = (
        f"{_named(row, settings)}: ЮKassa сообщает о ней другое, чем записано здесь, и дней за неё не дано."
    )
    stands = any(
        one["kind"] == Alarm.REPORTED_OBJECT_MISMATCH
        and one["subject"] == row["yookassa_payment_id"]
        and one["resolved_at"] is None
        for one in alarms
    )
    return f"{what} {'Что с ней делать, решает человек, по тревоге.' if stands else 'О ней уже решено, см. журнал.'}"


def _named(row: Row, settings: Settings) -> str:
    return f"Оплата {money(row['amount'])} от {minute(row['created_at'], settings.billing_timezone)}"


def _fate(row: Row, settings: Settings) -> str:
    what = _named(row, settings)
    if row["status"] == "SUCCEEDED":
        return _granted(row, what, settings)
    if row["status"] == "CANCELED":
        return f"{what} не прошла. {explain(row['cancellation_reason'])}"
    if row["status"] == "FAILED":
        return _failed(row, what)
    if (row["shop_id"], row["is_test"]) != (settings.shop_id, settings.shop_is_test):
        return f"{what} сделана в другом магазине ({row['shop_id']}): здесь о ней не спрашивают."
    if row["status"] == "WAITING_FOR_CAPTURE":
        return f"{what}: деньги удержаны, но не списаны. Спишутся сами, если сумма верна; тревога скажет, если нет."
    return _awaited(row, what, settings)


def _failed(row: Row, what: str) -> str:
    if row["is_ended_by_hand"]:
        return f"{what}: списание завершил сотрудник. {LEFT_ELSEWHERE}"
    because = row["provider_error_code"] or "причина не названа"
    return f"{what}: ЮKassa её не создала ({because}). {NOTHING_TAKEN}"


def _granted(row: Row, what: str, settings: Settings) -> str:
    if row["returned"] >= row["amount"]:
        return f"{what} прошла, и все деньги возвращены."
    ends = row["ends"]
    if row["imported"]:
        return _brought(what, ends, row["now"], settings)
    if ends is None:
        return f"{what} прошла; от её дней ничего не осталось, см. периоды."
    until = minute(ends, settings.billing_timezone)
    if ends <= row["now"]:
        return f"{what} учтена, её дни закончились {until}."
    if not row["gives_pro"]:
        because = "платёж тестовый" if row["is_test"] else "тариф проверочный"
        return f"{what} учтена, её дни лежат до {until}, но PRO они не дают: {because}."
    return f"{what} учтена, её дни лежат до {until}. Если приложение показывает другое, у него старые данные."


def _brought(what: str, ends: datetime | None, now: datetime, settings: Settings) -> str:
    """Its days lie among those of the import."""
    what = f"{what} прошла в прежней системе"
    if ends is None or ends <= now:
        return f"{what}; перенесённых оттуда дней не осталось, см. периоды."
    return f"{what}; перенесённые оттуда дни лежат до {minute(ends, settings.billing_timezone)}, см. периоды."


def _awaited(row: Row, what: str, settings: Settings) -> str:
    asked = (
        f"спросим {minute(row['next_ask_at'], settings.billing_timezone)}"
        if row["next_ask_at"]
        else "спросим при сверке списков"
    )
    if row["yookassa_payment_id"] is None:
        return f"{what}: неизвестно, создала ли её ЮKassa; выяснится само, {asked}."
    return (
        f"{what}: ЮKassa не сообщала об оплате; {asked}. Если в кабинете она оплачена, дни придут сами за минуты; "
        "если нет, банк отказал или страницу закрыли."
    )


def _stuck(row: Row) -> str:
    because = trouble(row["error_message"] or "—")
    return f"Уведомление {row['event_type']} о ней не учтено ({STATUS[row['status']]}): {because}."


def _alarmed(alarms: Sequence[Row]) -> Sequence[str]:
    standing = [alarm(row["kind"]) for row in alarms if row["resolved_at"] is None]
    return [f"Есть тревоги: {', '.join(standing)}."] if standing else []

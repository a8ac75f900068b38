"""The overview as it is printed: a heading a part, a line a row."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from billing_service.config import Settings
from billing_service.grants.queries import Lying
from billing_service.kit.transaction import Row
from billing_service.timeline.words import DAYS, lasting, plural
from billing_service.user_overviews.diagnosis import diagnose
from billing_service.user_overviews.service import SHOWN, Overview
from billing_service.wording.statuses import (
    ACCESS,
    MADE_BY,
    NOTIFICATION_STATUS,
    PAYMENT_STATUS,
    REFUND_STATUS,
    trouble,
)
from billing_service.wording.words import alarm, money

T = TypeVar("T")
CAUSE = {"payment": "оплата", "grant": "подарок", "import": "из прежней системы"}
METHOD_STATUS = {
    "ACTIVE": "действует",
    "REPLACED": "заменён",
    "ENDED": "больше не действует",
    "REFUSED": "пользователь отказался",
}


class Page:
    """Writes what it is told in the service's time zone."""

    def __init__(self, overview: Overview, settings: Settings) -> None:
        self._overview = overview
        self._settings = settings

    def lines(self) -> Iterator[str]:
        overview, now = self._overview, self._overview.timeline.state.now
        yield f"Пользователь {overview.user_id} на {self._at(now)} ({self._settings.billing_timezone.key})"
        yield overview.timeline.now
        yield ""
        yield "«Заплатил, и ничего»:"
        said = diagnose(overview.payments, overview.notifications, overview.alarms, self._settings)
        yield from (f"  {sentence}" for sentence in said)
        yield from self._part("Периоды", list(reversed(overview.periods)), self._period)
        yield from self._part("Платежи", overview.payments, self._payment)
        yield from self._part("Возвраты", overview.refunds, self._refund)
        yield from self._part("Способы оплаты", overview.methods, self._method)
        yield from self._part("Сегодня, кроме фото", overview.features, self._feature)
        yield from self._part("Уведомления ЮKassa", overview.notifications, self._notification)
        yield from self._part("Тревоги", overview.alarms, self._alarm)
        yield from self._part("Последнее", overview.timeline.told, lambda told: told.text)

    def _part(self, title: str, rows: Sequence[T], line: Callable[[T], str]) -> Iterator[str]:
        """Nothing of what he has none of; the newest of what he has much of."""
        if not rows:
            return
        yield ""
        yield f"{title}:"
        yield from (f"  {line(row)}" for row in rows[:SHOWN])
        if len(rows) > SHOWN:
            yield "  …"

    def _at(self, at: datetime | None) -> str:
        return f"{at.astimezone(self._settings.billing_timezone):%d.%m.%Y %H:%M}" if at else "—"

    def _period(self, lying: Lying) -> str:
        lies = f"{self._at(lying.begins)} – {self._at(lying.ends)}" if lying.begins else "ничего не осталось"
        of = f" {lying.payment_id}" if lying.payment_id else ""
        by = f" ({lying.author}: {lying.reason})" if lying.author else ""
        cut = sum(one.seconds for one in lying.cuts)
        less = f", снято {lasting(cut)}" if cut else ""
        beside = sum(one.seconds for one in lying.used_beside)
        less += f", {lasting(beside)} прошли вместе с другими днями" if beside else ""
        test = ", тестовый магазин" if lying.is_test else ""
        return (
            f"{lies}  {lying.plan_code}, {plural(lying.days, DAYS)}{less}, {CAUSE[lying.cause]}{of}{by}{test}"
        )

    def _payment(self, row: Row) -> str:
        plan = row["plan_code"] or "привязка карты"
        renewal = ", автопродление" if row["is_recurring"] else ""
        returned = f", возвращено {money(row['returned'])}" if row["returned"] else ""
        ids = f"{row['id']} (ЮKassa: {row['yookassa_payment_id'] or '—'})"
        what = f"{money(row['amount'])}  {PAYMENT_STATUS[row['status']]}{returned}, {plan}{renewal}"
        return f"{self._at(row['created_at'])}  {what}, {ids}"

    def _refund(self, row: Row) -> str:
        by = row["author"] or MADE_BY[row["made_by"]]
        access = f", {ACCESS[row['access']]}" if row["access"] else ""
        what = f"{money(row['amount'])}  {REFUND_STATUS[row['status']]}{access}"
        return f"{self._at(row['created_at'])}  {what}, {by}: {row['reason']}, по платежу {row['payment_id']}"

    def _method(self, row: Row) -> str:
        card = f"•••• {row['card_last4']}" if row["card_last4"] else row["title"] or row["type"]
        ended = f" с {self._at(row['ended_at'])}" if row["ended_at"] else ""
        status = METHOD_STATUS[row["status"]]
        return f"{card}  {status}{ended}, сохранён {self._at(row['saved_at'])}, магазин {row['shop_id']}"

    def _feature(self, row: Row) -> str:
        return f"{row['feature']}: {row['used']}"

    def _notification(self, row: Row) -> str:
        copies = f", копий {row['attempts']}" if row["attempts"] > 1 else ""
        because = f": {trouble(row['error_message'])}" if row["error_message"] else ""
        status = NOTIFICATION_STATUS[row["status"]]
        return f"{self._at(row['created_at'])}  {row['event_type']}  {status}{copies}{because}, {row['payment_id']}"

    def _alarm(self, row: Row) -> str:
        stands = "стоит"
        if row["resolved_at"]:
            stands = "решена"
        elif row["acknowledged_by"]:
            stands = f"взял {row['acknowledged_by']}"
        times = f", раз: {row['times']}" if row["times"] > 1 else ""
        return f"{self._at(row['last_at'])}  {alarm(row['kind'])}  {stands}{times}, {row['kind']} {row['subject']}"

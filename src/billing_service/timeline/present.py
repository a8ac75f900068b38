"""The sentence that explains now: who he is, why, until when, and what comes next."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from billing_service.kit.transaction import Row
from billing_service.outlooks.decision import Because, Outlook
from billing_service.timeline.words import day, money, plural
from billing_service.user_states.service import Status, UserState

WHY_NONE: Mapping[Because, str] = {
    Because.RENEWALS_OFF: "автопродление сейчас не работает",
    Because.AUTORENEW_OFF: "автопродление выключено",
    Because.NOTHING_TO_RENEW: "продлевать нечего",
    Because.RENEWAL_IN_PROGRESS: "ждём ответа о списании, которое уже началось",
    Because.CONSENT_NEEDED: "нет согласия на нынешнюю цену",
    Because.PAYMENT_METHOD_NEEDED: "нет сохранённого способа оплаты",
    Because.RECEIPT_CONTACT_NEEDED: "неизвестно, куда прислать чек",
    Because.DECLINED: "банк отклонил списание, нужен другой способ оплаты или оплата вручную",
    Because.NOT_DUE: "его время ещё не пришло",
    Because.NOT_TOLD: "нет сообщения о том, что пользователь предупреждён",
    Because.TOO_LATE: "предупредить пользователя вовремя не удалось",
    Because.CHECKOUT_OPEN: "пользователь начал платить сам",
    Because.TOO_MANY_TODAY: "за сутки было уже два списания",
    Because.CHARGING_STOPPED: "списания остановлены",
}


ANALYSED = ("анализируется", "анализируются", "анализируются")


def explain(state: UserState, in_force: Row | None, zone: ZoneInfo) -> str:
    """`in_force`: what gave the days that are running, if any are."""
    if state.row["moved_to"] is not None:
        return f"Это прежний номер: всё, что у него было, теперь у пользователя {state.row['moved_to']}."
    parts = (_standing(state, in_force, zone), _usage(state), _open(state, zone), _next(state, zone))
    return " ".join(part for part in parts if part)


def why_not(outlook: Outlook) -> str:
    """What is in the way of a charge but its day; blank if nothing is."""
    because = outlook.because
    return "" if because is None or because is Because.NOT_DUE else WHY_NONE[because]


def _standing(state: UserState, in_force: Row | None, zone: ZoneInfo) -> str:
    now, ends, plan_name = state.now, state.ends, state.row["plan_name"]
    if in_force is not None and not state.plan.is_pro:
        return f"Сейчас PRO нет; «{plan_name}» до {day(state.row['access_until'], zone, now)}."
    if ends is None:
        return "Сейчас PRO нет, и раньше его не было."
    until = day(ends, zone, now)
    if state.plan.is_pro:
        return f"Сейчас PRO («{plan_name}») до {until}{_because(state, in_force, zone)}."
    if state.status is Status.GRACE:
        last = day(ends + state.rules.grace, zone, now)
        return f"Сейчас PRO нет: он закончился {until}, до {last} его ещё может вернуть автопродление."
    return f"Сейчас PRO нет: он закончился {until}."


def _because(state: UserState, in_force: Row | None, zone: ZoneInfo) -> str:
    if in_force is None:
        return ""
    return f"{_its_own_end(state, in_force, zone)}{_given_by(state, in_force, zone)}"


def _its_own_end(state: UserState, in_force: Row, zone: ZoneInfo) -> str:
    """Where other days follow, the end of all is not the end of what is explained."""
    if state.ends is None or in_force["ends"] >= state.ends:
        return ""
    return f", из них до {day(in_force['ends'], zone, state.now)}"


def _given_by(state: UserState, in_force: Row, zone: ZoneInfo) -> str:
    if in_force["cause"] == "payment":
        paid_on = day(in_force["paid_at"], zone, state.now)
        return f" по оплате {money(in_force['amount'])} от {paid_on}"
    given_on = day(in_force["granted_at"], zone, state.now)
    if in_force["cause"] == "grant":
        return f": дни подарены {given_on} ({in_force['author']})"
    return f": дни перенесены из прежней системы {given_on}"


def _usage(state: UserState) -> str:
    figures = state.figures
    if figures.daily_limit is None:
        return "Фото без ограничения."
    held = f", ещё {plural(figures.held, ANALYSED)}" if figures.held else ""
    return f"Сегодня использовано {figures.used} из {figures.daily_limit} фото{held}."


def _open(state: UserState, zone: ZoneInfo) -> str:
    row = state.row
    if row["payment_id"] is None:
        return ""
    begun = day(row["payment_created_at"], zone, state.now)
    return f"Оплата {money(row['payment_amount'])}, начатая {begun}, ещё не завершена."


def _next(state: UserState, zone: ZoneInfo) -> str:
    planned, why = state.outlook.planned, why_not(state.outlook)
    if planned is None:
        return "" if state.status is Status.FREE or not why else f"Списаний не будет: {why}."
    on = day(planned.charge_at, zone, state.now)
    return f"Следующее списание: {money(planned.basis.terms.amount)}, {on}{f'; пока нельзя: {why}' if why else ''}."

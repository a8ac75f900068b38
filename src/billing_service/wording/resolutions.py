"""What a person decided about a payment, or why he cannot, in Russian."""

from collections.abc import Mapping

from billing_service.resolutions.decisions import Became, Because, Said, Verb
from billing_service.wording.statuses import REFUND_REFUSED, differences

VERBS: Mapping[str, str] = {
    Verb.GRANT: "отдать дни плательщику",
    Verb.REFUND: "вернуть деньги",
    Verb.DISMISS: "ничего не делать: известно и решено",
}
WORDS: Mapping[Because | Became, str] = {
    Because.IN_DOUBT: "Ещё неизвестно, есть ли этот платёж в ЮKassa: её спрашивают.",
    Because.NOT_THERE: "В этом магазине ЮKassa такого платежа нет: можно только ничего не делать.",
    Because.STRANGE_MARK: "Это платёж другой системы: его метка не наша.",
    Because.NO_MARK: "Это платёж другой системы: нашей метки на нём нет.",
    Because.NOT_PAID: "Ничего не оплачено: ЮKassa говорит «{status}».",
    Because.ANOTHER_SHOP: "Оплачено в другом магазине.",
    Because.NO_PLAN: "Такого тарифа нет: {plan_code}. Выберите тариф.",
    Because.WHOSE: "Сам платёж не говорит, чей он и за что: впишите пользователя и выберите тариф.",
    Because.FOR_NO_PLAN: "Он был не за тариф.",
    Because.CONFIGURED_WRONG: "ЮKassa сообщает другое ({differences}): исправьте настройку, и он учтётся сам.",
    Because.NOT_SETTLED: "Здесь он не учтён, потому что ЮKassa сообщает другое ({differences}): верните деньги в её "
    "кабинете, потом решите «ничего не делать».",
    Because.NOT_SENT_BACK: "ЮKassa не смогла вернуть деньги: {reason}.",
    Because.NOTHING_STANDS: "Решать нечего: ни тревоги, ни уведомления об этом нет.",
    Became.HAS_DAYS: "У пользователя {user_id} дни есть: {days} по платежу {payment_id}.",
    Became.GIVEN_BY_HAND: "Пользователю {user_id} подарено дней: {days}. Платёж {payment_id} остаётся как есть, потому "
    "что ЮKassa сообщает другое ({differences}).",
    Became.ALL_GONE_BACK: "От платежа {payment_id} всё уже возвращено или возвращается.",
    Became.SENT_BACK: "Возврат {refund_id} на {amount} {currency} отправлен.",
    Became.NOTHING: "Ни дней, ни денег: записано, что это известно.",
    Became.ENDED: "Ни дней, ни денег: списание завершено, этот период может списать нынешний магазин.",
}
SEEN: Mapping[str, str] = {
    "pending": "ждёт оплаты",
    "waiting_for_capture": "деньги удержаны",
    "succeeded": "оплачен",
    "canceled": "отменён",
}


def told(said: Said) -> str:
    facts = dict(said.facts)
    if "differences" in facts:
        facts["differences"] = differences(str(facts["differences"]))
    if said.what is Because.NOT_SENT_BACK:
        facts["reason"] = REFUND_REFUSED.get(str(facts["reason"]), facts["reason"])
    if said.what is Because.NOT_PAID:
        facts["status"] = SEEN.get(str(facts["status"]), facts["status"])
    return WORDS[said.what].format(**facts)

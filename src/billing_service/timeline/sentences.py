"""What each fact and its effect are in words. One row a kind: a fact without a sentence is an error, and a test."""

from collections.abc import Callable, Mapping

from billing_service.payments.cancellations import NOTHING_TAKEN, explain
from billing_service.timeline.deeds import done_by_hand, used_of
from billing_service.timeline.facts import Data, Fact
from billing_service.timeline.words import DAYS, LEFT_ELSEWHERE, lasting, plural

# What is shown of a method whose mask and title are erased.
TYPES: Mapping[str, str] = {"bank_card": "«Банковская карта»"}


def access(fact: Fact) -> str:
    """Where the days lie now: `PRO до 2 апреля`."""
    data = fact.data
    label = "PRO" if data["gives_pro"] else f"«{data['plan_name']}»"
    if data["begins"] is None:
        return "от них ничего не осталось"
    begins = f"с {fact.day_of('begins')} " if fact.at_of("begins") > fact.now else ""
    unless = "" if data["gives_pro"] or not data.get("is_test") else ", доступа тестовые дни не дают"
    return f"{label} {begins}до {fact.day_of('ends')}{unless}"


def days(fact: Fact) -> str:
    """`30 дней`, and what was taken off them since."""
    cut = fact.data["seconds_cut"]
    return plural(fact.data["days"], DAYS) + (f", из них снято {lasting(cut)}" if cut else "")


def paid(fact: Fact) -> str:
    data = fact.data
    marks = [
        name
        for name, is_so in (
            ("автопродление", data["is_recurring"]),
            ("тестовая", data["is_test"]),
            ("второй платёж по тому же счёту", data["is_surplus"]),
            ("из прежней системы", data["imported"]),
        )
        if is_so
    ]
    what = f"Оплата {fact.sum} от {fact.today}" + (f" ({', '.join(marks)})" if marks else "")
    return f"{what} дала {days(fact)}: {access(fact)}." if data["days"] else f"{what} прошла."


def not_paid(fact: Fact) -> str:
    return f"Оплата {fact.sum} от {fact.day_of('created_at')} не прошла. {explain(fact.data['cancellation_reason'])}"


def refused(fact: Fact) -> str:
    if fact.data["is_ended_by_hand"]:
        return f"Списание {fact.sum} от {fact.day_of('created_at')} завершил сотрудник. {LEFT_ELSEWHERE}"
    return f"ЮKassa не приняла оплату {fact.sum} от {fact.day_of('created_at')}. {NOTHING_TAKEN}"


def awaited(fact: Fact) -> str:
    what = f"за «{fact.data['plan_name']}» " if fact.data["plan_name"] else ""
    return f"Оплата {fact.sum} {what}начата {fact.today} и ещё не завершена."


def returned(fact: Fact) -> str:
    data = fact.data
    what = f"Возврат {fact.sum} от {fact.today} по оплате от {fact.day_of('paid_at')}{fact.by_whom}"
    if not data["is_applied"]:
        return f"{what}: на доступ подействует, когда оплата будет учтена."
    cut = data["seconds_cut"]
    return f"{what}: снято {lasting(cut)} доступа." if cut else f"{what}: доступ не изменился."


def not_returned(fact: Fact) -> str:
    return f"Возврат {fact.sum} от {fact.day_of('created_at')} не состоялся, доступ не изменился."


def being_returned(fact: Fact) -> str:
    return f"Возврат {fact.sum} начат {fact.today}{fact.by_whom} и ещё не завершён."


def wished(fact: Fact) -> str:
    data = fact.data
    until = f", ответить нужно до {fact.day_of('answer_by')}" if data["is_open"] else ""
    return f"{fact.today} пользователь попросил вернуть {fact.sum} ({data['case_number']}: {data['reason']}){until}."


def not_granted(fact: Fact) -> str:
    data = fact.data
    return f"{fact.today} в возврате {fact.sum} отказано ({data['refused_by']}: {data['refusal']})."


def given(fact: Fact) -> str:
    return f"{fact.today} подарено {days(fact)}{fact.by_whom}: {access(fact)}."


def brought(fact: Fact) -> str:
    """No days are told: those of an import are what its end makes them."""
    return f"{fact.today} начался доступ, перенесённый из прежней системы: {access(fact)}."


def revoked(fact: Fact) -> str:
    cut = fact.data["seconds_cut"]
    taken = f"снято {lasting(cut)} доступа" if cut else "снимать было уже нечего"
    return f"Подарок от {fact.day_of('given_at')} отозван {fact.today}{fact.by_whom}: {taken}."


def ended(fact: Fact) -> str:
    return f"Доступ PRO закончился {fact.today}: следующих дней не было."


def agreed(fact: Fact) -> str:
    terms = f"{fact.sum} за {plural(fact.data['days'], DAYS)}, «{fact.data['plan_name']}»"
    return f"{fact.today} дано согласие на автосписания: {terms}."


def disagreed(fact: Fact) -> str:
    how = " вместе с отказом от карты" if fact.data["withdrawn_by"] == "refusal" else ""
    return f"Согласие на автосписания от {fact.day_of('given_at')} отозвано {fact.today}{how}."


def method(data: Data) -> str:
    return str(data["card_mask"] or data["title"] or TYPES.get(data["type"], data["type"]))


def kept(fact: Fact) -> str:
    if fact.data["imported"]:
        return (
            f"{fact.today} из прежней системы перенесён способ оплаты {method(fact.data)}: "
            "без нового согласия списаний по нему не будет."
        )
    return f"{fact.today} сохранён способ оплаты {method(fact.data)}."


def dropped(fact: Fact) -> str:
    why = "заменён другим" if fact.data["status"] == "REPLACED" else "больше не действует"
    return f"Способ оплаты {method(fact.data)}, сохранённый {fact.day_of('saved_at')}, {fact.today} {why}."


def forbidden(fact: Fact) -> str:
    return f"{fact.today} пользователь отказался от сохранённых способов оплаты: списаний по ним больше не будет."


def binding(fact: Fact) -> str:
    return f"Привязка карты начата {fact.today} и ещё не завершена."


def not_bound(fact: Fact) -> str:
    return f"Привязка карты от {fact.day_of('created_at')} не состоялась."


def switched(fact: Fact) -> str:
    return f"Автопродление {'включено' if fact.data['enabled'] else 'выключено'} {fact.today}."


def used_up(fact: Fact) -> str:
    return f"{fact.today} исчерпан дневной лимит: {used_of(fact.data, 'daily_limit')}, тариф {fact.data['plan']}."


SENTENCES: Mapping[str, Callable[[Fact], str]] = {
    "payment.succeeded": paid,
    "payment.canceled": not_paid,
    "payment.failed": refused,
    "payment.open": awaited,
    "refund.succeeded": returned,
    "refund.canceled": not_returned,
    "refund.failed": not_returned,
    "refund.open": being_returned,
    "refund_request.made": wished,
    "refund_request.refused": not_granted,
    "grant.given": given,
    "grant.revoked": revoked,
    "import.given": brought,
    "access.ended": ended,
    "consent.given": agreed,
    "consent.withdrawn": disagreed,
    "payment_method.saved": kept,
    "payment_method.ended": dropped,
    "payment_method.refused": forbidden,
    "card_binding.open": binding,
    "card_binding.failed": not_bound,
    "subscription.autorenew_changed": switched,
    "usage.limit_reached": used_up,
    "deed": done_by_hand,
}


def tell(fact: Fact) -> str:
    """The fact with its effect, in one or two sentences."""
    return SENTENCES[fact.kind](fact)

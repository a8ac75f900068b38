"""Who a user is, forgotten at his wish (152-FZ): by the owner, who types his number twice."""

from collections.abc import Mapping

from billing_service.admin.acts import Act, Done, Preview, Wish
from billing_service.admin.deeds.money import charged_by, still_in_flight
from billing_service.admin.listing import USER
from billing_service.erasure import service as erasure
from billing_service.services import Services
from billing_service.staff.roles import Role
from billing_service.wording.words import number

SAID_OF_HIM: Mapping[str, str] = {
    "receipt_contacts": "почта или телефон для чеков",
    "consents": "адрес и устройство в согласиях",
    "payment_method_refusals": "адрес и устройство в отказах от списаний",
    "payment_methods": "карты: название, последние цифры, срок",
    "webhook_logs": "содержимое уведомлений ЮKassa",
    "outbox_events": "карта в событиях основному бэкенду",
    "subscription_periods": "причины у подаренных дней",
    "grants": "причины у отозванных дней",
    "refunds": "причины возвратов",
    "refund_requests": "слова просьб о возврате и ответов",
    "audit_log": "причины в журнале",
    "usage_operations": "операции с фото до сегодняшнего дня",
    "daily_usage": "фото по дням до сегодняшнего дня",
    "daily_feature_usage": "другие лимиты по дням до сегодняшнего дня",
}


def _told(rows: Mapping[str, int]) -> list[tuple[str, str]]:
    """What there is of it, in the order in which it is known here."""
    return [(what, number(rows[table])) for table, what in SAID_OF_HIM.items() if rows.get(table)]


async def _preview(services: Services, wish: Wish) -> Preview:
    user_id = int(wish.subject)
    rows = _told(await erasure.preview(services, user_id))
    return Preview(
        [
            ("Пользователь", wish.subject),
            *await charged_by(services, user_id),
            ("Сначала", "с его карт больше ничего не спишется, согласия отзываются"),
            *((f"Сотрётся: {what}", f"записей: {times}") for what, times in rows),
            ("Останется под номером", "платежи, возвраты, дни и оплаченный доступ: деньги должны сходиться"),
        ],
        "Вернуть стёртое нельзя."
        if rows
        else "Кроме номера, дней и денег, о нём здесь ничего нет. Списать с него больше будет нельзя.",
    )


async def _erase(services: Services, wish: Wish) -> Done:
    user_id = int(wish.subject)
    erased = await erasure.erase(services, user_id, wish.deed)
    return Done(
        f"Личных данных пользователя {user_id} здесь больше нет.{still_in_flight(erased.in_flight)}",
        [(f"/users/{user_id}", "К пользователю")],
    )


ACTS = (
    Act(
        name="erase-user",
        title="Стереть личные данные",
        button="Стереть данные",
        role=Role.OWNER,
        subject=USER,
        about="Пользователь",
        preview=_preview,
        perform=_erase,
        is_grave=True,
        is_typed_again=True,
        reason_hint="Останется в журнале: назовите обращение, а не человека.",
    ),
)

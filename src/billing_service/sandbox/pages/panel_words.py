"""The sandbox's own page in words: states, events and switches for people."""

STATES = {
    "pending": "ждёт оплаты",
    "waiting_for_capture": "деньги удержаны",
    "succeeded": "оплачен",
    "canceled": "отменён",
    "active": "действует",
    "inactive": "не действует",
}
NOTIFICATION_STATES = {
    "due": "в пути",
    "delivered": "доставлено",
    "given_up": "не доставлено за сутки",
    "lost": "потеряно",
    "unaddressed": "некуда слать",
}
EVENTS = {
    "created": "создан",
    "paid": "оплачен",
    "authorized": "деньги удержаны",
    "declined": "отклонён",
    "attempt_declined": "попытка отклонена",
    "outcome_awaited": "банк думает",
    "expired": "время вышло",
    "captured": "деньги списаны",
    "voided": "отменён магазином",
    "refunded": "возвращено",
    "saved": "сохранён",
    "confirmed": "подтверждён",
    "refused": "отказано",
}
SWITCHES = {
    "test": ("Тестовый магазин", "объекты помечаются test: true"),
    "recurring": ("Автоплатежи", "карты можно сохранять и списывать с них"),
    "fiscalization": ("Чеки по 54-ФЗ", "без верного чека платёж не создать"),
    "decline_keeps_pending": ("Ещё одна попытка", "после отказа платёж остаётся открытым"),
    "offer_saving": ("Предлагать сохранить карту", "если магазин не решил сам"),
}
# operation/fault: what a person may order with one click; the control API knows them all.
FAULTS = {
    "create_payment/lost_after": "платёж создан, ответ потерян",
    "create_payment/lost_before": "запрос на платёж потерян",
    "create_payment/error_500": "500 вместо создания платежа",
    "create_payment/too_many": "429 при создании платежа",
    "create_payment/html_502": "HTML 502 при создании платежа",
    "create_payment/slow": "создание платежа тормозит",
    "create_payment/not_saved": "карта не сохранится",
    "create_payment/stay_pending": "исход платежа через 10 минут",
    "get_payment/error_500": "500 при чтении платежа",
    "create_refund/stay_pending": "возврат через 10 минут",
    "create_refund/decline": "возврат не пройдёт",
    "notification/lose": "уведомление потеряно",
    "notification/double": "уведомление придёт дважды",
    "notification/delay": "уведомление опоздает на минуту",
    "notification/reorder": "уведомления поменяются местами",
    "notification/wrong_amount": "уведомление с чужой суммой",
    "notification/forge": "поддельное уведомление",
}
LEAPS = {600: "+10 минут", 3600: "+1 час", 86400: "+1 день", 604800: "+7 дней", 2592000: "+30 дней"}

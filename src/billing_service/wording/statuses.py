"""What the states of payments, refunds and notifications are called, and what goes with them."""

PAYMENT_STATUS = {
    "PENDING": "ждёт оплаты",
    "WAITING_FOR_CAPTURE": "деньги удержаны",
    "SUCCEEDED": "оплачен",
    "CANCELED": "не прошёл",
    "FAILED": "не создан",
}
# https://yookassa.ru/developers/payment-acceptance/after-the-payment/declined-payments
CANCELED_BY = {
    "merchant": "магазин",
    "yoo_money": "ЮKassa",
    "payment_network": "банк или платёжная система",
}
REFUND_STATUS = {
    "PENDING": "в пути",
    "SUCCEEDED": "возвращён",
    "CANCELED": "не прошёл",
    "FAILED": "не создан",
}
ACCESS = {"keep": "доступ остаётся", "cut_prorata": "снимается часть дней", "cut_all": "снимаются все дни"}
PURPOSE = {"PLAN": "покупка", "BINDING": "привязка карты"}
MADE_BY = {"api": "сервисом", "cabinet": "в кабинете ЮKassa"}
RECEIPT = {"pending": "регистрируется", "succeeded": "зарегистрирован", "canceled": "не зарегистрирован"}
NOTIFICATION_STATUS = {
    "RECEIVED": "ждёт проверки",
    "SUCCESS": "учтено",
    "FAILED": "не удалось",
    "UNMATCHED": "не найден платёж",
    "FOREIGN": "чужое",
    "GIVEN_UP": "оставлено",
    "CLOSED": "закрыто вручную",
}
# What YooKassa tells of.
YOOKASSA_EVENT = {
    "payment.succeeded": "платёж прошёл",
    "payment.canceled": "платёж отменён",
    "payment.waiting_for_capture": "деньги удержаны",
    "refund.succeeded": "возврат прошёл",
    "payment_method.active": "карта привязана",
}
# Who called, where it was no service under its own name.
CALLER = {"panel": "панель", "cli": "командная строка"}

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
# https://yookassa.ru/developers/payment-acceptance/after-the-payment/refunds
REFUND_REFUSED = {
    "general_decline": "банк не назвал причину: верните деньги иначе",
    "insufficient_funds": "не хватает выручки: повторите позже",
    "payment_article_number_not_found": "электронный сертификат: товара нет в платеже",
    "payment_basket_id_not_found": "электронный сертификат: корзины нет в платеже",
    "payment_expired": "оплата слишком давняя: верните деньги иначе",
    "payment_tru_code_not_found": "электронный сертификат: кода товара нет в платеже",
    "rejected_by_payee": "отказ на стороне получателя: верните деньги иначе",
    "rejected_by_timeout": "платёжная система не успела ответить: повторите",
    "some_articles_already_refunded": "электронный сертификат: часть товаров уже возвращена",
    "too_many_refunding_articles": "электронный сертификат: возвращается больше товаров, чем было",
    "yoo_money_account_closed": "кошелёк закрыт: верните деньги иначе",
}
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
# What YooKassa says otherwise than our row.
DIFFERENCES = {
    "amount": "сумма",
    "currency": "валюта",
    "shop": "магазин",
    "test": "тестовый он или нет",
    "status": "состояние",
    "paid": "оплачен ли он",
    "id": "номер в ЮKassa",
    "payment": "платёж",
}
# Why a look because of a notification led to nothing; what is not here is shown as it was written down.
CONTRADICTS = "contradicts our row: "
TROUBLE = {
    "no payment of ours fits": "нашего платежа к нему нет",
    "the provider does not know this payment": "ЮKassa не знает этого платежа",
    "the provider does not know this refund": "ЮKassa не знает этого возврата",
    "the provider does not know this binding": "ЮKassa не знает этой карты",
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


def differences(names: str) -> str:
    """`сумма, валюта` of `amount, currency`."""
    return ", ".join(DIFFERENCES.get(name, name) for name in names.split(", "))


def trouble(why: str) -> str:
    """What stood in the way of a notification."""
    if why.startswith(CONTRADICTS):
        return f"не так, как записано у нас: {differences(why.removeprefix(CONTRADICTS))}"
    return TROUBLE.get(why, why)

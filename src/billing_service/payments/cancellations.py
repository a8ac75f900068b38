"""Why a payment was canceled, in words for the person who tried to pay.

Reasons: https://yookassa.ru/developers/payment-acceptance/after-the-payment/declined-payments; the list is open.
"""

UNKNOWN = "Платёж отменён. Попробуйте ещё раз или выберите другую карту."
# True of every canceled payment, also of one whose money was held; what a payer fears most.
NOTHING_TAKEN = "Деньги не списаны."

EXPLANATIONS = {
    "3d_secure_failed": "Не пройдена проверка 3-D Secure. Попробуйте ещё раз или выберите другую карту.",
    "call_issuer": "Банк отклонил оплату. Позвоните в банк, чтобы узнать причину, или выберите другую карту.",
    "canceled_by_merchant": "Платёж отменён магазином. Начните оплату заново.",
    "card_expired": "Срок действия карты истёк. Выберите другую карту.",
    "country_forbidden": "Картой этой страны заплатить нельзя. Выберите другую карту.",
    "deal_expired": "Время на оплату вышло. Начните оплату заново.",
    "expired_on_capture": "Платёж не был подтверждён вовремя, удержанная сумма освободится. Начните оплату заново.",
    "expired_on_confirmation": "Время на оплату вышло. Начните оплату заново.",
    "fraud_suspected": "Банк счёл оплату подозрительной и отклонил её. Выберите другую карту.",
    "general_decline": "Банк отклонил оплату без объяснения причин. Обратитесь в банк или выберите другую карту.",
    "identification_required": "Кошелёк не идентифицирован. Подтвердите его или заплатите иначе.",
    "insufficient_funds": "Недостаточно денег. Пополните карту или выберите другую.",
    "internal_timeout": "Платёжная система не успела ответить. Попробуйте ещё раз.",
    "invalid_card_number": "Неверный номер карты. Проверьте его и попробуйте ещё раз.",
    "invalid_csc": "Неверный код CVC. Проверьте его и попробуйте ещё раз.",
    "issuer_unavailable": "Банк сейчас не отвечает. Попробуйте позже или выберите другую карту.",
    "loan_application_expired": "Заявка на кредит устарела. Начните оплату заново.",
    "loan_declined": "Банк отказал в кредите. Заплатите иначе.",
    "loan_declined_by_payer": "Вы отказались от кредита. Заплатите иначе.",
    "payment_method_limit_exceeded": "Превышен лимит карты или магазина. Попробуйте завтра или выберите другую карту.",
    "payment_method_restricted": "Операции по этой карте запрещены. Выберите другую карту.",
    "permission_revoked": "Разрешение на списания отозвано. Оплатите заново.",
    "rejected_by_timeout": "Платёжная система не успела ответить. Попробуйте ещё раз.",
    "unsupported_mobile_operator": "Этот мобильный оператор не поддерживается. Заплатите иначе.",
}


def explain(reason: str | None) -> str:
    """What happened, what to do next, and always that no money was taken."""
    return f"{EXPLANATIONS.get(reason or '', UNKNOWN)} {NOTHING_TAKEN}"

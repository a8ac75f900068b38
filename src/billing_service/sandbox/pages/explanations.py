"""Why a payment did not go through, in words for the person who paid."""

_UNKNOWN = "Оплата не прошла. Попробуйте другую карту или обратитесь в банк."

_REASONS = {
    "3d_secure_failed": "Банк не подтвердил платёж: не пройдена проверка 3-D Secure.",
    "call_issuer": "Банк отклонил оплату. Позвоните в свой банк, чтобы узнать причину.",
    "card_expired": "Срок действия карты истёк.",
    "country_forbidden": "Карты, выпущенные в этой стране, не принимаются.",
    "fraud_suspected": "Платёж заблокирован: он показался подозрительным.",
    "general_decline": "Банк отклонил оплату и не назвал причину.",
    "identification_required": "Нужно пройти идентификацию в кошельке.",
    "insufficient_funds": "На карте не хватает денег.",
    "internal_timeout": "Технический сбой: не удалось вовремя провести платёж.",
    "invalid_card_number": "Неверный номер карты.",
    "invalid_csc": "Неверный код CVC.",
    "issuer_unavailable": "Банк, выпустивший карту, сейчас недоступен.",
    "payment_method_limit_exceeded": "Превышен лимит платежей по карте или магазину.",
    "payment_method_restricted": "Операции по этой карте запрещены.",
    "permission_revoked": "Вы отозвали разрешение на автоматические списания.",
    "expired_on_confirmation": "Время на оплату вышло.",
    "expired_on_capture": "Магазин не подтвердил оплату вовремя, деньги возвращены.",
    "canceled_by_merchant": "Магазин отменил оплату.",
    "deal_expired": "Срок сделки истёк.",
    "loan_declined": "В кредите отказано.",
    "loan_declined_by_payer": "Вы отказались от кредита.",
    "loan_application_expired": "Срок заявки на кредит истёк.",
    "rejected_by_timeout": "Банк не ответил вовремя.",
    "unsupported_mobile_operator": "Этот мобильный оператор не поддерживается.",
}


def explain(reason: str) -> str:
    """One sentence for any reason, unknown ones included."""
    return _REASONS.get(reason, _UNKNOWN)

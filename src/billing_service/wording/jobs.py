"""What the jobs of the workers are called."""

from collections.abc import Mapping

# What follows from a fact, and the walks over YooKassa's lists.
JOBS: Mapping[str, str] = {
    "webhook.look": "Проверить уведомление",
    "payment.ask": "Спросить ЮKassa о платеже",
    "payment.receipt": "Спросить о чеке оплаты",
    "payments.walk": "Сверить список платежей ЮKassa",
    "refund.ask": "Спросить ЮKassa о возврате",
    "refund.receipt": "Спросить о чеке возврата",
    "refund.look": "Разобрать возврат, платёж которого не найден",
    "refund.give_back": "Вернуть лишнее списание",
    "refunds.walk": "Сверить список возвратов ЮKassa",
    "binding.ask": "Спросить ЮKassa о привязке карты",
    "card_bindings.walk": "Сверить список привязок карт",
    "renewal.look": "Продлить подписку, если пора",
    "schedule.run": "Сделать по расписанию вне очереди",
}
# What comes round by the clock.
SCHEDULES: Mapping[str, str] = {
    "payments.ask_due": "Спросить об открытых платежах",
    "refunds.ask_due": "Спросить о возвратах в пути",
    "bindings.ask_due": "Спросить о привязках карт",
    "payments.walk_lists": "Пройти по списку платежей ЮKassa",
    "refunds.walk_lists": "Пройти по списку возвратов ЮKassa",
    "payments.ask_receipts": "Спросить о чеках оплат",
    "refunds.ask_receipts": "Спросить о чеках возвратов",
    "receipts.ask_shop": "Узнать, настроены ли чеки в магазине",
    "renewals.look_at_due": "Найти подписки, которые пора продлить",
    "subscriptions.tell_ends": "Сообщить, чей доступ закончился",
    "webhooks.close_settled": "Закрыть уведомления об учтённых платежах",
    "webhooks.give_up_overdue": "Оставить уведомления, которые ждут слишком долго",
    "retention.forget_old": "Удалить то, чей срок хранения вышел",
    "clock.give_back": "Вернуть дни, потерянные из-за отставших часов",
    "npd.watch": "Проверить реестр НПД",
    "refund_requests.watch": "Проверить, на все ли просьбы о возврате ответили",
    "events.tell_week": "Отправить отчёт за неделю",
    "daily_audit.audit_due": "Сверить дни и деньги за прошедший день",
    "canary.ask": "Проверить, что у оплативших есть PRO",
    "invariants.watch": "Проверить правила, которые всегда верны",
}

"""What has waited too long, as the doctor judges it, in the words of the panel."""

from collections.abc import Mapping
from typing import NamedTuple

from billing_service.operations.findings import CannotBeAsked, asked_of_the_database
from billing_service.operations.overdue import find_overdue
from billing_service.services import Services

TITLES: Mapping[str, str] = {
    "a worker runs": "обработчик работает",
    "no notification waits": "уведомления ЮKassa не залёживаются",
    "YooKassa's list of payments is compared": "платежи сверяются со списком ЮKassa",
    "YooKassa's list of refunds is compared": "возвраты сверяются со списком ЮKassa",
    "no job was given up": "оставленных задач нет",
    "no notification was given up": "оставленных уведомлений нет",
    "nothing stays in doubt": "платежи и возвраты не остаются неизвестными",
    "no charge was left in another shop": "в прежнем магазине не осталось неизвестных списаний",
    "every refund request is answered in time": "на просьбы о возврате отвечают в срок",
    "the main backend takes its events": "основной бэкенд принимает события",
}


class Check(NamedTuple):
    """`is_well` is None while nobody can tell."""

    title: str
    is_well: bool | None


async def look(services: Services) -> list[Check]:
    """In the doctor's order."""

    async def find() -> Mapping[str, str | None]:
        async with services.db.begin() as session:
            return await find_overdue(session, services.settings.shop_id)

    try:
        found = await asked_of_the_database(find())
    except CannotBeAsked:
        return [Check(title, None) for title in TITLES.values()]
    return [Check(TITLES[what], trouble is None) for what, trouble in found.items()]

"""A user gets another number, or two become one: by the owner, who has made sure that they are one person."""

import re
from collections.abc import Mapping

from billing_service.admin.acts import Act, CannotDo, Done, Field, Preview, Wish
from billing_service.admin.listing import USER
from billing_service.services import Services
from billing_service.staff.roles import Role
from billing_service.user_moves import service as user_moves
from billing_service.user_moves.queries import Known
from billing_service.web.dependencies import MAX_BIGINT
from billing_service.web.errors.operators import MoveRefused
from billing_service.web.errors.requests import UserMoved
from billing_service.wording.words import number

GOES_ALONG: Mapping[str, str] = {
    "subscription_periods": "периоды доступа",
    "grants": "подарки",
    "grant_batch_members": "места в подарках многим",
    "payments": "платежи",
    "consents": "согласия",
    "payment_methods": "карты",
    "payment_method_refusals": "отказы от списаний",
    "card_bindings": "привязки карт",
    "renewal_notices": "предупреждения о списаниях",
    "receipt_contacts": "контакт для чеков",
    "daily_usage": "дни с фото",
    "daily_feature_usage": "дни с другими лимитами",
    "usage_operations": "операции с фото",
}
BECAUSE: Mapping[str, str] = {
    "open_payment": "не завершён платёж пользователя {user_id}: дождитесь его конца",
    "charge_in_flight": "идёт списание с пользователя {user_id}: дождитесь ответа ЮKassa",
    "open_binding": "пользователь {user_id} привязывает карту: дождитесь конца",
    "both_have_methods": "карты есть у обоих: пусть от одной сначала откажутся",
}


def _user(text: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,18}", text) or int(text) > MAX_BIGINT:
        raise ValueError("Номер пользователя в основном бэкенде.")
    return int(text)


async def _known(services: Services, wish: Wish, *, is_look: bool) -> Known:
    """Done, or only looked at; the refusals in words."""
    story = user_moves.preview if is_look else user_moves.move
    old, new = int(wish.subject), wish.said["to_user_id"]
    if old == new:
        raise CannotDo("Это один и тот же номер.")
    try:
        return await story(services, old, new, wish.deed)
    except MoveRefused as refused:
        why = BECAUSE[str(refused.details["because"])].format(user_id=refused.details["user_id"])
        raise CannotDo(f"Сейчас нельзя: {why}.") from None
    except UserMoved as moved:
        raise CannotDo(f"Один из них уже стал пользователем {moved.details['moved_to']}.") from None


async def _preview(services: Services, wish: Wish) -> Preview:
    known = await _known(services, wish, is_look=True)
    return Preview(
        [
            ("Пользователь", wish.subject),
            ("Станет пользователем", str(known.to_user_id)),
            *(
                (f"Перейдут: {what}", f"записей: {number(known.moved[table])}")
                for table, what in GOES_ALONG.items()
                if known.moved.get(table)
            ),
            ("Дни обоих", "лягут подряд, ни один не пропадёт и не удвоится"),
            ("Под прежним номером", "без PRO; купить и подарить ничего нельзя"),
        ],
        "Оба номера должны быть одного человека: вместе с днями переходит и карта, с которой списывают.",
    )


async def _move(services: Services, wish: Wish) -> Done:
    known = await _known(services, wish, is_look=False)
    return Done(
        f"Пользователь {known.from_user_id} стал пользователем {known.to_user_id}.",
        [(f"/users/{known.to_user_id}", "К пользователю")],
    )


ACTS = (
    Act(
        name="move-user",
        title="Дать другой номер",
        button="Дать другой номер",
        role=Role.OWNER,
        subject=USER,
        about="Пользователь",
        fields=(
            Field("to_user_id", "Новый номер", "number", "Кто он теперь в основном бэкенде.", read=_user),
        ),
        preview=_preview,
        perform=_move,
        is_grave=True,
    ),
)

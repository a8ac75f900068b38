"""Days by hand: give them to one, and take back what is left of them."""

from datetime import datetime
from uuid import UUID

from billing_service.admin.acts import Act, CannotDo, Done, Preview, Wish
from billing_service.admin.deeds.fields import DAYS, PLAN
from billing_service.admin.listing import USER
from billing_service.admin.listing import UUID as UUID_PATTERN
from billing_service.grants import service as grants
from billing_service.grants.queries import Granted
from billing_service.grants.service import Gift
from billing_service.services import Services
from billing_service.staff.roles import Role
from billing_service.timeline.words import DAYS as DAY_FORMS
from billing_service.timeline.words import plural
from billing_service.user_states import service as user_states
from billing_service.wording.words import day, moment


def _gift(user_id: int, wish: Wish, key: str) -> Gift:
    return Gift(user_id, wish.said["plan_code"], wish.said["days"], key)


def _when(at: datetime | None, services: Services) -> str:
    return moment(at, services.settings.billing_timezone) if at else "—"


async def _preview(services: Services, wish: Wish) -> Preview:
    user_id = int(wish.subject)
    (state,) = await user_states.list_states(services, [user_id])
    ends, now = state.row["access_until"], state.now
    granted = await grants.preview(services, _gift(user_id, wish, wish.key.hex), wish.deed)
    # What begins at once begins when it is done, which is later than when it is looked at.
    is_at_once = ends is None or ends <= now
    until = granted.ends and (day(granted.ends, services.settings.billing_timezone))
    return Preview(
        [
            ("Пользователь", wish.subject),
            ("Подарок", f"{plural(granted.days, DAY_FORMS)} тарифа {granted.plan_code}"),
            ("Доступ сейчас до", "доступа нет" if is_at_once else _when(ends, services)),
            ("Дни начнутся", "сразу" if is_at_once else _when(granted.begins, services)),
            ("Доступ станет до", until or "—" if is_at_once else _when(granted.ends, services)),
        ]
    )


async def _give(services: Services, wish: Wish) -> Done:
    user_id = int(wish.subject)
    granted = await grants.grant(services, _gift(user_id, wish, wish.key.hex), wish.deed)
    return Done(
        f"Пользователю {user_id} подарено: {plural(granted.days, DAY_FORMS)}. {_lies(granted, services)}",
        [(f"/users/{user_id}", "К пользователю")],
    )


def _lies(granted: Granted, services: Services) -> str:
    return f"С {_when(granted.begins, services)} до {_when(granted.ends, services)}."


async def _preview_revocation(services: Services, wish: Wish) -> Preview:
    now, then = await grants.preview_revocation(services, UUID(wish.subject), wish.deed)
    if now.revoked_at is not None:
        raise CannotDo(f"Эти дни уже отозваны: {now.revoked_by}, {now.revoke_reason}.")
    if now.ends is None:
        raise CannotDo("От этих дней уже ничего не осталось.")
    return Preview(
        [
            ("Пользователь", str(now.user_id)),
            ("Подарено", f"{plural(now.days, DAY_FORMS)} ({now.author}: {now.reason})"),
            ("Лежат сейчас", f"{_when(now.begins, services)} — {_when(now.ends, services)}"),
            ("Останется", "ничего" if then.ends is None else "то, что уже прошло"),
        ]
    )


async def _revoke(services: Services, wish: Wish) -> Done:
    granted = await grants.revoke(services, UUID(wish.subject), wish.deed)
    return Done(
        "Неиспользованные дни отозваны, следующие передвинуты.",
        [(f"/users/{granted.user_id}", "К пользователю")],
    )


ACTS = (
    Act(
        name="give-days",
        title="Подарить дни",
        button="Подарить дни",
        role=Role.FINANCE,
        subject=USER,
        about="Пользователь",
        fields=(PLAN, DAYS),
        preview=_preview,
        perform=_give,
    ),
    Act(
        name="revoke-days",
        title="Отозвать подаренные дни",
        button="Отозвать дни",
        role=Role.FINANCE,
        subject=UUID_PATTERN,
        about="Подарок",
        preview=_preview_revocation,
        perform=_revoke,
        is_grave=True,
    ),
)

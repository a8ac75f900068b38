"""Days by hand: give them to one or to many, and take back what is left of them."""

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from billing_service.admin.acts import Act, CannotDo, Done, Field, Preview, Wish
from billing_service.admin.deeds.fields import DAYS, PLAN
from billing_service.admin.listing import USER
from billing_service.admin.listing import UUID as UUID_PATTERN
from billing_service.grants import service as grants
from billing_service.grants.queries import Granted
from billing_service.grants.service import Gift
from billing_service.kit.errors import BillingError
from billing_service.services import Services
from billing_service.staff.roles import Role
from billing_service.timeline.words import DAYS as DAY_FORMS
from billing_service.timeline.words import plural
from billing_service.user_states import service as user_states
from billing_service.wording.words import day, moment

MANY = 200


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


def users_of(text: str) -> Sequence[int]:
    """Ids in any order, separated by anything; each once."""
    named = [one for one in re.split(r"[\s,;]+", text) if one]
    wrong = [one for one in named if not re.fullmatch(USER, one)]
    if wrong:
        raise ValueError(f"Это не номер пользователя: {wrong[0][:30]}")
    users = list(dict.fromkeys(int(one) for one in named))
    if len(users) > MANY:
        raise ValueError(f"Не больше {MANY} за раз: сейчас {len(users)}.")
    return users


async def _preview_many(services: Services, wish: Wish) -> Preview:
    users, days = wish.said["users"], wish.said["days"]
    states = await user_states.list_states(services, users)
    # One of them by the code that gives, so that a plan that cannot be given is refused here.
    await grants.preview(services, _gift(users[0], wish, wish.key.hex), wish.deed)
    never = [str(state.row["user_id"]) for state in states if state.row["access_until"] is None]
    lines = [
        ("Пользователей", str(len(users))),
        ("Каждому", f"{plural(days, DAY_FORMS)} тарифа {wish.said['plan_code']}"),
        ("Всего", plural(days * len(users), DAY_FORMS)),
        ("Кому", ", ".join(map(str, users))),
    ]
    warning = f"У этих никогда не было доступа, проверьте номера: {', '.join(never)}" if never else ""
    return Preview(lines, warning)


async def _give_many(services: Services, wish: Wish) -> Done:
    """One after the other; who has it already from an earlier try under this key keeps it."""
    results = []
    for user_id in wish.said["users"]:
        try:
            granted = await grants.grant(services, _gift(user_id, wish, wish.key.hex), wish.deed)
            results.append((str(user_id), _lies(granted, services)))
        except BillingError as error:
            if error.status >= 500:
                raise
            results.append((str(user_id), f"не подарено: {error.message}"))
    given = sum(1 for _, what in results if not what.startswith("не"))
    return Done(f"Подарено {given} из {len(results)}.", results=results)


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
        name="give-days-to-many",
        title="Подарить дни многим",
        button="Подарить дни многим",
        role=Role.FINANCE,
        subject="",
        fields=(
            Field("users", "Кому", "lines", f"Номера пользователей, не больше {MANY}.", read=users_of),
            PLAN,
            DAYS,
        ),
        preview=_preview_many,
        perform=_give_many,
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

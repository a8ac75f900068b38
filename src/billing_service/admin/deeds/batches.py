"""The same days for many: a batch with a name, given once each, taken back together."""

import re
from collections.abc import Sequence
from uuid import UUID

from billing_service.admin.acts import Act, CannotDo, Done, Field, Preview, Wish
from billing_service.admin.deeds.fields import DAYS, PLAN
from billing_service.admin.listing import USER
from billing_service.admin.listing import UUID as UUID_PATTERN
from billing_service.grant_batches import service as batches
from billing_service.grant_batches.queries import Member, listed
from billing_service.services import Services
from billing_service.staff.roles import Role
from billing_service.timeline.words import DAYS as DAY_FORMS
from billing_service.timeline.words import plural
from billing_service.wording.words import length, moment, number

MANY, LONGEST_NAME = 200, 100


def users_of(text: str) -> Sequence[int]:
    """Ids in any order, separated by anything; each once."""
    named = [one for one in re.split(r"[\s,;]+", text) if one]
    wrong = [one for one in named if not re.fullmatch(USER, one)]
    if wrong:
        raise ValueError(f"Это не номер пользователя: {wrong[0][:30]}")
    users = list(dict.fromkeys(int(one) for one in named))
    if len(users) > MANY:
        raise ValueError(
            f"Не больше {MANY} за раз: сейчас {len(users)}. Больше — billing-service grants bulk."
        )
    return users


def name_of(text: str) -> str:
    if len(text) > LONGEST_NAME:
        raise ValueError(f"Не длиннее {LONGEST_NAME} знаков.")
    return text


def _meant(wish: Wish) -> batches.Wish:
    said = wish.said
    return batches.Wish(said["name"], listed(said["users"]), said["plan_code"], said["days"])


async def _preview(services: Services, wish: Wish) -> Preview:
    meant = _meant(wish)
    members = (await batches.look(services, meant, wish.deed)).members
    left = [one for one in members if one.grant_id is None]
    lines = [
        ("Название", meant.name),
        ("Пользователей", number(len(members))),
        ("Каждому", f"{plural(meant.days, DAY_FORMS)} тарифа {meant.plan_code}"),
        ("Всего", plural(meant.days * len(left), DAY_FORMS)),
        ("Кому", ", ".join(str(one.user_id) for one in left) or "никому: дни уже у всех"),
    ]
    if len(left) < len(members):
        lines.append(("Уже получили", number(len(members) - len(left))))
    never = [str(one.user_id) for one in left if one.ends is None]
    warning = f"У этих никогда не было доступа, проверьте номера: {', '.join(never)}" if never else ""
    return Preview(lines, warning)


async def _give(services: Services, wish: Wish) -> Done:
    """One after the other; who has his days from an earlier try keeps them."""
    batch = await batches.begin(services, _meant(wish), wish.deed)
    async for _ in batches.give(services, batch, wish.deed):
        pass
    members = await batches.list_members(services, batch.id)
    given = sum(one.grant_id is not None for one in members)
    return Done(
        f"Подарено {given} из {len(members)}.",
        [(f"/batches/{batch.id}", "К этому подарку")],
        [(str(one.user_id), _stands(one, services)) for one in members],
    )


def _stands(one: Member, services: Services) -> str:
    until = moment(one.ends, services.settings.billing_timezone) if one.ends else ""
    return f"PRO до {until}" if one.grant_id and until else "не подарено"


async def _preview_revocation(services: Services, wish: Wish) -> Preview:
    batch = await batches.get(services, UUID(wish.subject))
    standing = await batches.count_standing(services, batch.id)
    if batch.revoked_at is not None and not standing.grants:
        raise CannotDo("Эти дни уже отозваны у всех.")
    return Preview(
        [
            ("Подарок", f"{batch.name}: {plural(batch.days, DAY_FORMS)} тарифа {batch.plan_code}"),
            ("Кто подарил", f"{batch.author}: {batch.reason}"),
            ("Подарков сейчас", number(standing.grants)),
            ("Из них с неиспользованными днями", number(standing.unused)),
            (
                "Что будет",
                "неиспользованное снимется, следующие дни передвинутся; кто ещё не получил, не получит",
            ),
        ]
    )


async def _revoke(services: Services, wish: Wish) -> Done:
    batch = await batches.get(services, UUID(wish.subject))
    async for _ in batches.revoke(services, batch, wish.deed):
        pass
    taken = await batches.list_taken(services, batch.id)
    return Done(
        f"Отозвано у {len(taken)}.",
        [(f"/batches/{batch.id}", "К этому подарку")],
        [
            (str(one.user_id), f"снято: {length(one.time)}" if one.time else "всё уже было использовано")
            for one in taken
        ],
    )


ACTS = (
    Act(
        name="give-days-to-many",
        title="Подарить дни многим",
        button="Подарить дни многим",
        role=Role.FINANCE,
        subject="",
        fields=(
            Field(
                "name",
                "Название",
                hint="Под ним подарок можно найти и отозвать, например «сбой 26 ноября».",
                read=name_of,
            ),
            Field("users", "Кому", "lines", f"Номера пользователей, не больше {MANY}.", read=users_of),
            PLAN,
            DAYS,
        ),
        preview=_preview,
        perform=_give,
    ),
    Act(
        name="revoke-days-of-many",
        title="Отозвать дни у всех",
        button="Отозвать у всех",
        role=Role.FINANCE,
        subject=UUID_PATTERN,
        about="Подарок",
        preview=_preview_revocation,
        perform=_revoke,
        fits=lambda batch: batch.cells[6] is None,
        is_grave=True,
    ),
)

"""Who may come in, for the owner."""

from billing_service.admin.acts import Act, CannotDo, Done, Field, Preview, Wish
from billing_service.services import Services
from billing_service.staff import service as staff
from billing_service.staff.queries import Account
from billing_service.staff.roles import Role
from billing_service.staff.service import LastOwner, NobodyOfThatName
from billing_service.wording.words import ROLES

NAME = staff.NAME.pattern
TO_PEOPLE = [("/people", "К людям")]


async def _find(services: Services, name: str) -> Account:
    for one in await staff.list_accounts(services):
        if one.name == name:
            return one
    raise CannotDo("Такой учётной записи нет.")


def _lines(one: Account, then: str) -> list[tuple[str, str]]:
    now = "отключена" if one.disabled_at else f"роль «{ROLES[one.role]}»"
    return [("Учётная запись", one.name), ("Сейчас", now), ("Что будет", then)]


async def _preview_role(services: Services, wish: Wish) -> Preview:
    role: Role = wish.said["role"]
    known = await _find(services, wish.subject)
    if known.role is role:
        raise CannotDo("У неё уже эта роль.")
    return Preview(_lines(known, f"роль «{ROLES[role]}», со следующего действия"))


async def _set_role(services: Services, wish: Wish) -> Done:
    try:
        await staff.set_role(services, wish.subject, wish.said["role"], wish.deed)
    except LastOwner:
        raise CannotDo("Последний владелец остаётся: сначала назначьте другого.") from None
    return Done(f"Роль {wish.subject}: {ROLES[wish.said['role']]}.", TO_PEOPLE)


async def _preview_disabling(services: Services, wish: Wish) -> Preview:
    known = await _find(services, wish.subject)
    if known.disabled_at:
        raise CannotDo("Она уже отключена.")
    return Preview(_lines(known, "все её входы заканчиваются сразу, войти нельзя; имя остаётся в журнале"))


async def _disable(services: Services, wish: Wish) -> Done:
    try:
        await staff.disable(services, wish.subject, wish.deed)
    except LastOwner:
        raise CannotDo("Последний владелец остаётся: сначала назначьте другого.") from None
    except NobodyOfThatName:
        raise CannotDo("Такой учётной записи нет.") from None
    return Done(f"Учётная запись {wish.subject} отключена.", TO_PEOPLE)


async def _preview_enabling(services: Services, wish: Wish) -> Preview:
    known = await _find(services, wish.subject)
    if not known.disabled_at:
        raise CannotDo("Она и так включена.")
    return Preview(_lines(known, "сможет войти с прежним паролем"))


async def _enable(services: Services, wish: Wish) -> Done:
    await staff.enable(services, wish.subject, wish.deed)
    return Done(f"Учётная запись {wish.subject} включена.", TO_PEOPLE)


ACTS = (
    Act(
        name="change-role",
        title="Сменить роль",
        button="Сменить роль",
        role=Role.OWNER,
        subject=NAME,
        about="Учётная запись",
        fields=(Field("role", "Роль", choices=ROLES, read=Role),),
        preview=_preview_role,
        perform=_set_role,
    ),
    Act(
        name="disable-account",
        title="Отключить учётную запись",
        button="Отключить",
        role=Role.OWNER,
        subject=NAME,
        about="Учётная запись",
        preview=_preview_disabling,
        perform=_disable,
        is_grave=True,
    ),
    Act(
        name="enable-account",
        title="Включить учётную запись",
        button="Включить",
        role=Role.OWNER,
        subject=NAME,
        about="Учётная запись",
        preview=_preview_enabling,
        perform=_enable,
    ),
)

"""Who may come in, for the owner."""

from billing_service.admin.acts import Act, CannotDo, Done, Field, Preview, Wish
from billing_service.services import Services
from billing_service.staff import service as staff
from billing_service.staff.passwords import LONGEST, SHORTEST, PasswordTooWeak, refuse_weak
from billing_service.staff.queries import Account
from billing_service.staff.roles import Role
from billing_service.staff.service import LastOwner, NameRefused, NobodyOfThatName
from billing_service.wording.words import ROLES

NAME = staff.NAME.pattern
TO_PEOPLE = [("/people", "К людям")]
MAY = {
    Role.SUPPORT: "всё видеть, кроме людей; проверять уведомления, запускать задачи, брать тревоги",
    Role.FINANCE: "то же, что поддержка, а ещё дни, возвраты, тарифы и решения по платежам",
    Role.OWNER: "всё: ещё остановить списания, стереть личные данные, решать, кто входит",
}
LAST = "Последний владелец остаётся: сначала назначьте другого."


def _name(text: str) -> str:
    if not staff.NAME.fullmatch(text):
        raise ValueError("Маленькие латинские буквы и цифры, внутри также . _ @ и -; не больше 64 знаков.")
    return text


def _password(text: str) -> str:
    try:
        refuse_weak(text)
    except PasswordTooWeak:
        raise ValueError(f"Нужно от {SHORTEST} до {LONGEST} символов, не одинаковых.") from None
    return text


def _has_passwords(services: Services) -> bool:
    return not services.settings.admin_trusted_header


PASSWORD = Field(
    "password",
    "Пароль",
    "secret",
    f"От {SHORTEST} символов. Передайте лично: сменить на свой можно в меню у имени.",
    read=_password,
    is_asked=_has_passwords,
)


async def _find(services: Services, name: str) -> Account:
    for one in await staff.list_accounts(services):
        if one.name == name:
            return one
    raise CannotDo("Такой учётной записи нет.")


def _lines(one: Account, then: str) -> list[tuple[str, str]]:
    now = "отключена" if one.disabled_at else f"роль «{ROLES[one.role]}»"
    return [("Учётная запись", one.name), ("Сейчас", now), ("Что будет", then)]


async def _preview_adding(services: Services, wish: Wish) -> Preview:
    name, role = wish.said["name"], wish.said["role"]
    if any(one.name == name for one in await staff.list_accounts(services)):
        raise CannotDo("Такая учётная запись уже есть.")
    way = "по паролю" if _has_passwords(services) else "через единый вход компании"
    return Preview([("Учётная запись", name), ("Роль", ROLES[role]), ("Сможет", MAY[role]), ("Входит", way)])


async def _add(services: Services, wish: Wish) -> Done:
    name, role = wish.said["name"], wish.said["role"]
    try:
        await staff.add(services, name, role, wish.said.get("password"), wish.deed)
    except NameRefused:
        raise CannotDo("Такая учётная запись уже есть.") from None
    return Done(f"{name} может входить. Роль: {ROLES[role]}.", [(f"/people/{name}", "К записи"), *TO_PEOPLE])


async def _preview_password(services: Services, wish: Wish) -> Preview:
    if not _has_passwords(services):
        raise CannotDo("Сюда входят через единый вход компании: паролей здесь нет.")
    known = await _find(services, wish.subject)
    return Preview(_lines(known, "новый пароль; все её входы заканчиваются сразу"))


async def _set_password(services: Services, wish: Wish) -> Done:
    try:
        await staff.set_password(services, wish.subject, wish.said["password"], wish.deed)
    except NobodyOfThatName:
        raise CannotDo("Такой учётной записи нет.") from None
    return Done(f"Пароль {wish.subject} сменён.", TO_PEOPLE)


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
        raise CannotDo(LAST) from None
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
        raise CannotDo(LAST) from None
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
        name="add-account",
        title="Завести учётную запись",
        button="Завести запись",
        role=Role.OWNER,
        subject="",
        fields=(
            Field(
                "name", "Имя", hint="Им входят, и оно стоит в журнале: маленькие латинские буквы.", read=_name
            ),
            Field("role", "Роль", choices=ROLES, read=Role),
            PASSWORD,
        ),
        preview=_preview_adding,
        perform=_add,
    ),
    Act(
        name="set-password",
        title="Дать новый пароль",
        button="Дать новый пароль",
        role=Role.OWNER,
        subject=NAME,
        about="Учётная запись",
        fields=(PASSWORD,),
        preview=_preview_password,
        perform=_set_password,
    ),
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
        fits=lambda account: account.cells[4] is None,
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
        fits=lambda account: account.cells[4] is not None,
    ),
)

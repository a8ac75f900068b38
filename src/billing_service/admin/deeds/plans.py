"""What is sold, changed within the rules of `plans.changes`."""

from collections.abc import Mapping
from decimal import Decimal

from pydantic import ValidationError

from billing_service.admin.acts import Act, CannotDo, Done, Field, Preview, Wish
from billing_service.plans import changes
from billing_service.plans.operator_schemas import PlanChangeIn
from billing_service.services import Services
from billing_service.staff.roles import Role
from billing_service.wording.words import money

YES_NO = {"true": "да", "false": "нет"}
NUMBERS = ("daily_photo_limit", "history_days", "vat_code")
FLAGS = ("is_active", "ai_recognition", "advanced_stats", "priority_support")
MAY_BE_NOTHING = ("old_price", "daily_photo_limit", "vat_code")


def _money(text: str) -> str:
    return text.replace("\u00a0", "").replace(" ", "").replace(",", ".")


FIELDS = (
    Field(
        "price",
        "Цена, ₽",
        "money",
        "Для новых покупок; открытые страницы оплаты держат прежнюю.",
        read=_money,
    ),
    Field(
        "old_price", "Старая цена, ₽", "money", "Зачёркнутая; пусто — нет.", read=_money, may_be_blank=True
    ),
    Field("display_name", "Название"),
    Field("description", "Описание в чеке"),
    Field("daily_photo_limit", "Фото в день", "number", "Пусто — без ограничения.", may_be_blank=True),
    Field("history_days", "История, дней", "number", "−1 — вся."),
    Field("is_active", "Продаётся", choices=YES_NO),
    Field("ai_recognition", "Распознавание", choices=YES_NO),
    Field("advanced_stats", "Расширенная статистика", choices=YES_NO),
    Field("priority_support", "Приоритетная поддержка", choices=YES_NO),
    Field("vat_code", "Код НДС", "number", "Пусто — как настроено.", may_be_blank=True),
)
TITLES = {one.name: one.title for one in FIELDS}


def _written(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


async def _now(services: Services, code: str) -> Mapping[str, str]:
    terms = changes.terms_of(await changes.get(services, code))
    return {name: _written(terms[name]) for name in TITLES}


async def _news(services: Services, wish: Wish) -> tuple[Mapping[str, object], Mapping[str, object]]:
    """What is so now, and what shall be another way."""
    terms = changes.terms_of(await changes.get(services, wish.subject))
    said = {name: _meant(name, value) for name, value in wish.said.items()}
    try:
        body = PlanChangeIn.model_validate(said | {"author": wish.deed.author, "reason": wish.deed.reason})
    except ValidationError as error:
        wrong = dict.fromkeys(TITLES.get(str(one["loc"][0]), str(one["loc"][0])) for one in error.errors())
        raise CannotDo(f"Так нельзя: {', '.join(wrong)}.") from None
    return terms, {name: value for name, value in body.terms().items() if terms[name] != value}


def _meant(name: str, value: object) -> object:
    if value is None:
        return None
    text = str(value)
    if name in FLAGS:
        return text == "true"
    is_number = name in NUMBERS and text.replace("\u2212", "-").removeprefix("-").isdecimal()
    return int(text.replace("\u2212", "-")) if is_number else text


def _shown(value: object) -> str:
    if value is None:
        return "нет"
    if isinstance(value, bool):
        return "да" if value else "нет"
    return money(value) if isinstance(value, Decimal) else str(value)


async def _preview(services: Services, wish: Wish) -> Preview:
    terms, news = await _news(services, wish)
    if not news:
        raise CannotDo("Ничего не изменено.")
    lines = [("Тариф", wish.subject)]
    lines += [(TITLES[name], f"{_shown(terms[name])} → {_shown(value)}") for name, value in news.items()]
    warning = (
        "Новая цена — для новых покупок. Кто согласился на автоматические списания по старой, "
        "без нового согласия по новой списан не будет."
        if "price" in news
        else ""
    )
    return Preview(lines, warning)


async def _change(services: Services, wish: Wish) -> Done:
    _, news = await _news(services, wish)
    await changes.change(services, wish.subject, news, wish.deed)
    return Done(f"Тариф {wish.subject} изменён.", [(f"/plans/{wish.subject}", "К тарифу")])


ACTS = (
    Act(
        name="change-plan",
        title="Изменить тариф",
        button="Изменить",
        role=Role.FINANCE,
        subject=r"[A-Z0-9_]{1,64}",
        about="Тариф",
        fields=FIELDS,
        now=_now,
        preview=_preview,
        perform=_change,
    ),
)

"""What is said of a plan, as people write and read it."""

from collections.abc import Mapping
from decimal import Decimal

from pydantic import ValidationError

from billing_service.admin.acts import CannotDo, Field
from billing_service.plans.operator_schemas import NewPlanIn, PlanChangeIn
from billing_service.wording.words import money

YES_NO = {"true": "да", "false": "нет"}
WITHOUT_LIMIT = "без ограничения"


def _money(text: str) -> str:
    return text.replace("\u00a0", "").replace(" ", "").replace(",", ".")


def _whole(text: str) -> int:
    written = text.replace("\N{MINUS SIGN}", "-")
    if not written.isascii() or not written.removeprefix("-").isdecimal() or len(written) > 9:
        raise ValueError("Это целое число.")
    return int(written)


def _flag(text: str) -> bool:
    return text == "true"


def _limits(text: str) -> Mapping[str, int | None]:
    """A line a feature: its name, then how many a day."""
    limits: dict[str, int | None] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, most = line.partition(" ")
        limits[name] = None if most.strip() == WITHOUT_LIMIT else _whole(most.strip())
    return limits


PRICE = Field(
    "price", "Цена, ₽", "money", "Для новых покупок; открытые страницы оплаты держат прежнюю.", read=_money
)
DAYS = Field(
    "duration_days", "Дней", "number", "Пока тариф никто не покупал; потом не меняется.", read=_whole
)
TERMS = (
    PRICE,
    Field(
        "old_price", "Старая цена, ₽", "money", "Зачёркнутая; пусто — нет.", read=_money, may_be_blank=True
    ),
    Field("display_name", "Название"),
    Field("description", "Описание в чеке"),
    DAYS,
    Field(
        "daily_photo_limit",
        "Фото в день",
        "number",
        "Пусто — без ограничения.",
        read=_whole,
        may_be_blank=True,
    ),
    Field(
        "daily_limits",
        "Другие лимиты в день",
        "lines",
        f"По строке: возможность и сколько в день или «{WITHOUT_LIMIT}». Чего здесь нет, того в тарифе нет.",
        read=_limits,
        may_be_blank=True,
    ),
    Field("history_days", "История, дней", "number", "−1 — вся.", read=_whole),
    Field("is_active", "Продаётся", choices=YES_NO, read=_flag, default="true"),
    Field("ai_recognition", "Распознавание", choices=YES_NO, read=_flag, default="true"),
    Field("advanced_stats", "Расширенная статистика", choices=YES_NO, read=_flag, default="true"),
    Field("priority_support", "Приоритетная поддержка", choices=YES_NO, read=_flag, default="true"),
    Field("vat_code", "Код НДС", "number", "Пусто — как настроено.", read=_whole, may_be_blank=True),
)
CODE = Field("code", "Код", hint="Навсегда, как PRO_QUARTERLY: заглавные латинские буквы, цифры и _.")
TITLES = {one.name: one.title for one in (CODE, *TERMS)}


def written(value: object) -> str:
    """As it stands in a form."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return "\n".join(f"{name} {WITHOUT_LIMIT if most is None else most}" for name, most in value.items())
    return str(value).lower() if isinstance(value, bool) else str(value)


NOTHING = {"daily_photo_limit": WITHOUT_LIMIT, "vat_code": "как настроено"}


def shown(name: str, value: object) -> str:
    """As it is read."""
    if value is None or value == {}:
        return NOTHING.get(name, "нет")
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, Mapping):
        return written(value).replace("\n", ", ")
    return money(value) if isinstance(value, Decimal) else str(value)


def meant(
    kind: type[PlanChangeIn | NewPlanIn], said: Mapping[str, object], author: str, reason: str
) -> Mapping[str, object]:
    """The terms that were said, as the service knows them. Raises `CannotDo`, which names what is wrong."""
    limits = {} if said.get("daily_limits") is None else said["daily_limits"]
    try:
        body = kind.model_validate({**said, "daily_limits": limits, "author": author, "reason": reason})
    except ValidationError as error:
        wrong = dict.fromkeys(TITLES.get(str(one["loc"][0]), str(one["loc"][0])) for one in error.errors())
        raise CannotDo(f"Так нельзя: {', '.join(wrong)}.") from None
    return body.terms()

"""What is sold, within the rules of `plans.changes`: changed, added, withdrawn and sold again."""

from collections.abc import Mapping
from decimal import Decimal

from billing_service.admin.acts import Act, CannotDo, Done, Preview, Wish
from billing_service.admin.deeds.plan_fields import CODE, TERMS, TITLES, meant, shown, written
from billing_service.plans import changes
from billing_service.plans.models import Plan
from billing_service.plans.operator_schemas import NewPlanIn, PlanChangeIn
from billing_service.renewals import candidates
from billing_service.services import Services
from billing_service.staff.roles import Role
from billing_service.web.errors.operators import PlanNotFound
from billing_service.wording.words import money, number

PLAN_CODE = r"[A-Z0-9_]{1,64}"
DEARER = (
    "Новая цена — для новых покупок. Кто согласился на автоматические списания по старой, "
    "без нового согласия по новой списан не будет."
)
CHEAPER = (
    "Новая цена — для новых покупок и автоматических списаний: о них предупредят заново, уже с новой суммой."
)
WITHDRAWN = "Автопродление по нему больше не спишет: у кого оно включено, подписка закончится."


async def _now(services: Services, code: str) -> Mapping[str, str]:
    terms = changes.terms_of(await changes.get(services, code))
    return {one.name: written(terms[one.name]) for one in TERMS}


async def _news(services: Services, wish: Wish) -> tuple[Mapping[str, object], Mapping[str, object]]:
    """What is so now, and what shall be another way."""
    terms = changes.terms_of(await changes.get(services, wish.subject))
    said = meant(PlanChangeIn, wish.said, wish.deed.author, wish.deed.reason)
    return terms, {name: value for name, value in said.items() if terms[name] != value}


async def _preview(services: Services, wish: Wish) -> Preview:
    terms, news = await _news(services, wish)
    if not news:
        raise CannotDo("Ничего не изменено.")
    lines = [("Тариф", wish.subject)]
    lines += [
        (TITLES[name], f"{shown(name, terms[name])} → {shown(name, value)}") for name, value in news.items()
    ]
    return Preview(lines, await _price_warning(services, wish.subject, terms["price"], news.get("price")))


async def _price_warning(services: Services, code: str, old: object, new: object) -> str:
    """What a price means for those who renew; empty while it stays."""
    if not isinstance(old, Decimal) or not isinstance(new, Decimal):
        return ""
    return f"{DEARER}{await _planned(services, code, below=new)}" if new > old else CHEAPER


async def _planned(services: Services, code: str, *, below: Decimal | None = None) -> str:
    """How many charges of this plan would not come, whose payers agreed to less than `below` or to whatever."""
    lost = await candidates.count_lost(services, code, below=below)
    if not lost.charges:
        return ""
    least = "" if lost.are_all else "не меньше "
    return (
        f" На месяц вперёд таких списаний намечено: {least}{number(lost.charges)}, на {money(lost.amount)}."
    )


async def _change(services: Services, wish: Wish) -> Done:
    _, news = await _news(services, wish)
    await changes.change(services, wish.subject, news, wish.deed)
    return Done(f"Тариф {wish.subject} изменён.", _to(wish.subject))


def _to(code: str) -> list[tuple[str, str]]:
    return [(f"/plans/{code}", "К тарифу")]


def _new(wish: Wish) -> tuple[str, Mapping[str, object]]:
    code: str = wish.said["code"]
    return code, meant(NewPlanIn, wish.said, wish.deed.author, wish.deed.reason)


async def _preview_adding(services: Services, wish: Wish) -> Preview:
    code, terms = _new(wish)
    if any(plan.code == code for plan in await changes.list_all(services)):
        raise CannotDo("Тариф с таким кодом уже есть.")
    lines = [("Код", code), *((TITLES[name], shown(name, terms[name])) for name in TITLES if name in terms)]
    return Preview(lines, "Как только тариф купят, число дней станет навсегда таким.")


async def _add(services: Services, wish: Wish) -> Done:
    code, terms = _new(wish)
    plan = await changes.add(services, code, terms, wish.deed)
    return Done(f"Тариф {code} добавлен{'' if plan.is_active else ', пока не продаётся'}.", _to(code))


async def _of_money(services: Services, code: str) -> Plan:
    plan = await changes.get(services, code)
    if plan.price == 0 or plan.is_test:
        raise PlanNotFound
    return plan


async def _preview_withdrawal(services: Services, wish: Wish) -> Preview:
    plan = await _of_money(services, wish.subject)
    if not plan.is_active:
        raise CannotDo("Он и так не продаётся.")
    return Preview(
        [
            ("Тариф", f"{plan.display_name} ({plan.code}), {money(plan.price)}"),
            ("Что будет", "новых покупок нет; открытые страницы оплаты действуют до своего срока"),
            ("Оплаченные дни", "остаются"),
        ],
        f"{WITHDRAWN}{await _planned(services, plan.code)}",
    )


async def _withdraw(services: Services, wish: Wish) -> Done:
    await changes.change(services, wish.subject, {"is_active": False}, wish.deed)
    return Done(f"Тариф {wish.subject} снят с продажи.", _to(wish.subject))


async def _preview_sale(services: Services, wish: Wish) -> Preview:
    plan = await _of_money(services, wish.subject)
    if plan.is_active:
        raise CannotDo("Он уже продаётся.")
    price = money(plan.price)
    return Preview(
        [
            ("Тариф", f"{plan.display_name} ({plan.code})"),
            ("Будет продаваться", f"{price} за {plan.duration_days} дн."),
        ]
    )


async def _sell(services: Services, wish: Wish) -> Done:
    await changes.change(services, wish.subject, {"is_active": True}, wish.deed)
    return Done(f"Тариф {wish.subject} снова продаётся.", _to(wish.subject))


ACTS = (
    Act(
        name="change-plan",
        title="Изменить тариф",
        button="Изменить",
        role=Role.FINANCE,
        subject=PLAN_CODE,
        about="Тариф",
        fields=TERMS,
        now=_now,
        preview=_preview,
        perform=_change,
    ),
    Act(
        name="withdraw-plan",
        title="Снять тариф с продажи",
        button="Снять с продажи",
        role=Role.FINANCE,
        subject=PLAN_CODE,
        about="Тариф",
        preview=_preview_withdrawal,
        perform=_withdraw,
        fits=lambda plan: plan.cells[6],
        is_grave=True,
    ),
    Act(
        name="sell-plan",
        title="Продавать тариф снова",
        button="Продавать снова",
        role=Role.FINANCE,
        subject=PLAN_CODE,
        about="Тариф",
        preview=_preview_sale,
        perform=_sell,
        fits=lambda plan: plan.cells[2] > 0 and not plan.cells[6],
    ),
    Act(
        name="add-plan",
        title="Добавить тариф",
        button="Добавить тариф",
        role=Role.FINANCE,
        subject="",
        fields=(CODE, *TERMS),
        preview=_preview_adding,
        perform=_add,
    ),
)

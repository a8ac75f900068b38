"""Answering a payer who wants his money back: it goes back, or he reads why not."""

from uuid import UUID

from billing_service.admin.acts import Act, CannotDo, Done, Preview, Wish
from billing_service.admin.deeds import money as sending
from billing_service.admin.listing import UUID as UUID_PATTERN
from billing_service.admin.listing_queries import Line
from billing_service.refund_requests import service as refund_requests
from billing_service.refund_requests.queries import Case
from billing_service.refund_requests.schemas import case_number
from billing_service.services import Services
from billing_service.staff.roles import Role
from billing_service.wording.words import moment, money

TO_ALL = ("/refund-requests?state=open", "К просьбам")
ALL_THAT_IS_LEFT = {"amount": None, "access": None, "email": None}


async def _open_case(services: Services, wish: Wish) -> Case:
    case = await refund_requests.get(services, UUID(wish.subject))
    if case.concluded_at is not None:
        raise CannotDo("На эту просьбу уже ответили.")
    return case


def _lines(services: Services, case: Case) -> list[tuple[str, str]]:
    return [
        ("Просьба", case_number(case)),
        ("Почему просит", case.reason),
        ("Ответить до", moment(case.answer_by, services.settings.billing_timezone)),
    ]


def _of_payment(case: Case, wish: Wish) -> Wish:
    """The refund of all that is left of its payment, as configured."""
    return Wish(str(case.payment_id), ALL_THAT_IS_LEFT, wish.deed, wish.key)


async def _preview_refund(services: Services, wish: Wish) -> Preview:
    case = await _open_case(services, wish)
    refund = await sending.preview_refund(services, _of_payment(case, wish))
    return Preview([*_lines(services, case), *refund.lines], refund.warning)


async def _refund(services: Services, wish: Wish) -> Done:
    """What concludes the case is the refund's success, whenever YooKassa says so."""
    case = await refund_requests.get(services, UUID(wish.subject))
    done = await sending.refund(services, _of_payment(case, wish))
    return Done(done.text, [*done.links, TO_ALL])


async def _preview_refusal(services: Services, wish: Wish) -> Preview:
    case = await _open_case(services, wish)
    return Preview(
        [
            *_lines(services, case),
            ("Пользователь", str(case.user_id)),
            ("Платёж на", money(case.amount)),
            ("Что прочитает плательщик", wish.deed.reason),
            ("Деньги и доступ", "остаются как есть; автопродление остаётся выключенным"),
        ]
    )


async def _refuse(services: Services, wish: Wish) -> Done:
    case = await refund_requests.refuse(services, UUID(wish.subject), wish.deed)
    if case.concluded_at is None:
        raise CannotDo("Деньги по этой просьбе уже возвращаются.")
    if case.refusal != wish.deed.reason:
        raise CannotDo("На эту просьбу уже ответили иначе.")
    return Done(f"{case_number(case)}: отказано, ответ передан.", [TO_ALL])


def _is_open(row: Line) -> bool:
    return row.cells[4] in {"WAITING", "LATE"}


ACTS = (
    Act(
        name="refund-on-request",
        title="Вернуть деньги по просьбе",
        button="Вернуть деньги",
        role=Role.FINANCE,
        subject=UUID_PATTERN,
        about="Просьба",
        preview=_preview_refund,
        perform=_refund,
        fits=_is_open,
        is_grave=True,
    ),
    Act(
        name="refuse-refund-request",
        title="Отказать в возврате",
        button="Отказать",
        role=Role.FINANCE,
        subject=UUID_PATTERN,
        about="Просьба",
        preview=_preview_refusal,
        perform=_refuse,
        fits=_is_open,
        reason_hint="Её прочитает плательщик; в журнале останется ваше имя.",
    ),
)

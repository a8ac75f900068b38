"""Money back, and no more charges: for one payment, for one user, for everybody."""

from uuid import UUID

from billing_service.admin.acts import Act, CannotDo, Done, Field, Preview, Wish
from billing_service.admin.deeds.fields import amount_of
from billing_service.admin.listing import USER
from billing_service.admin.listing import UUID as UUID_PATTERN
from billing_service.admin.listing_queries import Line
from billing_service.charging import service as charging
from billing_service.charging.service import Charging
from billing_service.kit.payer import UNKNOWN_PAYER
from billing_service.payment_methods import service as payment_methods
from billing_service.payment_methods.queries import Charge
from billing_service.payment_methods.schemas import payment_method_out
from billing_service.receipts.contact import Contact
from billing_service.receipts.schemas import StrictReceiptContactIn
from billing_service.refunds import previews
from billing_service.refunds import service as refunds
from billing_service.refunds.access import Access, is_full, takes_all
from billing_service.refunds.orders import Order
from billing_service.services import Services
from billing_service.staff.roles import Role
from billing_service.user_states import service as user_states
from billing_service.web.errors.refunds import RefundUnanswered
from billing_service.wording.rules import stopped_because
from billing_service.wording.statuses import ACCESS, REFUND_STATUS
from billing_service.wording.words import kept_method, moment, money


def _order(wish: Wish) -> Order:
    email: Contact | None = wish.said["email"]
    return Order(
        payment_id=UUID(wish.subject),
        amount=wish.said["amount"],
        access=wish.said["access"],
        reason=wish.deed.reason,
        author=wish.deed.author,
        caller=wish.deed.caller,
        idempotency_key=wish.key.hex,
        request_id=wish.deed.request_id,
        receipt_contact=email,
    )


def _email(text: str) -> Contact:
    try:
        return StrictReceiptContactIn.model_validate({"email": text}).contact
    except ValueError:
        raise ValueError("Это не адрес почты.") from None


async def preview_refund(services: Services, wish: Wish) -> Preview:
    """Of a payment."""
    outlook = await previews.look_ahead(services, _order(wish))
    lines = [
        ("Пользователь", str(outlook.user_id)),
        ("За что платили", outlook.description or "—"),
        ("Заплачено", money(outlook.paid)),
        ("Уже возвращено", money(outlook.returned)),
        ("Возвращается сейчас", money(outlook.open)),
        ("Вернётся", money(outlook.amount)),
        ("После этого останется", money(outlook.paid - outlook.returned - outlook.open - outlook.amount)),
        ("С доступом", ACCESS[outlook.access]),
    ]
    back = outlook.returned + outlook.open
    full = is_full(amount=outlook.amount, returned_before=back, paid=outlook.paid)
    is_all = takes_all(outlook.access, full=full)
    warning = "Все неиспользованные дни этой покупки снимутся, автопродление выключится." if is_all else ""
    return Preview(lines, warning)


async def refund(services: Services, wish: Wish) -> Done:
    """Once under the key of its form."""
    links = [(f"/payments/{wish.subject}", "К платежу")]
    try:
        sent = await refunds.start(services, _order(wish))
    except RefundUnanswered:
        return Done("ЮKassa ещё не ответила: возврат отправляется, повторять не нужно.", links)
    state = REFUND_STATUS[sent.status]
    because = f" ({sent.cancellation_reason})" if sent.cancellation_reason else ""
    return Done(
        f"Возврат {money(sent.amount)}: {state}{because}.",
        [(f"/refunds/{sent.id}", "К возврату"), *links],
    )


async def charged_by(services: Services, user_id: int) -> list[tuple[str, str]]:
    """How a user is charged now."""
    (state,) = await user_states.list_states(services, [user_id])
    return [
        ("Способ оплаты", kept_method(payment_method_out(state.method))),
        ("Автопродление", "включено" if state.row["auto_renew"] else "выключено"),
    ]


def still_in_flight(charge: Charge | None) -> str:
    """What is said of a charge that may have left before."""
    if charge is None:
        return ""
    return f" Списание {money(charge.amount)} могло уйти раньше: если оно пройдёт, деньги вернутся сами."


async def _preview_refusal(services: Services, wish: Wish) -> Preview:
    return Preview(
        [
            ("Пользователь", wish.subject),
            *await charged_by(services, int(wish.subject)),
            ("Что будет", "ни с одной карты пользователя больше ничего не спишется, согласия отзываются"),
            ("Оплаченные дни", "остаются"),
        ],
        "Отменить это нельзя: карту можно будет только сохранить заново, с согласия пользователя.",
    )


async def _refuse(services: Services, wish: Wish) -> Done:
    user_id = int(wish.subject)
    receipt = await payment_methods.refuse(
        services, user_id=user_id, caller=wish.deed.caller, payer=UNKNOWN_PAYER, deed=wish.deed
    )
    left = still_in_flight(receipt.in_flight)
    return Done(
        f"С карт пользователя {user_id} больше ничего не спишется.{left}",
        [(f"/users/{user_id}", "К пользователю")],
    )


def _charging_lines(services: Services, now: Charging, then: str) -> list[tuple[str, str]]:
    zone = services.settings.billing_timezone
    stops = "; ".join(
        f"{stop.author} с {moment(stop.stopped_since, zone)}: {stopped_because(stop.source, stop.reason)}"
        for stop in now.stops
        if stop.stopped_since
    )
    return [
        ("Сейчас", "списания идут" if now.is_charging else "списания не идут"),
        ("Кем остановлены", stops or "никем"),
        ("Настройка BILLING_RECURRING_ENABLED", "включена" if now.enabled else "выключена"),
        ("Что будет", then),
    ]


async def _preview_stop(services: Services, _: Wish) -> Preview:
    now = await charging.read(services)
    if any(stop.source == "operator" for stop in now.stops):
        raise CannotDo("Списания уже остановлены.")
    return Preview(
        _charging_lines(
            services, now, "никого не списываем, пока владелец не возобновит; что уже ушло, учтётся"
        ),
        "Подписки, которые не продлятся вовремя, закончатся.",
    )


async def _stop(services: Services, wish: Wish) -> Done:
    await charging.stop(services, wish.deed)
    return Done("Списания остановлены для всех.", [("/", "На первую страницу")])


async def _preview_start(services: Services, _: Wish) -> Preview:
    now = await charging.read(services)
    if not now.stops:
        raise CannotDo("Списания никто не останавливал.")
    return Preview(_charging_lines(services, now, "все остановки снимаются, отказы считаются заново"))


async def _start(services: Services, wish: Wish) -> Done:
    await charging.start(services, wish.deed)
    return Done("Списания возобновлены.", [("/", "На первую страницу")])


def _is_anything_left(payment: Line) -> bool:
    _, _, amount, _, status, _, returned, on_its_way, *_ = payment.cells
    return bool(status == "SUCCEEDED" and (returned or 0) + (on_its_way or 0) < amount)


ACTS = (
    Act(
        name="refund",
        title="Вернуть деньги",
        button="Вернуть деньги",
        role=Role.FINANCE,
        subject=UUID_PATTERN,
        about="Платёж",
        fields=(
            Field(
                "amount", "Сумма", "money", "Пусто — всё, что осталось.", read=amount_of, may_be_blank=True
            ),
            Field("access", "Что с доступом", choices=ACCESS, read=Access, may_be_blank=True),
            Field(
                "email",
                "Почта для чека",
                hint="Только для части суммы и если почта неизвестна.",
                read=_email,
                may_be_blank=True,
            ),
        ),
        preview=preview_refund,
        perform=refund,
        fits=_is_anything_left,
        is_grave=True,
    ),
    Act(
        name="refuse-card",
        title="Больше не списывать с пользователя",
        button="Больше не списывать",
        role=Role.FINANCE,
        subject=USER,
        about="Пользователь",
        preview=_preview_refusal,
        perform=_refuse,
        is_grave=True,
    ),
    Act(
        name="stop-charging",
        title="Остановить все списания",
        button="Остановить списания",
        role=Role.OWNER,
        subject="",
        preview=_preview_stop,
        perform=_stop,
        is_grave=True,
    ),
    Act(
        name="start-charging",
        title="Возобновить списания",
        button="Возобновить списания",
        role=Role.OWNER,
        subject="",
        preview=_preview_start,
        perform=_start,
    ),
)

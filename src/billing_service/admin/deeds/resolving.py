"""What only a person can decide: about money that no rule can, and that an alarm is over."""

from billing_service.admin.acts import Act, CannotDo, Done, Field, Preview, Wish, line_of
from billing_service.admin.deeds.fields import plans_to_give
from billing_service.admin.listing_queries import Line
from billing_service.admin.lists.log import ALARMS
from billing_service.alarms import service as alarms
from billing_service.audit import service as audit
from billing_service.kit.alarms import Alarm
from billing_service.resolutions import service as resolutions
from billing_service.resolutions.decisions import CannotResolve, Decision, Verb
from billing_service.resolutions.service import KINDS, Prospect
from billing_service.services import Services
from billing_service.staff.roles import Role
from billing_service.wording.resolutions import SEEN, VERBS, told
from billing_service.wording.statuses import PAYMENT_STATUS
from billing_service.wording.words import alarm, money, number
from billing_service.yookassa.errors import YookassaError

SILENT = "ЮKassa сейчас не ответила: ничего не решено, повторите через минуту."


def _is_about_money(identity: str) -> bool:
    """An id of a payment or refund, or an alarm about one."""
    kind, is_alarm, _ = identity.partition(":")
    return not is_alarm or kind in {one.value for one in KINDS}


def _is_over(row: Line) -> bool:
    """Of an alarm; a payment may be decided about at any time."""
    return bool(row.cells[4] == "RESOLVED")


def _decision(wish: Wish) -> Decision:
    if not _is_about_money(wish.subject):
        raise CannotDo("Эта тревога не о деньгах: её закрывают, когда причины больше нет.")
    return Decision(
        wish.subject.partition(":")[2] or wish.subject,
        wish.said["verb"],
        wish.deed,
        wish.said["user_id"],
        wish.said["plan_code"],
    )


def _user(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 0 < int(text[:20]) < 2**63:
        raise ValueError("Номер пользователя — целое число.")
    return int(text)


def _found(prospect: Prospect) -> list[tuple[str, str]]:
    ours, seen = prospect.payment, prospect.seen
    lines = [("Наш платёж", "нет")]
    if ours is not None:
        lines = [
            ("Наш платёж", f"{ours.id}: {PAYMENT_STATUS[ours.status]}, {money(ours.amount)}"),
            ("Пользователь", str(ours.user_id)),
            ("Уже возвращено или возвращается", money(prospect.returned)),
        ]
    if seen is not None:
        lines.append(("ЮKassa говорит", f"{SEEN.get(seen.status, seen.status)}, {money(seen.amount.value)}"))
    return lines


async def _preview(services: Services, wish: Wish) -> Preview:
    decision = _decision(wish)
    try:
        prospect = await resolutions.look(services, decision)
    except YookassaError:
        raise CannotDo(SILENT) from None
    said = [("Пользователь по вашим словам", wish.said["user_id"]), ("Тариф", wish.said["plan_code"])]
    return Preview(
        [
            ("О чём", decision.subject),
            *_found(prospect),
            *((title, str(value)) for title, value in said if value),
            ("Решение", VERBS[decision.verb]),
            ("Тревоги, которые снимутся", ", ".join(map(alarm, prospect.alarms)) or "нет"),
            ("Уведомления, которые закроются", number(prospect.notifications)),
        ],
        _warning(decision.verb, prospect),
    )


def _warning(verb: Verb, prospect: Prospect) -> str:
    if verb is Verb.REFUND:
        return "Вернётся всё, что от платежа осталось, и снимутся его дни, как настроено."
    ours, seen = prospect.payment, prospect.seen
    if verb is Verb.GRANT and ours and seen and seen.amount.value != ours.amount:
        paid = money(seen.amount.value)
        return f"Заплачено {paid} вместо {money(ours.amount)}: дней будет дано столько, сколько куплено."
    return ""


async def _resolve(services: Services, wish: Wish) -> Done:
    try:
        outcome = await resolutions.resolve(services, _decision(wish))
    except CannotResolve as error:
        raise CannotDo(told(error.said)) from None
    except YookassaError:
        raise CannotDo(SILENT) from None
    before = outcome.before
    already = f" Это уже решил {before.author}: {before.reason}." if before else ""
    return Done(f"{told(outcome.done)}{already}", [("/alarms?state=open", "К открытым тревогам")])


async def _preview_closing(services: Services, wish: Wish) -> Preview:
    line = await line_of(services, ALARMS, wish)
    if _is_about_money(wish.subject):
        raise CannotDo("Эта тревога о деньгах: о ней решают, что сделать с платежом.")
    if line.cells[4] == "RESOLVED":
        raise CannotDo("Эта тревога уже решена.")
    _, kind, subject, times, *_ = line.cells
    return Preview(
        [
            ("Тревога", f"{alarm(kind)}: {subject}"),
            ("Встретилась раз", number(times)),
            ("Что будет", "её больше нет среди открытых; встретится снова — откроется снова"),
        ]
    )


async def _close(services: Services, wish: Wish) -> Done:
    kind, _, subject = wish.subject.partition(":")
    async with services.statements.transaction() as tx:
        if await alarms.resolve(tx, [Alarm(kind)], [subject]):
            await audit.record(tx, "alarm.closed", wish.deed, details={"alarm": kind, "subject": subject})
    return Done("Тревога закрыта.", [("/alarms?state=open", "К открытым тревогам")])


ACTS = (
    Act(
        name="resolve-payment",
        title="Решить о платеже",
        button="Решить о платеже",
        role=Role.FINANCE,
        subject=r"([a-z_]{1,60}:)?[0-9A-Za-z._-]{1,100}",
        fields=(
            # Nothing is chosen beforehand: it is money, and who only clicks on has not decided.
            Field("verb", "Что сделать", choices={"": "выберите", **VERBS}, read=Verb),
            Field(
                "user_id",
                "Чей он",
                "number",
                "Только если сам платёж этого не говорит.",
                read=_user,
                may_be_blank=True,
            ),
            Field(
                "plan_code",
                "За какой тариф",
                hint="Только если сам платёж этого не говорит.",
                choices_of=plans_to_give,
                may_be_blank=True,
                blank="как сказано в платеже",
            ),
        ),
        fits=lambda row: _is_about_money(row.identity) and not _is_over(row),
        preview=_preview,
        perform=_resolve,
        is_grave=True,
    ),
    Act(
        name="close-alarm",
        title="Закрыть тревогу",
        button="Закрыть",
        role=Role.SUPPORT,
        subject=ALARMS.pattern,
        fits=lambda row: not _is_about_money(row.identity) and not _is_over(row),
        preview=_preview_closing,
        perform=_close,
    ),
)

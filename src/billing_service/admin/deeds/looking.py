"""What support may do: have something looked at again, and say who takes care of an alarm."""

from billing_service.admin.acts import Act, CannotDo, Done, Preview, Wish, line_of
from billing_service.admin.lists.log import ALARMS, JOBS
from billing_service.admin.lists.messages import NOTIFICATIONS
from billing_service.alarms import service as alarms
from billing_service.audit import service as audit
from billing_service.kit.jobs import AlreadyQueued, run_again
from billing_service.services import Services
from billing_service.staff.roles import Role
from billing_service.webhooks import service as webhooks
from billing_service.webhooks.service import NothingToClose, NotThere
from billing_service.webhooks.states import UNSETTLED
from billing_service.wording import jobs
from billing_service.wording.statuses import NOTIFICATION_STATUS as STATUS


async def _preview_replay(services: Services, wish: Wish) -> Preview:
    line = await line_of(services, NOTIFICATIONS, wish)
    _, event, payment, status, *_ = line.cells
    return Preview(
        [
            ("Уведомление", f"{wish.subject}: {event}"),
            ("Платёж в ЮKassa", payment),
            ("Сейчас", STATUS.get(status, status)),
            ("Что будет", "свободный обработчик ещё раз спросит ЮKassa о платеже и учтёт её ответ"),
        ]
    )


async def _replay(services: Services, wish: Wish) -> Done:
    try:
        await webhooks.replay(services, int(wish.subject), wish.deed)
    except NotThere:
        raise CannotDo("Такого уведомления нет.") from None
    return Done(
        "Уведомление поставлено на проверку: результат появится через несколько секунд.",
        [(f"/notifications/{wish.subject}", "К уведомлению")],
    )


async def _preview_closing(services: Services, wish: Wish) -> Preview:
    line = await line_of(services, NOTIFICATIONS, wish)
    _, event, payment, status, *_ = line.cells
    if status not in UNSETTLED:
        raise CannotDo(f"Закрывать нечего: {STATUS.get(status, status)}.")
    return Preview(
        [
            ("Уведомление", f"{wish.subject}: {event}"),
            ("Платёж в ЮKassa", payment),
            ("Сейчас", STATUS.get(status, status)),
            ("Что будет", "его больше не проверяют; новая копия или проверка вручную откроет снова"),
            ("Платёж и доступ", "не меняются"),
        ]
    )


async def _close(services: Services, wish: Wish) -> Done:
    try:
        await webhooks.close(services, int(wish.subject), wish.deed)
    except (NotThere, NothingToClose):
        raise CannotDo("Закрывать уже нечего.") from None
    return Done("Уведомление закрыто.", [(f"/notifications/{wish.subject}", "К уведомлению")])


async def _preview_acknowledge(services: Services, wish: Wish) -> Preview:
    line = await line_of(services, ALARMS, wish)
    if line.cells[4] == "RESOLVED":
        raise CannotDo("Эта тревога уже решена.")
    return Preview(
        [
            ("Тревога", wish.subject),
            ("Занимается сейчас", line.cells[5] or "никто"),
            ("Будет заниматься", wish.deed.author),
        ]
    )


async def _acknowledge(services: Services, wish: Wish) -> Done:
    kind, _, subject = wish.subject.partition(":")
    async with services.statements.transaction() as tx:
        if await alarms.acknowledge(tx, kind, subject, wish.deed.author):
            await audit.record(
                tx, "alarm.acknowledged", wish.deed, details={"alarm": kind, "subject": subject}
            )
    return Done("Тревога взята в работу.", [("/alarms?state=open", "К открытым тревогам")])


async def _preview_run(services: Services, wish: Wish) -> Preview:
    line = await line_of(services, JOBS, wish)
    _, name, about, attempts, _, *_ = line.cells
    return Preview(
        [
            ("Задача", f"{wish.subject}: {jobs.JOBS.get(name, name)}"),
            ("О чём", jobs.SCHEDULES.get(about, about) or "—"),
            ("Попыток было", str(attempts)),
            ("Что будет", "её возьмёт свободный обработчик; не получится — снова пробует сутки"),
        ]
    )


async def _run(services: Services, wish: Wish) -> Done:
    try:
        async with services.statements.transaction() as tx:
            if await run_again(tx, int(wish.subject)):
                await audit.record(tx, "job.run_again", wish.deed, details={"job_id": int(wish.subject)})
    except AlreadyQueued:
        raise CannotDo("Такая же задача уже стоит в очереди.") from None
    return Done("Задача запущена снова.", [("/jobs", "К оставленным задачам")])


ACTS = (
    Act(
        name="run-job-again",
        title="Запустить задачу снова",
        button="Запустить снова",
        role=Role.SUPPORT,
        subject=JOBS.pattern,
        about="Задача",
        preview=_preview_run,
        perform=_run,
    ),
    Act(
        name="replay-notification",
        title="Проверить уведомление ещё раз",
        button="Проверить ещё раз",
        role=Role.SUPPORT,
        subject=NOTIFICATIONS.pattern,
        preview=_preview_replay,
        perform=_replay,
    ),
    Act(
        name="close-notification",
        title="Закрыть уведомление",
        button="Закрыть",
        role=Role.SUPPORT,
        subject=NOTIFICATIONS.pattern,
        about="Уведомление",
        preview=_preview_closing,
        perform=_close,
    ),
    Act(
        name="acknowledge-alarm",
        title="Взять тревогу в работу",
        button="Взять в работу",
        role=Role.SUPPORT,
        subject=ALARMS.pattern,
        preview=_preview_acknowledge,
        perform=_acknowledge,
        fits=lambda alarm: alarm.cells[4] != "RESOLVED",
    ),
)

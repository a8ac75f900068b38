"""The jobs of a worker, one round after the other: whatever is due, and then asleep until something will be.

The jobs and the schedules are the worker's own. The job library's loop, which looks each second, is not: in a world of
months it would look five million times.
"""

import asyncio
from datetime import datetime, timedelta
from random import Random
from typing import Any

import anyio
from pgqueuer import AsyncpgPoolDriver, Job, PgQueuer, RetryRequested
from pgqueuer.models import Context

from billing_service import worker
from billing_service.charging import service as charging
from billing_service.events.delivery import Delivery
from billing_service.events.sender import Sender
from billing_service.kit.db import is_unavailable
from billing_service.kit.servers import create_pool
from billing_service.operations import clock_watch
from billing_service.services import Services
from billing_service.timetable import SCHEDULES
from billing_service.yookassa.errors import YookassaError
from simulation.receiver import ToReceiver
from simulation.world import World

# Schedule -> when it has something to do, as a column of `DUE`.
ASKED_FOR = {
    "payments.ask_due": "payments",
    "refunds.ask_due": "refunds",
    "bindings.ask_due": "bindings",
    "renewals.look_at_due": "renewals",
    "subscriptions.tell_ends": "ends",
}
DUE = """
    SELECT
        (SELECT min(next_ask_at) FROM payments WHERE status IN ('PENDING', 'WAITING_FOR_CAPTURE')) AS payments,
        (SELECT min(next_ask_at) FROM refunds WHERE status = 'PENDING') AS refunds,
        (SELECT min(next_ask_at) FROM card_bindings WHERE status = 'PENDING') AS bindings,
        (SELECT min(renewal_look_at) FROM subscriptions WHERE auto_renew) AS renewals,
        (SELECT min(end_due_at) FROM subscriptions) AS ends,
        (SELECT min(coalesce(leased_until, due_at)) FROM event_streams WHERE next_seq <= last_seq) AS events,
        (SELECT min(CASE WHEN execute_after > created THEN execute_after ELSE '2000-01-01' END) FROM pgqueuer
            WHERE status = 'queued') AS jobs,
        EXISTS (SELECT FROM outbox_events WHERE feed_no IS NULL) AS unnumbered
"""
AT_ONCE = 4
PICK = f"""
    UPDATE pgqueuer SET status = 'picked' WHERE id IN (
        SELECT id FROM pgqueuer WHERE status = 'queued' AND (execute_after = created OR execute_after <= $1)
        ORDER BY priority DESC, id LIMIT {AT_ONCE}
    ) RETURNING *
"""  # noqa: S608 (our own number)
# A worker that died while it did them.
TAKE_OVER = "UPDATE pgqueuer SET status = 'queued' WHERE status = 'picked'"
DONE = "DELETE FROM pgqueuer WHERE id = ANY ($1::int[])"
AGAIN = "UPDATE pgqueuer SET status = 'queued', attempts = attempts + $2, execute_after = $3 WHERE id = $1"
# A retry stands for all that the library would have made in the meantime: a day of them is a dozen here.
LONGER_EACH_TIME = 2
DAY = timedelta(days=1)
HOUSEKEEPING = {
    "webhooks.close_settled": DAY,
    "webhooks.give_up_overdue": DAY,
    "retention.forget_old": 3 * DAY,
    "daily_audit.audit_due": DAY,
}
# A walk follows when anything has happened at the provider; without anything once a day.
WALKS = ("payments.walk_lists", "refunds.walk_lists")
# What a clock that was behind has taken is given back within the hour (`clock.give_back`).
WATCHED_FOR, WATCHED_EACH = timedelta(hours=3), timedelta(minutes=40)
WALK_AFTER, WALK_AT_LEAST = timedelta(hours=12), timedelta(hours=24)


class Worker:
    """One worker process."""

    def __init__(self, world: World, services: Services, dice: Random) -> None:
        self._world, self._services, self._dice = world, services, dice
        # The library's own registry; its connection is never opened.
        driver = AsyncpgPoolDriver(create_pool(services.settings.database_url, min_size=0, max_size=1))
        self._queue = PgQueuer(driver)
        worker.register_jobs(self._queue, services)
        sender = Sender(
            services.settings.events_url or "", services.settings.events_secrets, transport=ToReceiver(world)
        )
        self._delivery = Delivery(services, sender)
        self._walked_at = world.now
        self._housekept_at = dict.fromkeys(HOUSEKEEPING, world.now)
        self._walked_after = 0
        self._clock_was_off = world.clock_error
        # A process that starts knows nothing of the clock before it.
        self._clock_is_watched_until = world.now + WATCHED_FOR

    async def run(self) -> None:
        await charging.follow_setting(self._services)
        await self._services.statements.fetch(TAKE_OVER)
        while True:
            try:
                due = await self._round()
            except Exception as error:  # noqa: BLE001 (as the worker's own loop does)
                self._judge("round", error)
                due = self._world.now + timedelta(minutes=1)
            await self._rest(due)

    async def _rest(self, due: datetime) -> None:
        """Until there is work, or something falls due; never so short that a month would take for ever."""
        pause = max((due - self._world.now).total_seconds(), self._dice.uniform(600, 2700))
        try:
            async with asyncio.timeout(pause):
                await self._world.work.wait()
        except TimeoutError:
            pass
        else:
            await asyncio.sleep(self._dice.uniform(0.1, 6))
        self._world.work.clear()

    async def _round(self) -> datetime:
        """Everything due is done; answers when to look again at the latest."""
        for _ in range(20):
            due = await self._services.statements.fetch_one(DUE)
            now = self._world.now + self._world.clock_error
            todo = [name for name, column in ASKED_FOR.items() if due[column] and due[column] <= now]
            for name in todo:
                await self._schedule(name)
            jobs = bool(due["jobs"] and due["jobs"] <= now) or bool(todo)
            if jobs:
                await self._work_off()
            if due["unnumbered"] or (due["events"] and due["events"] <= now):
                await self._deliver()
            elif not jobs:
                break
        await self._housekeep()
        later = [
            due[name] for name in (*ASKED_FOR.values(), "jobs", "events") if due[name] and due[name] > now
        ]
        if self._world.now < self._clock_is_watched_until or self._world.clock_error:
            later.append(self._world.now + WATCHED_EACH)
        first: datetime = min([*later, self._walked_at + WALK_AT_LEAST])
        return first - self._world.clock_error

    async def _schedule(self, name: str) -> None:
        self._world.witness.note(f"schedule: {name}")
        await SCHEDULES[name].run(self._services, self._queue.shutdown)

    async def _housekeep(self) -> None:
        now = self._world.now
        if self._world.clock_error != self._clock_was_off:
            # The worker looks each minute; there is something to see after a jump only.
            self._clock_was_off, self._clock_is_watched_until = self._world.clock_error, now + WATCHED_FOR
            await clock_watch.look(self._services, {})
        if now < self._clock_is_watched_until:
            await self._schedule("clock.give_back")
        happened = len(self._world.sandbox.yookassa.state.notifications)
        is_more = happened != self._walked_after and now - self._walked_at >= WALK_AFTER
        if is_more or now - self._walked_at >= WALK_AT_LEAST:
            self._walked_at, self._walked_after = now, happened
            for name in WALKS:
                await self._schedule(name)
            await self._work_off()
        for name, each in HOUSEKEEPING.items():
            if now - self._housekept_at[name] >= each:
                self._housekept_at[name] = now
                await self._schedule(name)

    async def _work_off(self) -> None:
        picked = AT_ONCE
        while picked == AT_ONCE:
            rows = await self._services.statements.fetch(PICK, self._world.now)
            jobs, picked = [Job.model_validate(dict(row)) for row in rows], len(rows)
            done = await asyncio.gather(*(self._do(job) for job in sorted(jobs, key=lambda job: job.id)))
            if ended := [job_id for job_id in done if job_id is not None]:
                await self._services.statements.fetch(DONE, ended)

    async def _do(self, job: Job) -> int | None:
        """Its id if it has come to its end."""
        self._world.witness.note(f"job: {job.entrypoint}")
        executor = self._queue.qm.entrypoint_registry[job.entrypoint]
        statements = self._services.statements
        try:
            await executor.execute(job, Context(cancellation=anyio.CancelScope()))
        except RetryRequested as retry:
            self._judge(job.entrypoint, retry.__cause__)
            stands_for = max(1, job.attempts * (LONGER_EACH_TIME - 1))
            await statements.fetch(AGAIN, job.id, stands_for, self._world.now + retry.delay * stands_for)
            return None
        except Exception as error:  # noqa: BLE001 (the library writes it down and goes on)
            self._judge(job.entrypoint, error)
        return int(job.id)

    def _judge(self, what: str, error: BaseException | None) -> None:
        """What a job may meet is the provider or the database away, or something undecided yet."""
        known: tuple[Any, ...] = (YookassaError, TimeoutError)
        if error is None or isinstance(error, known) or is_unavailable(error):
            return
        if type(error).__name__ in {"LookAgain", "UnmatchedObject", "RefundWaits"}:
            return
        self._world.witness.find(f"{what} failed: {error!r}")

    async def _deliver(self) -> None:
        more = True
        while more:
            more = await self._delivery.look()
            while await self._delivery.settled():
                pass

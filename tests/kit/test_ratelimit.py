"""Sliding windows, exact under concurrency: on a real Valkey, without it, and when it comes and goes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from redis.asyncio import BlockingConnectionPool, Redis

from billing_service.config import Settings
from billing_service.dev.valkey import Valkey
from billing_service.kit.ratelimit import KEYS_REMEMBERED, Limiter, OwnWindow, Rate, Verdict, parse_rate
from billing_service.kit.redis import CONNECTIONS, AnyRedis, open_redis
from billing_service.kit.redis_window import AGREE_WITHIN_SECONDS, SCRIPT, RedisWindow
from tests.own_valkey import own_valkey

FEW = Rate(5, 2)


class Hands:
    """A clock that stands still until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hands() -> Hands:
    return Hands()


def patient(settings: Settings) -> Redis:
    """The service's own client gives a slow machine up soon; what is counted does not depend on it."""
    return Redis.from_pool(
        BlockingConnectionPool.from_url(settings.redis_url, max_connections=CONNECTIONS, timeout=30)
    )


@pytest.fixture
async def redis(settings: Settings) -> AsyncIterator[Redis]:
    client = patient(settings)
    yield client
    await client.aclose()


@pytest.fixture
def prefix() -> str:
    return f"test-{uuid4().hex}"


@pytest.fixture
def window(redis: Redis, prefix: str) -> RedisWindow:
    return RedisWindow(redis, prefix=prefix)


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    with own_valkey() as valkey:
        yield valkey


@pytest.fixture
async def limiter(valkey: Valkey, hands: Hands) -> AsyncIterator[Limiter]:
    client = open_redis(valkey.url)
    yield Limiter(RedisWindow(client, prefix="test"), now=hands)
    await client.aclose()


async def admitted(limiter: Limiter, calls: int, key: str = "key", rate: Rate = FEW) -> list[Verdict]:
    """Those let through out of so many calls at once."""
    verdicts = await asyncio.gather(*(limiter.take(key, rate) for _ in range(calls)))
    return [verdict for verdict in verdicts if verdict.allowed]


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("20/hour", Rate(20, 3600)),
        ("120/min", Rate(120, 60)),
        ("120/minute", Rate(120, 60)),
        ("5/2s", Rate(5, 2)),
        ("1 / second", Rate(1, 1)),
        ("3/7day", Rate(3, 7 * 86400)),
    ],
)
def test_a_written_rate_is_read(text: str, rate: Rate) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize(
    "text", ["", "20", "20/", "/hour", "0/hour", "-1/hour", "1.5/hour", "20/week", "20/0s", "٣/s"]
)
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="written like 20/hour"):
        parse_rate(text)


async def test_of_many_at_once_exactly_the_limit_is_let_through(window: RedisWindow) -> None:
    verdicts = await asyncio.gather(*(window.take("key", Rate(20, 3600)) for _ in range(200)))

    assert sum(verdict.allowed for verdict in verdicts) == 20
    assert sorted(verdict.remaining for verdict in verdicts if verdict.allowed) == list(range(20))


async def test_several_processes_share_one_budget(settings: Settings, prefix: str) -> None:
    clients = [patient(settings) for _ in range(3)]
    windows = [RedisWindow(client, prefix=prefix) for client in clients]

    verdicts = await asyncio.gather(*(windows[n % 3].take("key", Rate(20, 3600)) for n in range(90)))

    assert sum(verdict.allowed for verdict in verdicts) == 20
    for client in clients:
        await client.aclose()


async def test_no_span_of_the_length_ever_holds_more_than_the_limit(window: RedisWindow) -> None:
    """Hammered for three windows: a counter that starts anew at a tick would let twice as many pass across it."""
    loop, let_through = asyncio.get_running_loop(), []
    until = loop.time() + 3.2

    while loop.time() < until:
        asked = loop.time()
        if (await window.take("key", Rate(4, 1))).allowed:
            let_through.append((asked, loop.time()))
        await asyncio.sleep(0.005)

    # Each was let through at some instant between question and answer, however long that took.
    assert all(
        answered - asked > 0.99
        for (asked, _), (_, answered) in zip(let_through, let_through[4:], strict=False)
    )
    assert len(let_through) >= 12


async def test_a_place_becomes_free_when_the_oldest_leaves_and_not_before(window: RedisWindow) -> None:
    loop, rate = asyncio.get_running_loop(), Rate(2, 2)
    asked = loop.time()
    await window.take("key", rate)
    await asyncio.sleep(1)
    await window.take("key", rate)
    refused = await window.take("key", rate)
    waited = loop.time() - asked

    await asyncio.sleep(refused.frees_in + 0.02)
    after = [(await window.take("key", rate)).allowed for _ in range(2)]

    assert not refused.allowed
    assert 2 - waited - 0.01 < refused.frees_in < 1.01
    assert after == [True, False]


async def test_what_is_refused_is_not_counted(window: RedisWindow) -> None:
    await window.take("key", Rate(1, 1))
    refusals = [await window.take("key", Rate(1, 1)) for _ in range(20)]

    await asyncio.sleep(refusals[-1].frees_in + 0.02)

    assert (await window.take("key", Rate(1, 1))).allowed


async def test_the_last_place_is_not_refused_to_who_asks_again_because_the_answer_was_cut_off(
    redis: Redis, window: RedisWindow, prefix: str
) -> None:
    key, script = f"{prefix}:limit:key", redis.register_script(SCRIPT)
    for _ in range(FEW.limit - 1):
        await window.take("key", FEW)

    said = [
        await script([key], [FEW.limit, FEW.seconds, token, AGREE_WITHIN_SECONDS])
        for token in ("mine", "mine", "another")
    ]

    assert [(allowed, remaining) for allowed, remaining, _ in said] == [(1, 0), (1, 0), (0, 0)]
    assert await redis.zcard(key) == FEW.limit


async def test_a_limit_is_one_key_that_forgets_itself(redis: Redis, window: RedisWindow, prefix: str) -> None:
    await window.take("scope:1001", Rate(3, 60))

    assert [key async for key in redis.scan_iter(f"{prefix}*")] == [f"{prefix}:limit:scope:1001".encode()]
    assert 59_000 < await redis.pttl(f"{prefix}:limit:scope:1001") <= 60_000


async def test_keys_have_budgets_of_their_own(window: RedisWindow) -> None:
    await window.take("one", Rate(1, 60))

    assert (await window.take("other", Rate(1, 60))).allowed


def test_alone_the_window_slides_too(hands: Hands) -> None:
    window, rate = OwnWindow(hands), Rate(2, 10)
    window.take("key", rate)
    hands.now += 6
    window.take("key", rate)

    refused = window.take("key", rate)
    hands.now += 4
    after = [window.take("key", rate).allowed for _ in range(2)]

    assert refused == Verdict(allowed=False, remaining=0, frees_in=4, shared=False)
    assert after == [True, False]


def test_alone_a_flood_of_addresses_fills_no_memory_and_the_newest_are_remembered() -> None:
    window = OwnWindow()
    for number in range(KEYS_REMEMBERED + 500):
        window.take(f"address-{number}", Rate(1, 3600))

    assert len(window) == KEYS_REMEMBERED
    assert not window.take(f"address-{KEYS_REMEMBERED + 499}", Rate(1, 3600)).allowed


async def test_without_redis_the_same_rate_holds_within_the_process(limiter: Limiter, valkey: Valkey) -> None:
    valkey.stop()

    through = await admitted(limiter, 50)

    assert len(through) == FEW.limit
    assert not any(verdict.shared for verdict in through)


async def test_answers_that_are_lost_now_and_then_open_no_second_budget(window: RedisWindow) -> None:
    limiter = Limiter(EveryThirdAnswerLost(window))

    through = await admitted(limiter, 200, rate=Rate(20, 3600))

    assert len(through) == 20


async def test_what_was_admitted_while_redis_was_away_is_remembered_when_it_is_back(
    limiter: Limiter, valkey: Valkey, hands: Hands
) -> None:
    valkey.stop()
    during = await admitted(limiter, 50)
    valkey.start()

    hands.now += 1.5
    after = await admitted(limiter, 50)

    assert len(during) == FEW.limit
    assert after == []


async def test_what_all_together_refuse_is_given_back_here(limiter: Limiter, valkey: Valkey) -> None:
    async with asyncio.timeout(5):
        other = open_redis(valkey.url)
        for _ in range(FEW.limit):
            await RedisWindow(other, prefix="test").take("key", FEW)
        refused = await limiter.take("key", FEW)
        await other.flushall()
        through = await admitted(limiter, 50)
        await other.aclose()

    assert not refused.allowed
    assert len(through) == FEW.limit


async def test_losing_redis_opens_no_second_budget(limiter: Limiter, valkey: Valkey) -> None:
    before = await admitted(limiter, 50)
    valkey.stop()

    after = await admitted(limiter, 50)

    assert len(before) == FEW.limit
    assert after == []


async def test_once_redis_is_back_all_processes_count_together_again(
    limiter: Limiter, valkey: Valkey, hands: Hands
) -> None:
    await limiter.take("key", FEW)
    valkey.stop()
    alone = await limiter.take("key", FEW)
    valkey.start()

    hands.now += 1.5
    together = await limiter.take("key", FEW)

    assert (alone.shared, together.shared) == (False, True)


async def test_a_restart_that_forgets_the_script_is_not_noticed(limiter: Limiter, valkey: Valkey) -> None:
    await limiter.take("key", FEW)
    valkey.stop()
    valkey.start()
    await asyncio.sleep(0.05)  # the end of the old connection has to arrive

    assert (await limiter.take("key", FEW)).shared


async def test_while_redis_is_silent_one_caller_waits_and_nobody_else(hands: Hands) -> None:
    async with Silence.listening() as silence:
        limiter = silence.limiter(hands)

        first = await seconds_of(limiter, calls=1)
        rest = await seconds_of(limiter, calls=500)
        hands.now += 1.5
        again = await seconds_of(limiter, calls=500)

    assert first > 0.1
    assert rest < 1
    assert again < 2
    assert silence.asked == 2


async def test_a_burst_into_silence_ends_soon(hands: Hands) -> None:
    async with Silence.listening() as silence:
        limiter = silence.limiter(hands)
        began = asyncio.get_running_loop().time()

        through = await admitted(limiter, 500)

        assert len(through) == FEW.limit
        assert asyncio.get_running_loop().time() - began < 5


async def test_a_loss_is_told_once_a_minute(
    limiter: Limiter, valkey: Valkey, hands: Hands, capsys: pytest.CaptureFixture[str]
) -> None:
    valkey.stop()

    for _ in range(40):
        await limiter.take("key", FEW)
        hands.now += 2

    told = [line for line in capsys.readouterr().out.splitlines() if "redis.lost" in line]
    assert len(told) == 2


async def test_a_redis_that_takes_no_writes_is_as_good_as_none(hands: Hands, valkey: Valkey) -> None:
    client = open_redis(valkey.url)
    await client.replicaof("127.0.0.1", "1")  # a replica is read only
    limiter = Limiter(RedisWindow(client, prefix="test"), now=hands)

    through = await admitted(limiter, 50)

    assert len(through) == FEW.limit
    assert not any(verdict.shared for verdict in through)
    await client.aclose()


async def seconds_of(limiter: Limiter, calls: int) -> float:
    """How long so many calls take, one after the other."""
    began = asyncio.get_running_loop().time()
    for _ in range(calls):
        await limiter.take("key", Rate(10_000, 60))
    return asyncio.get_running_loop().time() - began


class EveryThirdAnswerLost:
    """A Redis that counts every call, and whose answer does not always arrive."""

    def __init__(self, window: RedisWindow) -> None:
        self.window, self.calls = window, 0

    async def take(self, key: str, rate: Rate) -> Verdict:
        self.calls += 1
        is_lost = self.calls % 3 == 0
        verdict = await self.window.take(key, rate)
        if is_lost:
            raise ConnectionResetError
        return verdict


class Silence:
    """A server that takes every connection and answers nothing."""

    def __init__(self) -> None:
        self.asked = 0
        self.client: AnyRedis = Redis()

    @classmethod
    @asynccontextmanager
    async def listening(cls) -> AsyncIterator["Silence"]:
        silence = cls()
        server = await asyncio.start_server(silence.hear, "127.0.0.1", 0)
        silence.client = open_redis(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0")
        yield silence
        await silence.client.aclose()
        server.close()
        await server.wait_closed()

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        while await reader.read(1000):
            pass
        writer.close()

    def limiter(self, hands: Hands) -> Limiter:
        return Limiter(RedisWindow(self.client, prefix="test"), now=hands)

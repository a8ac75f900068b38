"""The sliding window that all processes share, in Redis."""

from secrets import token_hex

from billing_service.kit.ratelimit import Rate, Verdict
from billing_service.kit.redis import AnyRedis

# A sorted set of the instants of all that was admitted, by the server's own clock. One key, so that a cluster can hold
# it; one script, so that nobody comes in between counting and taking. What lies in the future was written by a clock
# that has been put right since: it would turn its owner away for as long as that was ahead.
SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local limit, span = tonumber(ARGV[1]), tonumber(ARGV[2]) * 1000000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - span)
redis.call('ZREMRANGEBYSCORE', KEYS[1], now + tonumber(ARGV[4]) * 1000000, '+inf')
local mine = redis.call('ZSCORE', KEYS[1], ARGV[3]) and 1 or 0
local taken = redis.call('ZCARD', KEYS[1]) - mine
local allowed = taken < limit and 1 or 0
if allowed == 1 then
    redis.call('ZADD', KEYS[1], now, ARGV[3])
    redis.call('PEXPIRE', KEYS[1], math.ceil(span / 1000))
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return {allowed, math.max(limit - taken - allowed, 0), oldest[2] + span - now}
"""


# Two servers of a cluster that are right may differ by so much.
AGREE_WITHIN_SECONDS = 5


class RedisWindow:
    """One round trip decides and counts, under keys that begin with `prefix`."""

    def __init__(self, redis: AnyRedis, *, prefix: str) -> None:
        self._prefix = prefix
        self._script = redis.register_script(SCRIPT)

    async def take(self, key: str, rate: Rate) -> Verdict:
        """Take a place if there is one. Raises `RedisError` or `OSError` when Redis cannot say."""
        # The same token counts once, should the connection be cut before the answer and the script be run again.
        arguments = (rate.limit, rate.seconds, token_hex(8), AGREE_WITHIN_SECONDS)
        allowed, remaining, microseconds = await self._script([f"{self._prefix}:limit:{key}"], arguments)
        return Verdict(bool(allowed), remaining, microseconds / 1e6, shared=True)

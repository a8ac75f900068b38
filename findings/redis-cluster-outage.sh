#!/usr/bin/env bash
# redis 8.1.0 (PyPI): an outage of a whole cluster is no RedisError.
#
# With one server `except RedisError` catches an outage (ConnectionError). RedisCluster, whose nodes are all away, raises
# RedisClusterException, which inherits from Exception alone; also when it was connected before and lost them all. What
# outlived the loss of one server does not outlive that of a cluster.
#
# Exit code: 0 when it behaves so, 1 when it does not any more, 2 when it could not be installed.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv" || exit 2
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check redis==8.1.0 || exit 2

cat >"$dir/try.py" <<'PYTHON'
import asyncio

from redis.asyncio import Redis, RedisCluster
from redis.exceptions import RedisError


async def main():
    for client in (Redis(host="127.0.0.1", port=1), RedisCluster(host="127.0.0.1", port=1)):
        try:
            await client.get("key")
        except Exception as error:
            print(f"{type(client).__name__}: {type(error).__name__} | a RedisError: {isinstance(error, RedisError)}")
        await client.aclose()


asyncio.run(main())
PYTHON

cat >"$dir/expected" <<'OUTPUT'
Redis: ConnectionError | a RedisError: True
RedisCluster: RedisClusterException | a RedisError: False
OUTPUT

"$dir/venv/bin/python" "$dir/try.py" >"$dir/seen"
cat "$dir/seen"
diff "$dir/expected" "$dir/seen" && echo "as described"

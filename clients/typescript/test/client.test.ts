/** Run by tests/clients/test_typescript_client.py with Node's own runner, against the real service in BILLING_URL. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Webhook } from "standardwebhooks";

import {
  allow,
  type Allow,
  AnswerLost,
  type BillingError,
  connect,
  data,
  EventReceiver,
  ForgedEvent,
  Guards,
  MemoryJournal,
  NotReached,
  Refused,
  ReplayedEvent,
  Unavailable,
} from "../dist/index.js";

const url = process.env["BILLING_URL"] ?? "";
const token = process.env["BILLING_TOKEN"] ?? "";
const BUY = { plan_code: "PRO_MONTHLY" };

type Fault = (request: Request) => Promise<Response>;

/** The network to the service: `faults` happen to the next requests, one each; `cut` to all of them. */
class Line {
  faults: Fault[] = [];
  cut = false;
  sent: Request[] = [];

  will(...faults: Fault[]): void {
    this.faults = faults;
  }

  fetch = async (request: Request): Promise<Response> => {
    this.sent.push(request.clone());
    const fault = this.cut ? unreachable : this.faults.shift();
    return fault ? fault(request) : fetch(request);
  };

  keys(): Set<string | null> {
    return new Set(this.sent.map((request) => request.headers.get("Idempotency-Key")));
  }
}

const unreachable: Fault = () => fetch("http://127.0.0.1:2/");
const answerLost: Fault = async (request) => {
  await fetch(request);
  throw new TypeError("fetch failed", { cause: Object.assign(new Error("other side closed"), { code: "UND_ERR_SOCKET" }) });
};
const says = (status: number, headers: Record<string, string> = {}): Fault =>
  async () => new Response(status === 302 ? null : "<h1>sorry</h1>", { status, headers: { "content-type": "text/html", ...headers } });

let users = 5000;

function stage() {
  const line = new Line();
  const options = { url, token, fetch: line.fetch, retries: { firstWait: 0.001 } };
  let now = Date.now();
  const journal = new MemoryJournal({ now: () => now });
  const logged: [string, Record<string, unknown>][] = [];
  const guards = new Guards({ ...options, journal, log: (event, facts) => void logged.push([event, facts]) });
  const billing = connect(options);
  const userId = (users += 1);
  const params = { path: { user_id: userId } };
  const figures = () => data(billing.GET("/internal/v1/users/{user_id}/usage/", { params }));
  const use = async (whenUnavailable?: Allow) =>
    guards.guard({ userId, ...(whenUnavailable && { whenUnavailable }) }, async ({ figures }) => figures !== undefined);
  const buy = (key?: string) =>
    data(
      billing.POST("/api/v1/billing/create-payment/", {
        params: { header: { "X-User-Id": String(userId), ...(key && { "Idempotency-Key": key }) } },
        body: BUY,
      }),
    );
  return { line, billing, guards, journal, logged, userId, figures, use, buy, passDay: (days = 1) => void (now += days * 24 * 3600_000) };
}

test("an answer is typed, a refusal is thrown by its code", async () => {
  const { billing, userId } = stage();
  const plans = await data(billing.GET("/api/v1/billing/plans/"));
  assert.equal(plans.find((plan) => plan.code === "PRO_MONTHLY")?.duration_days, 30);

  const gold = billing.POST("/api/v1/billing/create-payment/", {
    params: { header: { "X-User-Id": String(userId) } },
    body: { plan_code: "GOLD" },
  });
  await assert.rejects(gold, (error: BillingError) => {
    assert(error instanceof Refused);
    assert(error.is("INVALID_PLAN"));
    assert.equal(error.message, "Такого тарифа нет в продаже.");
    assert(error.requestId);
    return true;
  });
});

test("all tries of one purchase bear one key", async () => {
  const { line, billing, buy, userId } = stage();
  line.will(unreachable, answerLost, says(503));
  await buy();
  assert.equal(line.sent.length, 4);
  assert.equal(line.keys().size, 1);
  const params = { header: { "X-User-Id": String(userId) } };
  assert.equal((await data(billing.GET("/api/v1/billing/payments/", { params }))).results.length, 1);

  await buy("click-1");
  assert.equal(line.sent.at(-1)?.headers.get("Idempotency-Key"), "click-1");
});

test("what is not safe is sent once, and without its operation id a use is not repeated", async () => {
  const { line, billing, userId } = stage();
  const params = { path: { user_id: userId } };
  line.will(answerLost);
  const reset = billing.POST("/internal/v1/users/{user_id}/usage/reset/", {
    params,
    body: { author: "desk 2", reason: "so it was agreed" },
  });
  await assert.rejects(reset, AnswerLost);
  assert.equal(line.sent.length, 1);

  const consume = (body: { operation_id?: string | null }) =>
    data(billing.POST("/internal/v1/users/{user_id}/usage/consume/", { params, body }));
  line.will(answerLost);
  await assert.rejects(consume({}), AnswerLost);
  line.will(answerLost);
  assert.equal((await consume({ operation_id: `photo-${userId}` })).used_today, 2);
});

test("Retry-After is kept to, and raised at once when it lasts too long", async () => {
  const { line, figures } = stage();
  line.will(says(503, { "retry-after": "1" }));
  const began = performance.now();
  await figures();
  assert(performance.now() - began >= 990);

  line.will(says(429, { "retry-after": "3600" }));
  await assert.rejects(figures(), (error: BillingError) => error instanceof Refused && error.retryAfter === 3600);
});

test("what somebody in between answers is no answer, and a 4xx is a refusal", async () => {
  const { line, figures } = stage();
  for (const [status, kind] of [[404, Refused], [500, Unavailable], [302, Unavailable], [200, Unavailable]] as const) {
    line.sent = [];
    line.will(says(status));
    await assert.rejects(figures(), kind);
    assert.equal(line.sent.length, 1, String(status));
  }
});

test("a success counts once, a failure nothing", async () => {
  const { guards, userId, figures } = stage();
  assert.equal(await guards.guard({ userId }, async () => "seen"), "seen");
  await assert.rejects(
    guards.guard({ userId }, () => Promise.reject(new RangeError("no meal"))),
    RangeError,
  );
  const { used_today, held } = await figures();
  assert.deepEqual({ used_today, held }, { used_today: 1, held: 0 });
});

test("what was needed in the end counts, what takes longer keeps its place, a feature is its own", async () => {
  const { guards, userId, figures } = stage();
  await guards.guard({ userId, amount: 3 }, async (use) => {
    await use.extend(600);
    use.amount = 2;
  });
  const { used_today, held } = await figures();
  assert.deepEqual({ used_today, held }, { used_today: 2, held: 0 });

  const tooMuch = guards.guard({ userId }, async (use) => void (use.amount = 4));
  await assert.rejects(tooMuch, (error: BillingError) => error.is("AMOUNT_ABOVE_LIMIT"));
  assert.equal((await figures()).held, 0);
  const dream = guards.guard({ userId, feature: "dreams", whenUnavailable: allow(2) }, async () => 1);
  await assert.rejects(dream, (error: BillingError) => error.is("FEATURE_UNKNOWN"));
});

test("the limit is a refusal, and a 4xx or a fault of the caller is not taken for unavailability", async () => {
  const { line, use, guards, userId } = stage();
  for (let n = 0; n < 3; n += 1) await use();
  await assert.rejects(use(allow(2)), (error: BillingError) => error.is("DAILY_LIMIT_REACHED"));
  line.will(says(404));
  await assert.rejects(use(allow(2)), Refused);
  const blank = guards.guard({ userId, operationId: "with a blank", whenUnavailable: allow(2) }, async () => 1);
  await assert.rejects(blank, Refused);
  const nobody = guards.guard({ userId: undefined as unknown as number, whenUnavailable: allow(2) }, async () => 1);
  await assert.rejects(nobody, (error: unknown) => !(error instanceof Unavailable));
});

test("without the service nobody is let through unless it is said; then two a day, told once", async () => {
  const { line, use, guards, logged, figures, journal } = stage();
  line.cut = true;
  await assert.rejects(use(), NotReached);
  assert.equal(await use(allow(2)), false);
  assert.equal(await use(allow(2)), false);
  await assert.rejects(use(allow(2)), Unavailable);
  const decided = logged.filter(([event]) => event === "billing.decided_without_the_service");
  assert.deepEqual(decided.map(([, facts]) => facts["allowed"]), [false, true, true, false]);
  assert.deepEqual(journal.counts(), { due: 2 });

  line.cut = false;
  assert.equal(await use(), true);
  await guards.close();
  assert.equal(await guards.report(), 0);
  assert.equal((await figures()).used_today, 3);
  assert.deepEqual(journal.counts(), { reported: 2 });
});

test("what failed without the service costs nothing, and each day is charged for its own", async () => {
  const { line, use, guards, userId, figures, journal, passDay } = stage();
  line.cut = true;
  const failing = () =>
    guards.guard({ userId, whenUnavailable: allow(1) }, () => Promise.reject(new RangeError("no meal")));
  await assert.rejects(failing(), RangeError);
  await assert.rejects(failing(), RangeError);
  passDay(-1);
  await use(allow(1));
  passDay();
  await use(allow(1));
  line.cut = false;
  assert.equal(await guards.report(), 2);
  assert.equal((await figures()).used_today, 1);
  assert.deepEqual(journal.counts(), { reported: 2, given_back: 2 });
});

test("a commit that was not answered is told later and counts once", async () => {
  const { line, guards, userId, figures } = stage();
  await guards.guard({ userId }, async () => {
    line.cut = true;
  });
  line.cut = false;
  line.will(answerLost);
  assert.equal(await guards.report(), 1);
  assert.equal(await guards.report(), 0);
  const { used_today, held } = await figures();
  assert.deepEqual({ used_today, held }, { used_today: 1, held: 0 });
});

test("events: what we signed, once, and nothing else", async () => {
  const [secret, other] = ["whsec_c2VjcmV0LW9mLXRoZS1ldmVudHMtMzItYnl0ZXMtbG9uZyEh", "whsec_bmV4dC1zZWNyZXQtb2YtdGhlLWV2ZW50cy0zMi1ieXRlcyE="];
  const body = JSON.stringify({ id: "5f0e2f52", type: "payment.succeeded" });
  const signed = (by: string, ago = 0) => {
    const at = new Date(Date.now() - ago * 1000);
    return {
      "Webhook-Id": "5f0e2f52",
      "Webhook-Timestamp": String(Math.floor(at.getTime() / 1000)),
      "Webhook-Signature": new Webhook(by).sign("5f0e2f52", at, body),
    };
  };
  const receiver = new EventReceiver([secret]);
  const delivery = signed(secret, 30);
  assert.equal((await receiver.verify(body, delivery)).type, "payment.succeeded");
  await assert.rejects(receiver.verify(body, delivery), ReplayedEvent);
  await receiver.verify(body, signed(secret));
  for (const [what, headers] of [[body, signed(other)], [`${body} `, signed(secret)], [body, signed(secret, 301)], [body, {}]] as const) {
    await assert.rejects(receiver.verify(what, headers), ForgedEvent);
  }
  await new EventReceiver([other, secret]).verify(body, signed(secret));
});

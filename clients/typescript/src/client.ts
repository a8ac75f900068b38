/** The connection to the service, and how a call is carried out. */

import createClient, { type Client } from "openapi-fetch";

import { failureOf, throwFor } from "./answers.js";
import { BillingError } from "./errors.js";
import { REPEATS } from "./generated/contract.js";
import type { paths } from "./generated/schema.js";
import { RETRIES, type Retries, waitAfter } from "./retries.js";

const KEY = "Idempotency-Key";

export interface Options {
  url: string;
  token: string;
  retries?: Partial<Retries>;
  /** Seconds that one try may take. */
  timeout?: number;
  fetch?: (request: Request) => Promise<Response>;
}

export type Billing = Client<paths>;

/**
 * Every operation of the API page by its method and path: `await data(billing.GET("/api/v1/billing/me/", {...}))`.
 *
 * Each throws `Refused` or `Unavailable`. What the contract allows is tried again, all tries of one call with one
 * `Idempotency-Key`: the caller's own, or a new one.
 */
export function connect(options: Options): Billing {
  const safe = new WeakMap<Request, boolean>();
  const billing = createClient<paths>({
    baseUrl: options.url,
    headers: { Authorization: `Bearer ${options.token}` },
    redirect: "manual",
    fetch: (request: Request) => carryOut(request, safe.get(request) ?? false, options),
  });
  billing.use({
    async onRequest({ request, schemaPath }) {
      const rule = REPEATS[`${request.method} ${schemaPath}`] ?? "never";
      if (rule === KEY && !request.headers.has(KEY)) request.headers.set(KEY, crypto.randomUUID());
      safe.set(request, await isSafe(request, rule));
      return request;
    },
  });
  return billing;
}

/** What a call answered. */
export async function data<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}

async function carryOut(request: Request, safe: boolean, options: Options): Promise<Response> {
  const retries = { ...RETRIES, ...options.retries };
  const began = performance.now();
  for (let made = 1; ; made += 1) {
    try {
      return await tryOnce(request.clone(), options);
    } catch (error) {
      if (!(error instanceof BillingError)) throw error;
      const wait = waitAfter(error, { safe, made, elapsed: (performance.now() - began) / 1000, retries });
      if (wait === undefined) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait * 1000));
    }
  }
}

async function tryOnce(request: Request, options: Options): Promise<Response> {
  const send = options.fetch ?? fetch;
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout((options.timeout ?? 12) * 1000)]);
  let response: Response;
  try {
    response = await send(new Request(request, { signal }));
  } catch (error) {
    throw failureOf(error) ?? error;
  }
  await throwFor(response);
  return response;
}

async function isSafe(request: Request, rule: string): Promise<boolean> {
  if (rule === "always") return true;
  if (rule === "never") return false;
  if (rule === KEY) return true;
  // A field of the body that tells a repeat from a second call.
  const body = (await request.clone().json().catch(() => ({}))) as Record<string, unknown>;
  return Boolean(body[rule]);
}

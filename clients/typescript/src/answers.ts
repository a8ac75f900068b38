/** What an answer means: nothing that is not a success leaves here without its class. */

import { AnswerLost, BillingError, type Facts, NotReached, Refused, Unavailable } from "./errors.js";
import { STATUS_OF, type ErrorCode } from "./generated/contract.js";

const NEVER_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "UND_ERR_CONNECT_TIMEOUT"]);

/** Throws what it says, unless it is good. */
export async function throwFor(response: Response): Promise<void> {
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  if (response.ok && isJson) return;
  const error = isJson ? errorIn(await response.clone().json()) : {};
  const code = typeof error.code === "string" ? error.code : `HTTP_${response.status}`;
  const message = typeof error.message === "string" ? error.message : "";
  const Kind = kindOf(code, response.status);
  throw new Kind(code, message, factsOf(response, error));
}

/** What a fetch that failed was, or undefined: then it is a fault of the caller. */
export function failureOf(error: unknown): BillingError | undefined {
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return new AnswerLost("ANSWER_LOST", "no answer in time", {}, error);
  }
  const cause = error instanceof TypeError ? (error.cause as { code?: string; message?: string }) : undefined;
  if (cause?.code === undefined) return undefined;
  const message = cause.message ?? cause.code;
  return NEVER_SENT.has(cause.code)
    ? new NotReached("NOT_REACHED", message, {}, error)
    : new AnswerLost("ANSWER_LOST", message, {}, error);
}

function kindOf(code: string, status: number): typeof Refused | typeof Unavailable {
  const usual = STATUS_OF[code as ErrorCode] ?? status;
  // A redirect, and a success that is none of ours, come from somebody in between: we were not asked.
  return usual >= 400 && usual < 500 ? Refused : Unavailable;
}

function errorIn(body: unknown): Record<string, unknown> {
  const error = (body as { error?: unknown } | null)?.error;
  return typeof error === "object" && error !== null ? (error as Record<string, unknown>) : {};
}

function factsOf(response: Response, error: Record<string, unknown>): Facts {
  const facts: Facts = { status: response.status };
  const requestId = response.headers.get("x-request-id");
  const retryAfter = response.headers.get("retry-after");
  if (requestId !== null) facts.requestId = requestId;
  if (retryAfter !== null && /^[0-9]+$/.test(retryAfter)) facts.retryAfter = Number(retryAfter);
  if (typeof error.details === "object" && error.details !== null) {
    facts.details = error.details as Record<string, unknown>;
  }
  return facts;
}

/** What goes wrong, as two kinds: the service said no, or it could not be asked. */

import type { ErrorCode } from "./generated/contract.js";

/** Codes of our own, beside those of the service, and `HTTP_502` and the like of somebody in between. */
export type Code = ErrorCode | "NOT_REACHED" | "ANSWER_LOST" | (string & {});

export interface Facts {
  status?: number;
  details?: Record<string, unknown>;
  requestId?: string;
  retryAfter?: number;
}

/** Decide by `code`; `message` is Russian and may be shown; quote `requestId` to support. */
export class BillingError extends Error implements Facts {
  readonly code: Code;
  readonly status?: number;
  readonly details: Record<string, unknown>;
  readonly requestId?: string;
  /** Seconds. */
  readonly retryAfter?: number;

  constructor(code: Code, message: string, facts: Facts = {}, cause?: unknown) {
    super(message || code, { cause });
    this.name = new.target.name;
    this.code = code;
    this.details = facts.details ?? {};
    if (facts.status !== undefined) this.status = facts.status;
    if (facts.requestId !== undefined) this.requestId = facts.requestId;
    if (facts.retryAfter !== undefined) this.retryAfter = facts.retryAfter;
  }

  is(code: ErrorCode): boolean {
    return this.code === code;
  }
}

/** It understood and said no: every 4xx. Asking again says the same, unless `retryAfter` is given. */
export class Refused extends BillingError {}

/** 5xx, or no answer at all. */
export class Unavailable extends BillingError {}

/** Nothing was sent: it certainly did not happen. */
export class NotReached extends Unavailable {}

/** It was sent and no answer came: it may have happened. */
export class AnswerLost extends Unavailable {}

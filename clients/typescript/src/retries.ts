/** When a call is made again: pure. */

import { type BillingError, NotReached, Refused } from "./errors.js";

/** At most `attempts`, none begun later than `within` seconds after the first. */
export interface Retries {
  attempts: number;
  within: number;
  firstWait: number;
}

export const RETRIES: Retries = { attempts: 4, within: 20, firstWait: 0.2 };

// A 500 is a fault of the service, which asking again repeats.
const PASSING = new Set([502, 503, 504]);

/** Seconds until the next try, or undefined: there is none. `safe`: nothing happens twice if it was done already. */
export function waitAfter(
  failure: BillingError,
  { safe, made, elapsed, retries }: { safe: boolean; made: number; elapsed: number; retries: Retries },
): number | undefined {
  if (made >= retries.attempts || !mayBeMadeAgain(failure, safe)) return undefined;
  const backoff = retries.firstWait * 2 ** (made - 1) * (0.5 + Math.random());
  const wait = failure.retryAfter ?? backoff;
  return elapsed + wait <= retries.within ? wait : undefined;
}

function mayBeMadeAgain(failure: BillingError, safe: boolean): boolean {
  // What was refused for its rate has not been done, whatever it is.
  if (failure instanceof Refused) return failure.status === 429 && failure.retryAfter !== undefined;
  if (failure instanceof NotReached) return true;
  return safe && (failure.status === undefined || PASSING.has(failure.status));
}

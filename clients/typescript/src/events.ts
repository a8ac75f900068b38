/** What the service tells: is it genuine, and is it no copy of what was taken before? */

import { Webhook, WebhookVerificationError } from "standardwebhooks";

import type { components } from "./generated/schema.js";

type Schemas = components["schemas"];

/** Those of today; later releases tell others too: leave those you do not know aside. */
export type BillingEvent = Schemas[Extract<keyof Schemas, `${string}Event`>];

// The library refuses what was signed longer ago than five minutes, or is dated as much ahead.
const REMEMBERED = 2 * 5 * 60;

/** Not signed with our secret, changed on its way, or too old. Answer 401. */
export class ForgedEvent extends Error {}

/** A copy, to the byte, of a delivery that was taken before. Answer 401. */
export class ReplayedEvent extends ForgedEvent {}

/** Must answer false if it remembers it already; with several processes it must be shared: Redis `SET NX EX` does. */
export type Remember = (delivery: string, seconds: number) => Promise<boolean> | boolean;

/**
 * Verifies deliveries; `secrets` are those of `EVENTS_SECRETS`, two of them while they are changed. Each try of the service
 * is signed anew, so a copy to the byte is somebody else's. Beside that take each `id` once, in the transaction that
 * stores it: the tries of one event have the same.
 */
export class EventReceiver {
  readonly #webhooks: Webhook[];
  readonly #remember: Remember;

  constructor(secrets: readonly string[], remember: Remember = inMemory()) {
    this.#webhooks = secrets.map((secret) => new Webhook(secret));
    this.#remember = remember;
  }

  /** The event of a delivery: the raw body and its headers. Throws `ForgedEvent` or `ReplayedEvent`. */
  async verify(body: string, headers: Headers | Record<string, string>): Promise<BillingEvent> {
    const given = Object.fromEntries(new Headers(headers));
    const event = this.#verified(body, given);
    const delivery = `${given["webhook-id"]}.${given["webhook-timestamp"]}`;
    if (!(await this.#remember(delivery, REMEMBERED))) throw new ReplayedEvent("this delivery was taken before");
    return event;
  }

  #verified(body: string, headers: Record<string, string>): BillingEvent {
    for (const webhook of this.#webhooks) {
      try {
        const event = webhook.verify(body, headers) as BillingEvent | null;
        if (event?.id === headers["webhook-id"]) return event as BillingEvent;
      } catch (error) {
        if (!(error instanceof WebhookVerificationError || error instanceof SyntaxError)) throw error;
      }
    }
    throw new ForgedEvent("no secret of ours has signed this delivery in the last five minutes");
  }
}

function inMemory(): Remember {
  const until = new Map<string, number>();
  return (delivery, seconds) => {
    const now = performance.now();
    for (const [one, end] of until) if (end < now) until.delete(one);
    if (until.has(delivery)) return false;
    until.set(delivery, now + seconds * 1000);
    return true;
  };
}

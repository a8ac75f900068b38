/** May this user do it now, and does it count? `reserve` before, `commit` or `release` after. */

import { type Billing, connect, data, type Options } from "./client.js";
import { BillingError, Refused, Unavailable } from "./errors.js";
import type { components } from "./generated/schema.js";
import { type Decision, type Journal, MemoryJournal } from "./journal.js";

export type Figures = components["schemas"]["UsageOut"];

/** What a commit of something that has happened may be told, where it must count in another way. */
const UNKNOWN_OR_OVER = [
  "OPERATION_NOT_FOUND",
  "OPERATION_EXPIRED",
  "DAILY_LIMIT_REACHED",
  "LIMIT_HELD",
  "AMOUNT_ABOVE_LIMIT",
] as const;

/** While the service cannot be asked, each user is let through `nPerDay` times a day. */
export interface Allow {
  readonly nPerDay: number;
}

export const allow = (nPerDay: number): Allow => ({ nPerDay });
export const deny: Allow = { nPerDay: 0 };

export interface Asked {
  userId: number;
  /** `photo_ai` unless said otherwise. */
  feature?: string;
  /** The id of what is done, so that doing it again after a crash counts once. */
  operationId?: string;
  amount?: number;
  /** When the place frees itself if this process dies. */
  ttlSeconds?: number;
  /** `deny` unless said otherwise. */
  whenUnavailable?: Allow;
}

/** What was decided; without `figures` the service could not be asked. */
export interface Use {
  readonly operationId: string;
  readonly figures?: Figures;
  /** May be set to what was needed in the end: that many count, and what is held beyond it is free. */
  amount: number;
  /** It takes longer: hold the place until that much from now. Throws `OPERATION_EXPIRED` if its time was over. */
  extend(ttlSeconds?: number): Promise<void>;
}

export interface GuardOptions extends Options {
  journal?: Journal;
  /** Called for what deserves a line in a log. */
  log?: (event: string, facts: Record<string, unknown>) => void;
}

/**
 * `await guards.guard({userId, whenUnavailable: allow(2)}, async (use) => …)` answers what the function does. It throws
 * `Refused` when the service says no, and `Unavailable` when it cannot be asked and `whenUnavailable` lets nobody through.
 * What the function throws gives the place back, and is thrown on. Nothing is remembered of a refusal.
 */
export class Guards {
  readonly #billing: Billing;
  readonly #journal: Journal;
  readonly #log: NonNullable<GuardOptions["log"]>;
  #somethingIsDue = true; // another process may have left it
  #reporting: Promise<unknown> | undefined;

  constructor(options: GuardOptions) {
    // Somebody waits for the first answer. The last one is owed and told later, so nobody waits for it long either.
    this.#billing = connect({ ...options, retries: { attempts: 3, within: 3, ...options.retries } });
    this.#journal = options.journal ?? new MemoryJournal();
    this.#log = options.log ?? ((event, facts) => console.warn(event, facts));
  }

  async guard<T>(asked: Asked, what: (use: Use) => Promise<T>): Promise<T> {
    const decision: Decision = {
      operationId: asked.operationId ?? crypto.randomUUID(),
      userId: asked.userId,
      feature: asked.feature ?? "photo_ai",
      amount: asked.amount ?? 1,
      ttlSeconds: asked.ttlSeconds ?? 300,
    };
    const figures = await this.#decide(decision, asked.whenUnavailable ?? deny);
    const use: Use = {
      operationId: decision.operationId,
      ...(figures && { figures }),
      amount: decision.amount,
      extend: (ttlSeconds = 300) => this.#extend(use, ttlSeconds),
    };
    let result: T;
    try {
      result = await what(use);
    } catch (error) {
      await (figures ? this.#release(decision) : this.#journal.conclude(decision, "given_back"));
      throw error;
    }
    const needed = { ...decision, amount: use.amount };
    await (figures ? this.#commit(needed) : this.#concludeLater(needed));
    return result;
  }

  /** Tell the service what was decided without it, each once; how many it was told. Happens by itself after its next answer. */
  async report(): Promise<number> {
    let told = 0;
    this.#somethingIsDue = false;
    for (let due = await this.#journal.claim(); due.length > 0; due = await this.#journal.claim()) {
      for (const { decision, day } of due) {
        await this.#tell(decision, day);
        told += 1;
      }
    }
    return told;
  }

  /** Waits for a report that is under way. */
  async close(): Promise<void> {
    await this.#reporting;
  }

  async #decide(decision: Decision, whenUnavailable: Allow): Promise<Figures | undefined> {
    try {
      const figures = await this.#reserve(decision);
      this.#reportSoon();
      return figures;
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      const { nPerDay } = whenUnavailable;
      const allowed = nPerDay > 0 && (await this.#journal.admit(decision, nPerDay));
      this.#log("billing.decided_without_the_service", { ...decision, allowed, code: error.code });
      if (!allowed) throw error;
      return undefined;
    }
  }

  async #extend({ operationId, figures }: Use, ttlSeconds: number): Promise<void> {
    if (!figures) return this.#journal.move(operationId, "running");
    await this.#billing.POST("/internal/v1/usage/operations/{operation_id}/extend/", {
      params: { path: { operation_id: operationId } },
      body: { ttl_seconds: ttlSeconds },
    });
  }

  #reserve({ operationId, userId, feature, amount, ttlSeconds }: Decision): Promise<Figures> {
    return data(
      this.#billing.POST("/internal/v1/users/{user_id}/usage/reserve/", {
        params: { path: { user_id: userId } },
        body: { operation_id: operationId, amount, ttl_seconds: ttlSeconds, feature },
      }),
    );
  }

  /**
   * Throws `OPERATION_EXPIRED` if it took longer than its time and its place is taken, and what `consume` throws if more is
   * needed than was held: then nothing counts.
   */
  async #commit(decision: Decision): Promise<void> {
    try {
      await this.#committed(decision);
    } catch (error) {
      if (error instanceof Refused) await this.#release(decision);
      if (!(error instanceof Unavailable)) throw error;
      this.#log("billing.commit_owed", { ...decision, code: error.code });
      await this.#journal.owe(decision);
      this.#somethingIsDue = true;
    }
  }

  /** Never throws what the service says: what cannot be given back now frees itself. */
  async #release({ operationId }: Decision): Promise<void> {
    try {
      await this.#billing.POST("/internal/v1/usage/operations/{operation_id}/release/", {
        params: { path: { operation_id: operationId } },
      });
    } catch (error) {
      if (!(error instanceof BillingError)) throw error;
      this.#log("billing.not_released", { operationId, code: error.code });
    }
  }

  async #concludeLater(decision: Decision): Promise<void> {
    await this.#journal.conclude(decision, "due");
    this.#somethingIsDue = true;
  }

  async #committed({ operationId, amount }: Decision): Promise<void> {
    await this.#billing.POST("/internal/v1/usage/operations/{operation_id}/commit/", {
      params: { path: { operation_id: operationId } },
      body: { amount },
    });
  }

  #reportSoon(): void {
    if (!this.#somethingIsDue || this.#reporting) return;
    this.#reporting = this.report()
      .catch((error: unknown) => {
        this.#somethingIsDue = true;
        this.#log("billing.report_failed", { reason: String(error) });
      })
      .finally(() => {
        this.#reporting = undefined;
      });
  }

  async #tell(decision: Decision, day: string): Promise<void> {
    try {
      await this.#count(decision, day);
      await this.#journal.move(decision.operationId, "reported");
    } catch (error) {
      if (!(error instanceof Refused)) {
        await this.#journal.move(decision.operationId, "due");
        throw error;
      }
      await this.#journal.move(decision.operationId, "not_counted");
      this.#log("billing.not_counted", { ...decision, code: error.code });
    }
  }

  /**
   * A reservation whose answer was lost is there and counts on its own day; what the service knows nothing of, or has
   * given the place of to somebody else, has happened all the same, on this day.
   */
  async #count(decision: Decision, day: string): Promise<void> {
    try {
      await this.#committed(decision);
    } catch (error) {
      if (!(error instanceof Refused && UNKNOWN_OR_OVER.some((code) => error.is(code)))) throw error;
      await this.#billing.POST("/internal/v1/users/{user_id}/usage/consume/", {
        params: { path: { user_id: decision.userId } },
        body: {
          amount: decision.amount,
          operation_id: decision.operationId,
          feature: decision.feature,
          decided_on: day,
        },
      });
    }
  }
}

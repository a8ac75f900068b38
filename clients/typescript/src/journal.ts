/** What was decided without the service, until it knows. */

export interface Decision {
  operationId: string;
  userId: number;
  feature: string;
  amount: number;
  ttlSeconds: number;
}

export type State = "running" | "given_back" | "due" | "reported" | "not_counted";

/**
 * One for everything that counts together. `MemoryJournal` is for one process, and forgets with it: with several, keep it
 * where all of them write, and let `admit` count and write in one step.
 */
export interface Journal {
  /** Let it through if it fits into the user's `nPerDay` of today, and write that down; a repeat always. */
  admit(decision: Decision, nPerDay: number): Promise<boolean>;
  /** The service let it through, it succeeded, and its commit was not answered. */
  owe(decision: Decision): Promise<void>;
  move(operationId: string, state: State): Promise<void>;
  /** It ended, and needed what `decision` says. */
  conclude(decision: Decision, state: State): Promise<void>;
  /** What the service must be told, with the day of each; nobody else gets them for a while. */
  claim(): Promise<{ decision: Decision; day: string }[]>;
  today(): string;
}

interface Entry {
  decision: Decision;
  day: string;
  at: number;
  state: State | "reporting";
  withoutUs: boolean;
}

const LET_THROUGH = new Set(["running", "due", "reporting", "reported"]);
const KEPT = 8 * 24 * 3600_000;

/** `timezone` must be the service's `BILLING_TIMEZONE`: it says which day it is. */
export class MemoryJournal implements Journal {
  readonly #entries = new Map<string, Entry>();
  readonly #days: Intl.DateTimeFormat;
  readonly #now: () => number;

  constructor({ timezone = "Europe/Moscow", now = Date.now }: { timezone?: string; now?: () => number } = {}) {
    this.#days = new Intl.DateTimeFormat("sv-SE", { timeZone: timezone });
    this.#now = now;
  }

  today(): string {
    return this.#days.format(this.#now());
  }

  async admit(decision: Decision, nPerDay: number): Promise<boolean> {
    const known = this.#entries.get(decision.operationId);
    if (known && LET_THROUGH.has(known.state) && !this.#died(known)) return true;
    if (this.#usedToday(decision) + decision.amount > nPerDay) return false;
    this.#forgetOld();
    this.#write(decision, "running", true);
    return true;
  }

  async owe(decision: Decision): Promise<void> {
    if (!this.#entries.has(decision.operationId)) this.#write(decision, "due", false);
  }

  async move(operationId: string, state: State): Promise<void> {
    const entry = this.#entries.get(operationId);
    if (entry) this.#entries.set(operationId, { ...entry, state, at: this.#now() });
  }

  async conclude(decision: Decision, state: State): Promise<void> {
    const entry = this.#entries.get(decision.operationId);
    if (entry) this.#entries.set(decision.operationId, { ...entry, decision, state, at: this.#now() });
  }

  async claim(): Promise<{ decision: Decision; day: string }[]> {
    const due = [...this.#entries.values()].filter((entry) => entry.state === "due");
    for (const entry of due) entry.state = "reporting";
    return due.map(({ decision, day }) => ({ decision, day }));
  }

  /** For metrics: how many decisions without the service are in which state; forgotten after a week. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const entry of this.#entries.values()) {
      if (entry.withoutUs) counts[entry.state] = (counts[entry.state] ?? 0) + 1;
    }
    return counts;
  }

  #write(decision: Decision, state: State, withoutUs: boolean): void {
    this.#entries.set(decision.operationId, { decision, day: this.today(), at: this.#now(), state, withoutUs });
  }

  #usedToday({ userId, feature }: Decision): number {
    return [...this.#entries.values()]
      .filter(({ decision, day, withoutUs }) =>
        withoutUs && decision.userId === userId && decision.feature === feature && day === this.today())
      .filter((entry) => entry.state !== "given_back" && !this.#died(entry))
      .reduce((sum, { decision }) => sum + decision.amount, 0);
  }

  #died(entry: Entry): boolean {
    return entry.state === "running" && entry.at + entry.decision.ttlSeconds * 1000 < this.#now();
  }

  #forgetOld(): void {
    for (const [id, entry] of this.#entries) {
      const told = entry.state !== "due" && entry.state !== "reporting";
      if (told && entry.at + KEPT < this.#now()) this.#entries.delete(id);
    }
  }
}

/** The EatFit24 billing service, asked from TypeScript. For a backend: no browser ever holds its token. */

export { type Billing, connect, data, type Options } from "./client.js";
export { AnswerLost, BillingError, type Code, NotReached, Refused, Unavailable } from "./errors.js";
export { type BillingEvent, EventReceiver, ForgedEvent, type Remember, ReplayedEvent } from "./events.js";
export type { ErrorCode } from "./generated/contract.js";
export type { components, operations, paths } from "./generated/schema.js";
export { type Allow, allow, type Asked, deny, type Figures, type GuardOptions, Guards, type Use } from "./guard.js";
export { type Decision, type Journal, MemoryJournal, type State } from "./journal.js";
export type { Retries } from "./retries.js";

export type { LeadershipChange } from "./leadership-changes.ts";
export type { RaftOptions } from "./options.ts";
export type { Authority, ProposeOutcome, WaitOptions } from "./outcome.ts";
export { Raft } from "./raft.ts";
export { type Deadline, Deadlines } from "./shared-deadlines.ts";
export { forgetEnd, whenEnded } from "./signal-end.ts";
export { systemClock } from "./system-clock.ts";
export { systemRandom } from "./system-random.ts";

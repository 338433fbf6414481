import { defaultTuning } from "../../raft/index.ts";
import type { Plan } from "./plan/index.ts";

/** Returns the longest election timeout of a plan, in ms. */
export function electionTimeoutOf({ tuning }: Pick<Plan<unknown>, "tuning">): number {
  return tuning.electionTimeoutMaxMs ?? defaultTuning.electionTimeoutMaxMs;
}

/** Election timeouts that may pass without an acknowledged write while a majority is up and connected. */
const ELECTION_TIMEOUTS = 30;

/** Message loss on every link, in thousandths, that doubles the time of elections and commits. */
const LOSS_PERMILLE = 50;

/** Messages and syncs in a row that may be as slow as possible. */
const SLOW_MESSAGES = 12;
const SLOW_SYNCS = 8;

/**
 * Returns the maximum time in ms without an acknowledged write, for a replica of a connected majority. It is some election
 * timeouts, plus the slowest messages and syncs of the plan for each step of an election and of a commit.
 *
 * @param syncMs the longest sync of a disk that a fault made slow; 0 if there was none
 */
export function writeBoundMs(plan: Plan<unknown>, syncMs: number): number {
  const { network, disk } = plan;
  const messageMs = (network.delayUs[1] + (network.slowPermille > 0 ? network.slowUs : 0)) / 1000;
  const slowestSyncMs = Math.max(syncMs, (disk.syncUs[1] + (disk.slowPermille > 0 ? disk.slowUs : 0)) / 1000);
  const electionsMs =
    ELECTION_TIMEOUTS * electionTimeoutOf(plan) * (1 + network.dropPermille / LOSS_PERMILLE);
  return electionsMs + SLOW_MESSAGES * messageMs + SLOW_SYNCS * slowestSyncMs;
}

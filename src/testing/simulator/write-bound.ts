import { defaultTuning } from "../../raft/index.ts";
import type { Plan } from "./plan/index.ts";

/** The longest election timeout of a plan, in ms. */
export function electionTimeoutOf({ tuning }: Pick<Plan<unknown>, "tuning">): number {
  return tuning.electionTimeoutMaxMs ?? defaultTuning.electionTimeoutMaxMs;
}

/** How many election timeouts may pass without an acknowledged write while a majority is up and connected. */
const ELECTION_TIMEOUTS = 30;

/** Loss on every link, in thousandths, that makes elections and commits take as long again. */
const LOSS_PERMILLE = 50;

/** How many messages and syncs in a row may be as slow as they can be. */
const SLOW_MESSAGES = 12;
const SLOW_SYNCS = 8;

/**
 * How long a replica may be without an acknowledged write while it belongs to a majority that is up and connected: some
 * election timeouts, and what the slowest messages and syncs of the plan add to each step of an election and of a commit.
 *
 * @param syncMs the longest sync of a disk that a fault made slow meanwhile; 0 if there was none
 */
export function writeBoundMs(plan: Plan<unknown>, syncMs: number): number {
  const { network, disk } = plan;
  const messageMs = (network.delayUs[1] + (network.slowPermille > 0 ? network.slowUs : 0)) / 1000;
  const slowestSyncMs = Math.max(syncMs, (disk.syncUs[1] + (disk.slowPermille > 0 ? disk.slowUs : 0)) / 1000);
  const electionsMs =
    ELECTION_TIMEOUTS * electionTimeoutOf(plan) * (1 + network.dropPermille / LOSS_PERMILLE);
  return electionsMs + SLOW_MESSAGES * messageMs + SLOW_SYNCS * slowestSyncMs;
}

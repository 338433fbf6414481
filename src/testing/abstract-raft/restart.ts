import type { PersistedState, RaftView } from "../../raft/index.ts";
import type { AbstractReplica } from "./replica.ts";

export interface Restart {
  readonly restored: PersistedState;
  readonly view: RaftView;
  readonly volatileStorage: boolean;
  /** The storage was damaged: any content is accepted. */
  readonly isDamaged: boolean;
}

/** Restarts a replica, or starts it if there is no `before`, with what was durable (figure 2). */
export function restart(replica: AbstractReplica, before: AbstractReplica | undefined, how: Restart): void {
  const { restored, view, volatileStorage, isDamaged } = how;
  const { stored, history } = replica;
  const isBootstrapping = stored.isBlank && !volatileStorage && !replica.isAlone;
  replica.demand((view.role === "bootstrapping") === isBootstrapping, "bootstrapping");
  if (!isBootstrapping) replica.role = "follower";
  // A bootstrapping replica makes no promises before all others have confirmed that it may take part. What it lost is checked there.
  if (stored.isBlank && (isBootstrapping || volatileStorage)) return;
  const isOwn = history.chain(restored.entries, undefined);
  replica.demand(isDamaged || (isOwn && (before === undefined || isKept(before, replica))), "restored");
}

/** Returns whether everything durable is there. What was being written may be. */
function isKept(
  { stored, writing, installing, lastApplied }: AbstractReplica,
  now: AbstractReplica,
): boolean {
  const { index, term } = now.stored.snapshot;
  const isNewer = index > stored.snapshot.index;
  const mayBe = index <= lastApplied || index === installing?.lastIncludedIndex;
  if (isNewer && !(mayBe && now.history.committedTerm(index) === term)) return false;
  if (stored.isRestoredAs(now.stored)) return true;
  if (writing === undefined) return false;
  stored.write(writing);
  return stored.isRestoredAs(now.stored);
}

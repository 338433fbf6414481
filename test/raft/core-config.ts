import { defaultTuning, type RaftConfig, type RaftTuning, type ReplicaId } from "../../src/raft/index.ts";

/** A configuration for one core: the defaults, and an election timeout that is always the shortest. */
export function configOf(
  id: ReplicaId,
  voters: readonly ReplicaId[],
  tuning: Partial<RaftTuning> = {},
): RaftConfig {
  return { ...defaultTuning, ...tuning, id, voters, volatileStorage: false, random: () => 0 };
}

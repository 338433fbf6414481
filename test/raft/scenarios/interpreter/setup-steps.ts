import {
  defaultTuning,
  type PersistedState,
  type RaftTuning,
  type ReplicaId,
} from "../../../../src/raft/index.ts";
import { stateOf } from "../../inputs.ts";
import type { ScenarioCluster } from "./scenario-cluster.ts";
import type { StepDefinition } from "./step-definition.ts";

/** The replicas, and the contents of their disks. */
export const setupSteps: readonly StepDefinition[] = [
  {
    usage: "cluster of <number>, all new",
    meaning: "the replicas: n1, n2, … with empty storage, which must complete their bootstrap first",
    run(cluster, words) {
      cluster.create(words.number("number"), {});
      for (const machine of cluster.machines) cluster.start(machine);
    },
  },
  {
    usage: "cluster of <number>[, with <options>]",
    meaning:
      "the replicas: n1, n2, … in term 1 with empty logs, after a completed bootstrap. Options are those of RaftTuning: `with maxInflightAppends 2, maxAppendBytes 100`",
    run(cluster, words) {
      cluster.create(words.number("number"), tuningOf(words.maybe("options") ?? ""));
      for (const machine of cluster.machines) {
        machine.store(withCountedPeers(cluster, machine.id, stateOf({ term: 1 })));
        cluster.start(machine);
      }
    },
  },
  {
    usage: "<replicas> has/have term <term>[, vote <vote>][, log <positions>]",
    meaning: "the contents of a replica's disk at the start of the scenario",
    run(cluster, words) {
      for (const machine of cluster.group(words.get("replicas"))) {
        if (machine.nowMs > 0) throw new RangeError("a disk can be set only before the first other step");
        machine.crash();
        const state = stateOf({
          term: words.number("term"),
          log: words.maybe("positions") ?? "",
          ...voteOf(cluster, words.maybe("vote")),
        });
        machine.store(withCountedPeers(cluster, machine.id, state));
        cluster.start(machine);
      }
    },
  },
  {
    usage: "<replica> draws an election timeout of <ms> ms",
    meaning: "from its next draw on. Default: n1 draws 300 ms, n2 350, n3 400, …",
    run(cluster, words) {
      cluster.machine(words.get("replica")).electionTimeoutMs = words.number("ms");
    },
  },
];

/** A replica that has run before has counted all its peers; see docs/decisions/0006. */
function withCountedPeers(cluster: ScenarioCluster, id: ReplicaId, state: PersistedState): PersistedState {
  const countedPeers = cluster.ids.filter((peer) => peer !== id);
  return { ...state, hardState: { ...state.hardState, countedPeers } };
}

function voteOf(cluster: ScenarioCluster, vote: string | undefined): { votedFor?: ReplicaId } {
  return vote === undefined ? {} : { votedFor: cluster.machine(vote).id };
}

function tuningOf(options: string): Partial<RaftTuning> {
  const words = options.split(", ").filter((option) => option !== "");
  const allowed = Object.keys(defaultTuning);
  return Object.fromEntries(
    words.map((word) => {
      const [name = "", value = ""] = word.split(" ");
      if (!allowed.includes(name) || !/^\d+$/.test(value)) {
        throw new RangeError(`option: one of ${allowed.join(", ")} with a number, not ${word}`);
      }
      return [name, Number(value)];
    }),
  );
}

import type { RoleName } from "../../../../src/raft/index.ts";
import type { Machine } from "./machine.ts";
import { select } from "./messages.ts";
import { selectionOf } from "./network-steps.ts";
import type { ScenarioCluster } from "./scenario-cluster.ts";
import { isLeading } from "./settling.ts";
import type { StepDefinition, Words } from "./step-definition.ts";

/** Conditions that must hold, independent of the transcript. */
export const expectations: readonly StepDefinition[] = [
  {
    usage: "expect <replica> leads term <term>",
    meaning: "it is the leader of this term",
    run: (cluster, words) => {
      const { role, currentTerm } = viewOf(cluster, words);
      same(`${role} of term ${currentTerm}`, `leader of term ${words.get("term")}`);
    },
  },
  {
    usage: "expect nobody leads",
    meaning: "no replica that is up believes that it leads",
    run: (cluster) => same(namesOf(cluster.machines.filter(isLeading)), "nobody"),
  },
  {
    usage: "expect <replicas> follows/follow <leader>",
    meaning: "they follow this leader; `nobody` if they know none",
    run: (cluster, words) =>
      forEach(cluster, words, (machine) => {
        const { role, leader } = machine.up.core.view();
        same(`${role} of ${leader ?? "nobody"}`, `follower of ${words.get("leader")}`);
      }),
  },
  {
    usage: "expect <replicas> is/are down",
    meaning: "they crashed or stopped",
    run: (cluster, words) => forEach(cluster, words, ({ replica }) => same(replica ? "up" : "down", "down")),
  },
  {
    usage: "expect <replicas> is/are <role>",
    meaning: "bootstrapping, follower, pre-candidate, candidate or leader",
    run: (cluster, words) =>
      forEach(cluster, words, (machine) => same(roleNames[machine.up.core.view().role], words.get("role"))),
  },
  {
    usage: "expect <replicas> in term <term>",
    meaning: "their current term",
    run: (cluster, words) =>
      forEach(cluster, words, (machine) => same(machine.up.core.view().currentTerm, words.number("term"))),
  },
  {
    usage: "expect <replica> voted for <vote>",
    meaning: "its vote in its current term; `nobody` if it has not voted",
    run: (cluster, words) => same(viewOf(cluster, words).votedFor ?? "nobody", words.get("vote")),
  },
  {
    usage: "expect <replicas> log <positions>",
    meaning: "all entries of the log in memory; `nothing` if it is empty",
    run: (cluster, words) =>
      forEach(cluster, words, (machine) => {
        const view = machine.up.core.view();
        same(positions(view.entries(view.firstLogIndex, view.lastLogIndex)), words.get("positions"));
      }),
  },
  {
    usage: "expect <replicas> snapshot <position>",
    meaning: "the end of its newest snapshot",
    run: (cluster, words) =>
      forEach(cluster, words, (machine) => {
        const { snapshot } = machine.up.core.view();
        const at = snapshot && `${snapshot.lastIncludedIndex}@${snapshot.lastIncludedTerm}`;
        same(at ?? "nothing", words.get("position"));
      }),
  },
  {
    usage: "expect <replicas> committed <number>",
    meaning: "its commit index",
    run: (cluster, words) =>
      forEach(cluster, words, (machine) => same(machine.up.core.view().commitIndex, words.number("number"))),
  },
  {
    usage: "expect <replicas> applied <commands>",
    meaning: "all applied commands, in order; `nothing` if there are none",
    run: (cluster, words) =>
      forEach(cluster, words, (machine) =>
        same(
          machine.up.applied.map((command) => command.trimEnd()).join(" ") || "nothing",
          words.get("commands"),
        ),
      ),
  },
  {
    usage: "expect <replicas> disk <positions>",
    meaning: "the durable entries",
    run: (cluster, words) =>
      forEach(cluster, words, ({ image }) => same(positions(image.entries), words.get("positions"))),
  },
  {
    usage: "expect <replicas> disk term <term>, vote <vote>",
    meaning: "the durable term and vote",
    run: (cluster, words) =>
      forEach(cluster, words, ({ image: { hardState } }) => {
        const { currentTerm, votedFor } = hardState;
        same(
          `term ${currentTerm}, vote ${votedFor ?? "nobody"}`,
          `term ${words.get("term")}, vote ${words.get("vote")}`,
        );
      }),
  },
  {
    usage: "expect <replica> knows <peer>: <mode>, match <number>",
    meaning: "a leader's progress of a peer: probe, replicate or snapshot, and its matchIndex",
    run: (cluster, words) => {
      const peer = viewOf(cluster, words).peers.find(({ id }) => id === words.get("peer"));
      const known = peer && `${peer.mode}, match ${peer.matchIndex}`;
      same(known ?? "nothing", `${words.get("mode")}, match ${words.get("number")}`);
    },
  },
  {
    usage: "expect read <name> waits",
    meaning: "it was neither answered nor refused yet",
    run: (cluster, words) => same(readOf(cluster, words), "waits"),
  },
  {
    usage: "expect read <name> refused",
    meaning: "it was refused: the replica does not lead, or no longer leads",
    run: (cluster, words) => same(readOf(cluster, words), "refused"),
  },
  {
    usage: "expect read <name> at <number>",
    meaning: "it was answered from the state at this index",
    run: (cluster, words) => same(readOf(cluster, words), `at ${words.get("number")}`),
  },
  {
    usage: "expect <number> on the wire[: <messages>]",
    meaning: "the number of such messages in flight",
    run: (cluster, words) => {
      const messages = select(
        cluster.network.wire.messages,
        selectionOf(cluster, words.maybe("messages") ?? "everything"),
      );
      same(messages.length, words.number("number"));
    },
  },
];

const roleNames: Readonly<Record<RoleName, string>> = {
  bootstrapping: "bootstrapping",
  follower: "follower",
  preCandidate: "pre-candidate",
  candidate: "candidate",
  leader: "leader",
};

function viewOf(cluster: ScenarioCluster, words: Words): ReturnType<Machine["up"]["core"]["view"]> {
  return cluster.machine(words.get("replica")).up.core.view();
}

function forEach(cluster: ScenarioCluster, words: Words, check: (machine: Machine) => void): void {
  for (const machine of cluster.group(words.get("replicas"))) {
    try {
      check(machine);
    } catch (error) {
      throw new Error(`${machine.id}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }
}

function same<T extends string | number>(actual: T, expected: T): void {
  if (actual !== expected) throw new Error(`expected ${expected}, not ${actual}`);
}

function namesOf(machines: readonly Machine[]): string {
  return machines.map(({ id }) => id).join(", ") || "nobody";
}

function positions(entries: readonly { index: number; term: number }[]): string {
  return entries.map(({ index, term }) => `${index}@${term}`).join(" ") || "nothing";
}

function readOf(cluster: ScenarioCluster, words: Words): string {
  const state = cluster.reads.state(words.get("name"));
  return typeof state === "string" ? state : `at ${state.readIndex}`;
}

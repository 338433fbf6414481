import type { Machine } from "./machine.ts";
import { kindOf, type Message } from "./messages.ts";
import type { ScenarioCluster } from "./scenario-cluster.ts";
import { fireTimer, isLeading, settleAll } from "./settling.ts";
import type { StepDefinition } from "./step-definition.ts";

/** Whole elections in one step, for scenarios about something else. */
export const electionSteps: readonly StepDefinition[] = [
  {
    usage: "<replica> becomes leader and settles",
    meaning: "all vote for it, its no-op is committed, and all learn that",
    run: (cluster, words) => {
      const machine = cluster.machine(words.get("replica"));
      const voters = elect(cluster, machine, cluster.machines);
      cluster.recorder.during("nothing", () => settleAll(cluster));
      const { commitIndex, currentTerm } = machine.up.core.view();
      cluster.record(
        machine,
        `leads term ${currentTerm}, elected by ${voters}; commits up to ${commitIndex}@${currentTerm}`,
      );
    },
  },
  {
    usage: "<replica> becomes leader[ by <replicas>]",
    meaning:
      "it times out and is elected by these replicas (default: all). The other messages stay on the wire, including its first AppendEntries",
    run: (cluster, words) => {
      const machine = cluster.machine(words.get("replica"));
      const by = words.maybe("replicas");
      const voters = elect(cluster, machine, by === undefined ? cluster.machines : cluster.group(by));
      const { leadershipIndex, currentTerm } = machine.up.core.view();
      cluster.record(
        machine,
        `leads term ${currentTerm}, elected by ${voters}; sends its no-op ${leadershipIndex}@${currentTerm}`,
      );
    },
  },
  {
    usage: "<replicas> become/becomes candidate[s]",
    meaning:
      "each times out and gets a quorum of pre-votes at once, as if they had crossed with those of its rivals; a pre-vote is not binding. Its requests for votes are on the wire",
    run: (cluster, words) => {
      for (const machine of cluster.group(words.get("replicas"))) {
        cluster.recorder.during("nothing", () => nominate(cluster, machine));
        const { role, currentTerm } = machine.up.core.view();
        if (role !== "candidate") throw new Error(`${machine.id} does not become a candidate: it is ${role}`);
        cluster.record(machine, `candidate, term ${currentTerm}`);
      }
    },
  },
];

function nominate(cluster: ScenarioCluster, candidate: Machine): void {
  fireTimer(cluster, candidate);
  const isPreVote = ({ call }: Message) =>
    call.from === candidate.id && call.request.type === "requestVote" && call.request.preVote;
  for (const message of cluster.network.wire.messages.filter(isPreVote)) {
    cluster.network.wire.takeOne(message);
    const { currentTerm: term, role } = candidate.up.core.view();
    if (role !== "preCandidate") continue;
    const reply = { type: "requestVote", term, voteGranted: true } as const;
    cluster.step(candidate, { type: "reply", from: message.to, request: message.call.request, reply });
  }
}

/** A campaign may have to be repeated, because voters with a live leader refuse at first. */
const MAX_CAMPAIGNS = 4;

/** @returns the voters, as text */
function elect(cluster: ScenarioCluster, candidate: Machine, electorate: readonly Machine[]): string {
  const leadersBefore = cluster.machines.filter((machine) => machine !== candidate && isLeading(machine));
  const ids = electorate.map(({ id }) => id);
  const voters = new Set<string>();
  cluster.recorder.during("nothing", () => {
    for (let campaigns = 0; campaigns < MAX_CAMPAIGNS && !isLeading(candidate); campaigns++) {
      voters.clear();
      fireTimer(cluster, candidate);
      for (let message = nextBallot(cluster, candidate); message !== undefined; ) {
        cluster.network.wire.takeOne(message);
        const isIncluded = [message.from, message.to].every((id) => id === candidate.id || ids.includes(id));
        if (isIncluded) cluster.network.deliver(message);
        else cluster.network.lose(message, "not asked");
        if (isIncluded && isVoteFor(message)) voters.add(message.from);
        finishVotes(cluster, candidate);
        message = nextBallot(cluster, candidate);
      }
    }
  });
  if (!isLeading(candidate)) {
    throw new Error(`${candidate.id} is not elected: it is ${candidate.up.core.view().role}`);
  }
  for (const machine of leadersBefore) if (!isLeading(machine)) cluster.record(machine, "steps down");
  return [...voters].join(", ") || "itself";
}

function nextBallot(cluster: ScenarioCluster, { id }: Machine): Message | undefined {
  return cluster.network.wire.messages.find(({ call, ...message }) => {
    return call.from === id && kindOf({ call, ...message }) === "vote";
  });
}

function isVoteFor({ call, reply }: Message): boolean {
  const isVote = call.request.type === "requestVote" && !call.request.preVote;
  return isVote && reply?.type === "requestVote" && reply.voteGranted;
}

/** Completes the writes of votes even on slow disks, but not the leader's first write. */
function finishVotes(cluster: ScenarioCluster, candidate: Machine): void {
  for (const machine of cluster.machines) {
    const isBallot = machine.writing !== undefined && machine.writing.entries.length === 0;
    if (isBallot && !(machine === candidate && isLeading(candidate))) cluster.completeWrite(machine);
  }
}

import type { RaftReply, RaftRequest, ReplicaId } from "../../raft/index.ts";
import type { Canonicals } from "./canonical-state.ts";
import type { Action, Cluster } from "./cluster.ts";
import type { ClusterState } from "./cluster-state.ts";
import type { LocalInput } from "./local-input.ts";

/**
 * Describes a sequence of actions, one line each.
 *
 * @param actions for each state on the way, the number of the action taken
 */
export function traceOf(cluster: Cluster, canonicals: Canonicals, actions: readonly number[]): string[] {
  const lines: string[] = [];
  let state = cluster.state(canonicals.of(cluster.start).numbers);
  // Names in the described run, by replica of the canonical state.
  let names: readonly ReplicaId[] = cluster.ids;
  for (const wanted of actions) {
    let at = 0;
    cluster.visitActions(state, (action, reached) => {
      if (at++ !== wanted) return;
      const input = cluster.locals.inputs.valueOf(action.input);
      lines.push(describe(action, input, state, names));
      if (reached instanceof Error) return;
      const { numbers, renaming } = canonicals.of(reached);
      const renamed = [...names];
      for (const [replica, name] of names.entries()) renamed[renaming.replica(replica)] = name;
      names = renamed;
      state = cluster.state(numbers);
    });
  }
  return lines;
}

function describe(
  { replica, what }: Action,
  input: LocalInput,
  state: ClusterState,
  names: readonly ReplicaId[],
): string {
  const self = names[replica];
  const term = state.replicas[replica]?.currentTerm ?? 0;
  switch (input.type) {
    case "campaign":
      return `${self} campaigns for term ${term + 1}`;
    case "heartbeat":
      return `${self} sends heartbeats`;
    case "silence":
      return `${self} has no contact with its leader for the shortest election timeout`;
    case "write":
      return `${self} completes its write`;
    case "propose":
      return `${self} takes the proposal ${input.command}`;
    case "crash":
      return `${self} crashes, and starts again from its disk`;
    case "request":
      return `${self} takes from ${names[input.from]}: ${request(input.request)}${what === "happens" ? "" : ` (${what})`}`;
    case "reply":
      return `${self} takes the reply of ${names[input.from]}: ${reply(input.reply)}`;
    case "failed":
      return `${self} gets no reply from ${names[input.to]} to its request ${input.call}`;
  }
}

function request(message: RaftRequest): string {
  const { type, term } = message;
  switch (type) {
    case "requestVote":
      return `RequestVote of term ${term}, log up to ${message.lastLogIndex}@${message.lastLogTerm}`;
    case "appendEntries": {
      const { prevLogIndex, prevLogTerm, entries, leaderCommit } = message;
      const positions = entries.map((entry) => `${entry.index}@${entry.term}`).join(" ");
      return `AppendEntries of term ${term} after ${prevLogIndex}@${prevLogTerm}: [${positions}], commit ${leaderCommit}`;
    }
    default:
      return `${type} of term ${term}`;
  }
}

function reply(message: RaftReply): string {
  switch (message.type) {
    case "requestVote":
      return `vote ${message.voteGranted ? "granted" : "refused"} in term ${message.term}`;
    case "appendEntries":
      return `entries ${message.success ? "stored" : "refused"} in term ${message.term}`;
    default:
      return `${message.type} of term ${message.term}`;
  }
}

import type { HardState, RaftRequest, ReplicaId } from "../../raft/index.ts";
import { Disk } from "./disk.ts";
import { type History, inOrder } from "./history.ts";
import type { InFlight, LocalInput, ReplicaNumber } from "./local-input.ts";

/**
 * A permutation of the replicas. Replicas have numbers, but no rule of Raft depends on them, so a permuted run is a
 * valid run.
 */
export class Permutation {
  readonly #to: readonly ReplicaNumber[];
  readonly #ids: readonly ReplicaId[];

  constructor(to: readonly ReplicaNumber[], ids: readonly ReplicaId[]) {
    this.#to = to;
    this.#ids = ids;
  }

  replica(replica: ReplicaNumber): ReplicaNumber {
    return this.#to[replica] ?? replica;
  }

  id(id: ReplicaId): ReplicaId {
    return this.#ids[this.replica(this.#ids.indexOf(id))] ?? id;
  }

  input(input: LocalInput): LocalInput {
    switch (input.type) {
      case "request":
        return { ...input, from: this.replica(input.from), request: this.#request(input.request) };
      case "reply":
        return { ...input, from: this.replica(input.from) };
      case "failed":
        return { ...input, to: this.replica(input.to) };
      default:
        return input;
    }
  }

  item(item: InFlight): InFlight {
    const ends = { from: this.replica(item.from), to: this.replica(item.to) };
    if (item.type !== "request") return { ...item, ...ends };
    return { ...item, ...ends, request: this.#request(item.request) };
  }

  disk({ hardState, entries }: Disk): Disk {
    const { currentTerm, votedFor, countedPeers } = hardState;
    const renamed: HardState = {
      currentTerm,
      votedFor: votedFor && this.id(votedFor),
      countedPeers: countedPeers.map((peer) => this.id(peer)).sort(),
    };
    return new Disk(renamed, entries);
  }

  history({ leaders, votes, committed }: History): History {
    return {
      leaders: leaders.map((leader) => (leader === null ? null : this.replica(leader))),
      votes: inOrder(
        votes.map(({ term, voter, candidate }) => ({
          term,
          voter: this.replica(voter),
          candidate: this.replica(candidate),
        })),
      ),
      committed,
    };
  }

  #request(request: RaftRequest): RaftRequest {
    switch (request.type) {
      case "requestVote":
        return { ...request, candidateId: this.id(request.candidateId) };
      case "bootstrapCheck":
        return { ...request, replicaId: this.id(request.replicaId) };
      case "appendEntries":
      case "installSnapshot":
        return { ...request, leaderId: this.id(request.leaderId) };
    }
  }
}

export function unchanged(ids: readonly ReplicaId[]): Permutation {
  return new Permutation([...ids.keys()], ids);
}

/** Returns all permutations of the replicas. */
export function permutations(ids: readonly ReplicaId[]): readonly Permutation[] {
  return orders([...ids.keys()]).map((to) => new Permutation(to, ids));
}

function orders(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) =>
    orders(items.filter((other) => other !== item)).map((rest) => [item, ...rest]),
  );
}

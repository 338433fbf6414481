import type { HardState, RaftRequest, ReplicaId } from "../../raft/index.ts";
import { Disk } from "./disk.ts";
import type { LocalInput, ReplicaNumber, Token } from "./local-input.ts";
import { inOrder, type Witness } from "./witness.ts";

/**
 * A permutation of the replicas. Replicas have numbers, but no rule of Raft depends on them, so a permuted run is a
 * valid run.
 */
export class Renaming {
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

  token(token: Token): Token {
    const ends = { from: this.replica(token.from), to: this.replica(token.to) };
    if (token.type !== "request") return { ...token, ...ends };
    return { ...token, ...ends, request: this.#request(token.request) };
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

  witness({ leaders, votes, committed }: Witness): Witness {
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

export function unchanged(ids: readonly ReplicaId[]): Renaming {
  return new Renaming([...ids.keys()], ids);
}

/** Returns all permutations of the replicas. */
export function renamings(ids: readonly ReplicaId[]): readonly Renaming[] {
  return permutations([...ids.keys()]).map((to) => new Renaming(to, ids));
}

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) =>
    permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]),
  );
}

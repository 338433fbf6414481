import { encodeRequests, kvServiceName } from "../../../kvraft/forwarding/index.ts";
import type { KvRequest } from "../../../kvraft/index.ts";
import type { RaftRequest, RaftView, ReplicaId } from "../../../raft/index.ts";
import {
  encodeCall,
  encodeHeader,
  encodeRaftRequest,
  encodeWireValue,
  GROUP,
  raftServiceName,
} from "../../../rpc/index.ts";
import type { RandomStream } from "../world/index.ts";

/** What everybody knows of the cluster. */
export interface Knowledge {
  readonly clusterId: string;
  readonly from: ReplicaId;
  readonly to: ReplicaId;
  /** The receiver's present state. Undefined if it is starting. */
  readonly view: RaftView | undefined;
  /** The sender's introduction, as it was last sent. */
  readonly introduction: Uint8Array;
  /** Requests of the store that were sent in the clear. */
  readonly seen: readonly KvRequest[];
}

const largest = Number.MAX_SAFE_INTEGER;
const nothing = new Uint8Array();
const utf8 = new TextEncoder();

/** Of the 200 bytes of a message that no state machine can decode. */
const malformed = Uint8Array.from({ length: 200 }, (_, at) => 255 - at);

/** Returns a request of any service, in a right envelope: of the present state, or as extreme as possible. */
export function forgedMessage(random: RandomStream, knowledge: Knowledge): Uint8Array<ArrayBuffer> {
  const { clusterId, from, to, introduction } = knowledge;
  const { service, payload } = forgedPayload(random, knowledge);
  const header = encodeHeader({ clusterId, group: GROUP, from, to, service, introduction });
  return encodeCall({ header, callId: random.between(1, 300), payload });
}

function forgedPayload(random: RandomStream, knowledge: Knowledge) {
  switch (random.below(4)) {
    case 0:
      return { service: kvServiceName, payload: encodeRequests(forgedStoreRequests(random, knowledge.seen)) };
    case 1: {
      const index = knowledge.view?.lastApplied ?? 0;
      return { service: "kv-audit", payload: encodeWireValue([index, "0".repeat(32)]) };
    }
    default:
      return { service: raftServiceName, payload: encodeRaftRequest(forgedRaftRequest(random, knowledge)) };
  }
}

function forgedRaftRequest(random: RandomStream, { from, view }: Knowledge): RaftRequest {
  const { currentTerm = 1, lastLogIndex = 0, lastLogTerm = 0, commitIndex = 0 } = view ?? {};
  const term = random.pick([currentTerm, currentTerm + 1, largest]);
  switch (random.below(5)) {
    case 0:
    case 1: {
      const preVote = random.chance(500);
      return {
        type: "requestVote",
        term,
        candidateId: from,
        lastLogIndex: largest,
        lastLogTerm: term,
        preVote,
      };
    }
    case 2: {
      const entry = { type: "command", index: lastLogIndex + 1, term, data: malformed } as const;
      return {
        ...{
          type: "appendEntries",
          term,
          leaderId: from,
          prevLogIndex: lastLogIndex,
          prevLogTerm: lastLogTerm,
        },
        ...{ entries: random.chance(500) ? [entry] : [], round: largest, successor: undefined },
        leaderCommit: random.pick([commitIndex, lastLogIndex + 1, largest]),
        mustHold: random.chance(200),
      };
    }
    case 3: {
      // The snapshot of an empty store would replace all data.
      const lastIncludedIndex = random.pick([commitIndex + 1, lastLogIndex + 100, largest]);
      const snapshot = { lastIncludedIndex, lastIncludedTerm: term, offset: 0, data: nothing, done: true };
      return { type: "installSnapshot", term, leaderId: from, ...snapshot };
    }
    default:
      return { type: "bootstrapCheck", term: random.pick([0, largest]), replicaId: from, round: largest };
  }
}

/** In a real session with its next write, or in one that is guessed. */
function forgedStoreRequests(random: RandomStream, seen: readonly KvRequest[]): KvRequest[] {
  const last = seen.find((request) => "session" in request);
  const session = last?.session ?? random.between(1, 60);
  const ticket = { session, sequence: (last?.sequence ?? random.below(20)) + 1, lowestPending: 1 };
  const write = { key: utf8.encode("a"), value: utf8.encode("forged"), ...ticket };
  switch (random.below(6)) {
    case 0:
      return Array.from({ length: random.between(1, 200) }, () => ({ type: "kvOpenSession" }));
    case 1:
      return [{ type: "kvPut", ...write }];
    case 2:
      return [{ type: "kvAppend", ...write }];
    case 3: {
      const entry = { name: "token/forged", value: write.value, expected: undefined, event: nothing };
      return [{ type: "kvRegister", ...ticket, ...entry }];
    }
    case 4:
      // What a client has just sent.
      return seen.length > 0 ? [...seen] : [{ type: "kvCommitSentinel" }];
    default:
      return [{ type: "kvGet", key: write.key }, { type: "kvCommitSentinel" }];
  }
}

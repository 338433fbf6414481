import { type Command, encodeCommand, type KvRequest, KvStore } from "../../src/kv/index.ts";
import { encodeRequests } from "../../src/kvraft/forwarding/batch-codec.ts";
import { type EntryType, type RaftRequest, type ReplicaId, replicaId } from "../../src/raft/index.ts";
import { encodeCall, encodeHeader, encodeRaftRequest, GROUP } from "../../src/rpc/index.ts";

/** What an attacker can read or guess: everything but the secret. */
export interface Known {
  readonly clusterId: string;
  /** The replica that is attacked. */
  readonly to: ReplicaId;
  /** The peer that the attacker claims to be. */
  readonly from: ReplicaId;
  readonly term: number;
  readonly leader: ReplicaId;
  readonly lastLogIndex: number;
}

/** A message of an attack, as a peer without a seal would send it. */
export interface Message {
  readonly service: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** One way to end or to alter a cluster whose peers are not told apart from others. */
export interface Attack {
  readonly name: string;
  readonly messages: (known: Known) => readonly Message[];
}

const utf8 = new TextEncoder();
/** The store's limit of sessions. */
const ALL_SESSIONS = 10_000;
const BATCH = 1000;

export const attacks: readonly Attack[] = [
  {
    name: "an AppendEntries of a far later term, which ends the leadership",
    messages: (known) => [raft(known, append(known, { term: known.term + 2 ** 31 }))],
  },
  {
    name: "a snapshot of an empty store, which replaces all data",
    messages: (known) => [raft(known, emptySnapshot(known))],
  },
  {
    name: "a malformed command that is committed at once",
    messages: (known) => [
      raft(
        known,
        append(known, {
          term: known.term + 1,
          entries: [entryOf(known, known.term + 1, Uint8Array.of(0xff, 1, 2))],
          leaderCommit: known.lastLogIndex + 1,
        }),
      ),
    ],
  },
  {
    name: "an entry under the leader's own term, which makes followers diverge",
    messages: (known) => [
      raft(
        known,
        append(known, { term: known.term, entries: [entryOf(known, known.term, encodeCommand(forgedPut))] }),
      ),
    ],
  },
  {
    name: "a request for votes of a later term",
    messages: (known) => [
      raft(known, {
        type: "requestVote",
        term: known.term + 1000,
        candidateId: known.from,
        lastLogIndex: known.lastLogIndex + 1000,
        lastLogTerm: known.term + 1000,
        preVote: false,
      }),
    ],
  },
  {
    name: "writes with guessed sessions",
    messages: (known) => [
      store(
        known,
        Array.from({ length: 500 }, (_, turn) => putWith(turn + 1)),
      ),
    ],
  },
  {
    name: "so many sessions that all others end",
    messages: (known) =>
      Array.from({ length: ALL_SESSIONS / BATCH }, () =>
        store(known, Array<KvRequest>(BATCH).fill({ type: "kvOpenSession" })),
      ),
  },
  {
    name: "a write in the name of a replica that the cluster does not have",
    messages: (known) => [
      store({ ...known, from: replicaId("n99") }, [{ type: "kvOpenSession" }, putWith(1)]),
    ],
  },
];

const forgedPut: Command = {
  type: "put",
  owner: "n1",
  timeMs: 1,
  session: 1,
  sequence: 1,
  lowestPending: 1,
  key: utf8.encode("honest"),
  value: utf8.encode("forged"),
};

function putWith(session: number): KvRequest {
  const ticket = { session, sequence: 1_000_000, lowestPending: 1_000_000 };
  return { type: "kvPut", key: utf8.encode("honest"), value: utf8.encode("forged"), ...ticket };
}

function append(
  { leader, lastLogIndex, term }: Known,
  change: Partial<Extract<RaftRequest, { type: "appendEntries" }>>,
): RaftRequest {
  return {
    type: "appendEntries",
    term,
    leaderId: leader,
    prevLogIndex: lastLogIndex,
    prevLogTerm: term,
    entries: [],
    leaderCommit: 0,
    round: 1,
    successor: undefined,
    mustHold: false,
    ...change,
  };
}

function entryOf({ lastLogIndex }: Known, term: number, data: Uint8Array) {
  const type: EntryType = "command";
  return { type, index: lastLogIndex + 1, term, data };
}

function emptySnapshot({ leader, term, lastLogIndex }: Known): RaftRequest {
  const data = Uint8Array.from([...new KvStore().snapshot()].flatMap((chunk) => [...chunk]));
  const position = { lastIncludedIndex: lastLogIndex + 1000, lastIncludedTerm: term + 1 };
  return {
    type: "installSnapshot",
    term: term + 1,
    leaderId: leader,
    ...position,
    offset: 0,
    data,
    done: true,
  };
}

function raft(known: Known, request: RaftRequest): Message {
  return message(known, "raft", encodeRaftRequest(request));
}

function store(known: Known, requests: readonly KvRequest[]): Message {
  return message(known, "kv", encodeRequests(requests));
}

function message({ clusterId, from, to }: Known, service: string, payload: Uint8Array): Message {
  const addresses = { clusterId, group: GROUP, from, to, service };
  const header = encodeHeader({ ...addresses, introduction: new Uint8Array() });
  return { service, bytes: encodeCall({ header, callId: 1, payload }) };
}

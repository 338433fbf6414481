import type { KvReply, KvRequest } from "../../../src/kv/index.ts";
import type { KvReplies } from "../../../src/kvraft/forwarding/index.ts";
import { replicaId } from "../../../src/raft/index.ts";

/** Requests of one message, and replies that belong to them. */
export interface KvSample {
  readonly name: string;
  readonly requests: readonly KvRequest[];
  readonly replies: KvReplies;
}

const n2 = replicaId("n2");
/** All 256 bytes, so that none is taken for text. */
const binary = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const empty = new Uint8Array(0);
const largest = Number.MAX_SAFE_INTEGER;
const ticket = { session: 17, sequence: 5, lowestPending: 3 };
const kvGet = { type: "kvGet", key: binary } as const;
const kvPut = { type: "kvPut", key: binary, value: binary, ...ticket } as const;
const registration = { name: "token/ci", value: binary, expected: 9, event: binary };
const kvRegister = { type: "kvRegister", ...registration, ...ticket } as const;
const kvAppend = { type: "kvAppend", key: empty, value: empty, ...ticket } as const;

function one(name: string, request: KvRequest, reply: KvReply): KvSample {
  return { name, requests: [request], replies: [reply] };
}

export const kvSamples: readonly KvSample[] = [
  one("a session", { type: "kvOpenSession" }, { type: "session", session: 17 }),
  one("too many sessions", { type: "kvOpenSession" }, { type: "tooManySessions" }),
  one("a value", kvGet, { type: "value", value: binary, revision: 9 }),
  one("an empty value", kvGet, { type: "value", value: empty, revision: 9 }),
  one("an absent value", kvGet, { type: "value", value: undefined, revision: 0 }),
  one("a value that no message carries", kvGet, { type: "notCarried", limitBytes: 9 }),
  one("a put", kvPut, { type: "written", revision: 11 }),
  one("an append of nothing to the empty key", kvAppend, { type: "tooLarge", limitBytes: 1 << 20 }),
  one("a sentinel", { type: "kvCommitSentinel" }, { type: "written", revision: 12 }),
  one("a registration", kvRegister, { type: "written", revision: 13 }),
  one(
    "the removal of a name",
    { ...kvRegister, value: undefined, expected: undefined, event: empty },
    { type: "conflict", revision: 9 },
  ),
  one("a registration of nothing", { ...kvRegister, value: empty, expected: 0 }, { type: "registryFull" }),
  one("an expired session", kvPut, { type: "sessionExpired" }),
  one("an overload", kvPut, { type: "overloaded" }),
  one("a leader elsewhere", kvPut, { type: "notLeader", leader: n2 }),
  one("a leader unknown", kvPut, { type: "notLeader", leader: undefined }),
  one("an unknown outcome", kvPut, { type: "unknown" }),
  {
    name: "gets, of which the largest reply did not fit",
    requests: [kvGet, { type: "kvGet", key: empty }, kvGet, kvGet],
    replies: [
      { type: "value", value: binary, revision: largest },
      { type: "value", value: empty, revision: 9 },
      { type: "value", value: undefined, revision: 0 },
      undefined,
    ],
  },
  {
    name: "writes of each type",
    requests: [
      kvPut,
      {
        type: "kvAppend",
        key: empty,
        value: binary,
        session: largest,
        sequence: largest,
        lowestPending: 0,
      },
      { type: "kvPut", key: binary, value: empty, ...ticket },
      { type: "kvOpenSession" },
      { type: "kvCommitSentinel" },
    ],
    replies: [
      { type: "written", revision: largest },
      { type: "tooLarge", limitBytes: 1 << 20 },
      { type: "sessionExpired" },
      { type: "session", session: 17 },
      { type: "unknown" },
    ],
  },
];

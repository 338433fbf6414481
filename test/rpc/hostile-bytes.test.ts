import { Encoder } from "cbor-x/decode";
import { describe, expect, test } from "vitest";
import type { RpcRequest } from "../../src/ports/index.ts";
import { isReplicaId, type LogEntry, replicaId } from "../../src/raft/index.ts";
import { encodeCall, rpcContentType, rpcLimits, rpcRoutes } from "../../src/rpc/index.ts";
import { samples } from "../../src/testing/transport-conformance/samples.ts";
import { bothServices } from "../../src/testing/transport-conformance/services.ts";
import { seededRandom } from "../raft/random.ts";

/** Over all routes; a longer run is `HOSTILE_MESSAGES=1000000 npm test -- test/rpc`. */
const totalMessages = Number(process.env.HOSTILE_MESSAGES ?? 30_000);
const clusterId = "c";
const self = replicaId("n2");
const calls = samples.map(({ request }) => ({
  type: request.type,
  bytes: encodeCall({ clusterId, from: replicaId("n1"), to: self, callId: 1, request }),
}));
/** Heads of arrays, maps, tags, floats and breaks, and the ends of ranges: where decoders go wrong. */
const oddBytes = [
  0, 23, 24, 27, 31, 0x5b, 0x7f, 0x80, 0x9a, 0x9b, 0x9f, 0xa1, 0xbf, 0xc1, 0xd8, 0xd9, 0xf6, 0xfb, 255,
];
/** What CBOR can say and a message can't, or only elsewhere. */
const oddValues: readonly unknown[] = [
  null,
  undefined,
  true,
  -1,
  0.5,
  Number.NaN,
  2 ** 53,
  2n ** 63n,
  "",
  "n1",
  "__proto__",
  new Uint8Array(0),
  new Uint8Array(rpcLimits.keyBytes + 1),
  new Float64Array(2),
  [],
  [[[]]],
  {},
  new Map([[1, 2]]),
  new Set([1]),
  new Date(0),
  new Error("x"),
];
const anything = new Encoder({ useRecords: false, tagUint8Array: false });

/** Makes bytes that look less and less like a call. */
class Mutator {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item; // none of the lists is empty
  }

  /** A message, and the route that it goes to: its own, mostly. */
  message(): { readonly type: string; readonly bytes: Uint8Array<ArrayBuffer> } {
    const call = this.pick(calls);
    const { type } = this.below(8) === 0 ? this.pick(calls) : call;
    return { type, bytes: this.#mutate(call.bytes) };
  }

  #mutate(call: Uint8Array): Uint8Array<ArrayBuffer> {
    switch (this.below(5)) {
      case 0:
        return Uint8Array.from({ length: this.below(64) }, () => this.below(256));
      case 1:
        return this.#otherValue(call);
      case 2:
        return Uint8Array.from(call.slice(0, this.below(call.length)));
      case 3:
        return this.#splice(call, this.pick(calls).bytes);
      default:
        return this.#otherBytes(call);
    }
  }

  #otherBytes(call: Uint8Array): Uint8Array<ArrayBuffer> {
    const bytes = Uint8Array.from(call);
    for (let change = this.below(3); change >= 0; change--) {
      bytes[this.below(bytes.length)] = this.below(2) === 0 ? this.below(256) : this.pick(oddBytes);
    }
    return bytes;
  }

  #splice(head: Uint8Array, tail: Uint8Array): Uint8Array<ArrayBuffer> {
    return Uint8Array.from([
      ...head.slice(0, this.below(head.length)),
      ...tail.slice(this.below(tail.length)),
    ]);
  }

  /** Puts another value into one place of a message, or into a list within it. */
  #otherValue(call: Uint8Array): Uint8Array<ArrayBuffer> {
    const message: unknown[] = anything.decode(Uint8Array.from(call));
    let list = message;
    for (let depth = this.below(4); depth > 0; depth--) {
      const inner = list.filter((item) => Array.isArray(item));
      if (inner.length > 0) list = this.pick(inner);
    }
    list[this.below(list.length + 1)] = this.pick(oddValues);
    return new Uint8Array(anything.encode(message));
  }
}

/** What the types of a request promise, checked without any code of the contract. */
function isRequest(request: RpcRequest): boolean {
  const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;
  const isBytes = (value: Uint8Array, max: number) =>
    Object.getPrototypeOf(value) === Uint8Array.prototype && value.length <= max;
  const isEntry = (entry: LogEntry) =>
    isCount(entry.index) &&
    isCount(entry.term) &&
    ["noop", "command"].includes(entry.type) &&
    isBytes(entry.data, Infinity);
  const isTicket = (ticket: { session: number; sequence: number; lowestPending: number }) =>
    [ticket.session, ticket.sequence, ticket.lowestPending].every(isCount);
  switch (request.type) {
    case "requestVote":
      return (
        [request.term, request.lastLogIndex, request.lastLogTerm].every(isCount) &&
        isReplicaId(request.candidateId) &&
        typeof request.preVote === "boolean"
      );
    case "appendEntries":
      return (
        [request.term, request.prevLogIndex, request.prevLogTerm, request.leaderCommit, request.round].every(
          isCount,
        ) &&
        isReplicaId(request.leaderId) &&
        typeof request.mustHold === "boolean" &&
        (request.successor === undefined || isReplicaId(request.successor)) &&
        request.entries.every((entry, at) => isEntry(entry) && entry.index === request.prevLogIndex + 1 + at)
      );
    case "installSnapshot":
      return (
        [request.term, request.lastIncludedIndex, request.lastIncludedTerm, request.offset].every(isCount) &&
        isReplicaId(request.leaderId) &&
        isBytes(request.data, Infinity) &&
        typeof request.done === "boolean"
      );
    case "bootstrapCheck":
      return isCount(request.term) && isReplicaId(request.replicaId) && isCount(request.round);
    case "kvGet":
      return isBytes(request.key, rpcLimits.keyBytes);
    case "kvPut":
    case "kvAppend":
      return (
        isBytes(request.key, rpcLimits.keyBytes) &&
        isBytes(request.value, rpcLimits.valueBytes) &&
        isTicket(request)
      );
    case "kvOpenSession":
    case "kvCommitSentinel":
      return Object.keys(request).length === 1;
    case "kvBatch":
      return request.requests.length > 0 && request.requests.every(isRequest);
    case "kvAudit":
      return isCount(request.index) && /^[0-9a-f]{32}$/.test(request.hash);
  }
}

describe("hostile bytes", () => {
  test(`${totalMessages} random and mutated messages over all routes: 4xx, or a request that is what its type says`, async () => {
    const mutator = new Mutator(1);
    const asked: RpcRequest[] = [];
    const replies = new Map(samples.map(({ request, reply }) => [request.type, reply]));
    const handlers = bothServices(async (_, request) => {
      asked.push(request);
      const reply = replies.get(request.type);
      if (reply === undefined) throw new Error(`no sample of ${request.type}`);
      return reply;
    });
    const app = rpcRoutes({ addressee: { clusterId, self }, services: () => handlers });
    const seen = new Map<number, number>();

    const headers = { "content-type": rpcContentType };
    for (let n = 0; n < totalMessages; n++) {
      asked.length = 0;
      const { type, bytes } = mutator.message();
      const { status } = await app.request(`/${type}`, { method: "POST", body: bytes, headers });
      seen.set(status, (seen.get(status) ?? 0) + 1);
      const [request] = asked;
      if ((status === 200) !== (request !== undefined)) throw new Error(`message ${n} got ${status}`);
      if (request !== undefined && !isRequest(request)) throw new Error(`message ${n} got through`);
    }

    // None was worth a 5xx, and enough of them came close: a mutation of data alone is a call like any other.
    expect([...seen.keys()].sort()).toStrictEqual([200, 400, 403]);
    expect(seen.get(200)).toBeGreaterThan(totalMessages / 100);
  });
});

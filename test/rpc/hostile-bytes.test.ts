import { Encoder } from "cbor-x/decode";
import { describe, expect, test } from "vitest";
import { type KvReply, type KvRequest, kvLimits, registryLimits } from "../../src/kv/index.ts";
import {
  type Audit,
  auditService,
  decodeAuditReply,
  encodeAudit,
  encodeAuditReply,
} from "../../src/kvraft/audit-service.ts";
import { decodeReplies, encodeReplies, encodeRequests } from "../../src/kvraft/forwarding/batch-codec.ts";
import { kvService } from "../../src/kvraft/forwarding/kv-service.ts";
import type { Transport } from "../../src/ports/index.ts";
import {
  isReplicaId,
  type LogEntry,
  type RaftReply,
  type RaftRequest,
  replicaId,
} from "../../src/raft/index.ts";
import {
  decodeCall,
  decodeRaftReply,
  decodeReply,
  Endpoint,
  encodeCall,
  encodeHeader,
  encodeRaftReply,
  encodeRaftRequest,
  encodeReply,
  MalformedMessage,
  raftService,
  rpcContentType,
  rpcRoutes,
} from "../../src/rpc/index.ts";
import { kvSamples } from "../kvraft/forwarding/kv-samples.ts";
import { seededRandom } from "../raft/random.ts";
import { raftSamples } from "./raft-samples.ts";

/** Over all services; a longer run is `HOSTILE_MESSAGES=1000000 npm test -- test/rpc`. */
const totalMessages = Number(process.env.HOSTILE_MESSAGES ?? 30_000);
const clusterId = "c";
const self = replicaId("n2");
const hash = "0123456789abcdef0123456789abcdef";

/** A payload of a service, and whether it is in CBOR. */
interface Sample {
  readonly service: string;
  readonly payload: Uint8Array;
  readonly isCbor: boolean;
}

const requests: readonly Sample[] = [
  ...raftSamples.map(({ request }) => ({
    ...{ service: "raft", payload: encodeRaftRequest(request), isCbor: false },
  })),
  ...kvSamples.map(({ requests }) => ({ service: "kv", payload: encodeRequests(requests), isCbor: true })),
  { service: "kv-audit", payload: encodeAudit({ index: 7, hash }), isCbor: true },
];

const replies: readonly Sample[] = [
  ...raftSamples.map(({ reply }) => ({ service: "raft", payload: encodeRaftReply(reply), isCbor: false })),
  ...kvSamples.map(({ replies }) => ({ service: "kv", payload: encodeReplies(replies), isCbor: true })),
  { service: "kv-audit", payload: encodeAuditReply({ hash, isPending: false }), isCbor: true },
];

/** Heads of arrays, maps, tags, floats and breaks, and the ends of ranges: where decoders go wrong. */
const oddBytes = [
  0, 1, 2, 3, 23, 24, 27, 31, 0x5b, 0x7f, 0x80, 0x81, 0x9a, 0x9b, 0x9f, 0xa1, 0xbf, 0xc1, 0xd8, 0xf6, 0xfb,
  255,
];
/** Items of CBOR that a message can't contain, or only in other positions. */
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
  new Uint8Array(kvLimits.keyBytes + 1),
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
const addresses = { clusterId, group: 0, from: replicaId("n1"), to: self, introduction: new Uint8Array(28) };

function callOf(service: string, payload: Uint8Array): Uint8Array {
  return encodeCall({ header: encodeHeader({ ...addresses, service }), callId: 1, payload });
}

/** Produces bytes that resemble a message less and less. */
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

  /** A call whose payload or envelope was mutated, and the service that it is sent to, mostly its own. */
  call(): { readonly service: string; readonly bytes: Uint8Array<ArrayBuffer> } {
    const sample = this.pick(requests);
    const { service } = this.below(8) === 0 ? this.pick(requests) : sample;
    const bytes =
      this.below(2) === 0
        ? callOf(sample.service, this.payload(sample, requests))
        : this.#mutate(callOf(sample.service, sample.payload), callOf("kv", this.pick(requests).payload));
    return { service, bytes: Uint8Array.from(bytes) };
  }

  payload({ payload, isCbor }: Sample, others: readonly Sample[]): Uint8Array {
    if (isCbor && this.below(2) === 0) return this.#otherValue(payload);
    return this.#mutate(payload, this.pick(others).payload);
  }

  #mutate(bytes: Uint8Array, other: Uint8Array): Uint8Array {
    switch (this.below(6)) {
      case 0:
        return Uint8Array.from({ length: this.below(64) }, () => this.below(256));
      case 1:
        return bytes.slice(0, this.below(bytes.length));
      case 2:
        return joined(bytes.slice(0, this.below(bytes.length)), other.slice(this.below(other.length)));
      default:
        return this.#otherBytes(bytes);
    }
  }

  #otherBytes(given: Uint8Array): Uint8Array {
    const bytes = Uint8Array.from(given);
    for (let change = this.below(3); change >= 0; change--) {
      bytes[this.below(bytes.length)] = this.below(2) === 0 ? this.below(256) : this.pick(oddBytes);
    }
    return bytes;
  }

  /** Replaces one value of a payload in CBOR, or of a list within it. */
  #otherValue(payload: Uint8Array): Uint8Array {
    const message: unknown[] = anything.decode(Uint8Array.from(payload));
    let list = message;
    for (let depth = this.below(3); depth > 0; depth--) {
      const inner = list.filter((item) => Array.isArray(item));
      if (inner.length > 0) list = this.pick(inner);
    }
    list[this.below(list.length + 1)] = this.pick(oddValues);
    return new Uint8Array(anything.encode(message));
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  return Uint8Array.from([...one, ...other]);
}

/** The conditions in the types of a request, checked without any code of the codecs. */
function isRequest(request: RaftRequest | KvRequest | Audit): boolean {
  const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;
  const isBytes = (value: Uint8Array, max: number) =>
    Object.getPrototypeOf(value) === Uint8Array.prototype && value.length <= max;
  const isEntry = (entry: LogEntry) =>
    isCount(entry.index) &&
    isCount(entry.term) &&
    ["noop", "command", "configuration"].includes(entry.type) &&
    isBytes(entry.data, Infinity);
  const isTicket = (ticket: { session: number; sequence: number; lowestPending: number }) =>
    [ticket.session, ticket.sequence, ticket.lowestPending].every(isCount);
  if (!("type" in request)) return isCount(request.index) && /^[0-9a-f]{32}$/.test(request.hash);
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
      return isBytes(request.key, kvLimits.keyBytes);
    case "kvPut":
    case "kvAppend":
      return (
        isBytes(request.key, kvLimits.keyBytes) &&
        isBytes(request.value, kvLimits.valueBytes) &&
        isTicket(request)
      );
    case "kvRegister":
      return (
        isTicket(request) &&
        request.name !== "" &&
        new TextEncoder().encode(request.name).length <= registryLimits.nameBytes &&
        isBytes(request.event, registryLimits.eventBytes) &&
        (request.value === undefined || isBytes(request.value, registryLimits.valueBytes)) &&
        (request.expected === undefined || isCount(request.expected))
      );
    case "kvOpenSession":
    case "kvCommitSentinel":
      return Object.keys(request).length === 1;
  }
}

/** The conditions in the types of a reply. */
function isReply(reply: RaftReply | KvReply | undefined): boolean {
  if (reply === undefined) return true;
  return Object.entries(reply).every(([name, value]) => {
    switch (typeof value) {
      case "number":
        return Number.isSafeInteger(value) && value >= 0;
      case "string":
        return name === "type" || isReplicaId(value);
      case "object":
        return value instanceof Uint8Array || isReply(value as never);
      default:
        return value === undefined || typeof value === "boolean";
    }
  });
}

/** An endpoint with all services, and the requests that reached a handler. */
async function serving(): Promise<{ endpoint: Endpoint; asked: (RaftRequest | KvRequest | Audit)[] }> {
  const endpoint = new Endpoint({ clusterId, self });
  const asked: (RaftRequest | KvRequest | Audit)[] = [];
  const transport: Transport = {
    serve: (service, handler) => endpoint.serve(service, handler),
    call: () => Promise.reject(new Error("nobody is called")),
    [Symbol.asyncDispose]: async () => {},
  };
  const raftReplies = new Map(raftSamples.map(({ request, reply }) => [request.type, reply]));
  await raftService(transport).serve(async (_, request) => {
    asked.push(request);
    const reply = raftReplies.get(request.type);
    if (reply === undefined) throw new Error(`no sample of ${request.type}`);
    return reply;
  });
  await kvService(transport).serve(async (_, all) => {
    asked.push(...all);
    return all.map(() => ({ type: "unknown" }));
  });
  await auditService(transport).serve((_, audit) => {
    asked.push(audit);
    return { hash: undefined, isPending: true };
  });
  return { endpoint, asked };
}

describe("hostile bytes", () => {
  test(`${totalMessages} random and mutated calls of all services: 4xx, or requests that are what their types say`, async () => {
    const mutator = new Mutator(1);
    const { endpoint, asked } = await serving();
    const app = rpcRoutes({ endpoint });
    const seen = new Map<number, number>();
    const reached = new Set<string>();

    const headers = { "content-type": rpcContentType };
    for (let n = 0; n < totalMessages; n++) {
      asked.length = 0;
      const { service, bytes } = mutator.call();
      const { status } = await app.request(`/${service}`, { method: "POST", body: bytes, headers });
      seen.set(status, (seen.get(status) ?? 0) + 1);
      if ((status === 200) !== asked.length > 0) throw new Error(`message ${n} got ${status}`);
      if (!asked.every(isRequest)) throw new Error(`message ${n} got through`);
      if (status === 200) reached.add(service);
    }

    // None caused a 5xx, and enough were nearly valid: a call with only its data mutated is valid.
    expect([...seen.keys()].sort()).toStrictEqual([200, 400, 403]);
    expect(seen.get(200)).toBeGreaterThan(totalMessages / 100);
    expect([...reached].sort()).toStrictEqual(["kv", "kv-audit", "raft"]);
  });

  test(`${totalMessages} random and mutated replies: malformed, or what their types say`, () => {
    const mutator = new Mutator(2);
    let malformed = 0;
    for (let n = 0; n < totalMessages; n++) {
      const sample = mutator.pick(replies);
      const content = mutator.payload(sample, replies);
      try {
        const decoded = decodeReply(
          encodeReply({ status: "ok", callId: 1, introduction: new Uint8Array(), content }),
        ).content;
        if (!isDecoded(sample.service, decoded)) throw new Error(`reply ${n} got through`);
      } catch (error) {
        if (!(error instanceof MalformedMessage)) throw error;
        malformed++;
      }
    }
    expect(malformed).toBeGreaterThan(totalMessages / 4);
    expect(malformed).toBeLessThan(totalMessages);
  });

  test(`${totalMessages} random and mutated answers: malformed, or an answer`, () => {
    const mutator = new Mutator(3);
    const whole = encodeReply({
      ...{ status: "ok", callId: 1, introduction: new Uint8Array(28) },
      content: Uint8Array.of(1, 2, 3),
    });
    const sample = { service: "raft", payload: whole, isCbor: false };
    for (let n = 0; n < totalMessages; n++) {
      const bytes = mutator.payload(sample, [sample]);
      for (const read of [decodeReply, decodeCall]) {
        try {
          read(bytes);
        } catch (error) {
          if (!(error instanceof MalformedMessage)) throw error;
        }
      }
    }
  });
});

function isDecoded(service: string, payload: Uint8Array): boolean {
  if (service === "raft") return isReply(decodeRaftReply(payload));
  if (service === "kv") return decodeReplies(payload).every(isReply);
  const { hash: found, isPending } = decodeAuditReply(payload);
  return (found === undefined || /^[0-9a-f]{32}$/.test(found)) && typeof isPending === "boolean";
}

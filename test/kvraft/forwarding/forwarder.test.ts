import { describe, expect, test } from "vitest";
import { type KvReply, type KvRequest, kvLimits } from "../../../src/kv/index.ts";
import { decodeRequests, encodeReplies } from "../../../src/kvraft/forwarding/batch-codec.ts";
import { Forwarder, type KvReplies } from "../../../src/kvraft/forwarding/index.ts";
import { type Transport, TransportError } from "../../../src/ports/index.ts";
import { type ReplicaId, replicaId } from "../../../src/raft/index.ts";
import { decodeWireValue } from "../../../src/rpc/index.ts";
import { VirtualClock } from "../../replica/virtual-clock.ts";

const n1 = replicaId("n1");
const n2 = replicaId("n2");

/** A sent message without a reply yet. */
interface Message {
  readonly to: ReplicaId;
  readonly requests: readonly KvRequest[];
  /** Number of requests in it. A peer must not accept any of them. */
  readonly size: number;
  readonly signal: AbortSignal;
  readonly reply: (...replies: KvReplies) => void;
  readonly fail: (error: unknown) => void;
}

/** Keeps what is sent until a test answers it. */
class Wire implements Transport {
  readonly maxPayloadBytes?: number;
  readonly sent: Message[] = [];

  constructor(maxPayloadBytes?: number) {
    if (maxPayloadBytes !== undefined) this.maxPayloadBytes = maxPayloadBytes;
  }

  async serve(): Promise<void> {}

  call(to: ReplicaId, service: string, payload: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    expect(service).toBe("kv");
    return new Promise((resolve, reject) => {
      const reply = (...replies: KvReplies) => resolve(encodeReplies(replies));
      const [codes] = decodeWireValue(payload) as readonly unknown[][];
      const size = codes?.length ?? 0;
      this.sent.push({
        ...{ to, size, signal, reply, fail: reject },
        get requests() {
          return decodeRequests(payload);
        },
      });
      signal.addEventListener("abort", () => reject(new TransportError("timeout", "ended")));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function start(maxPayloadBytes?: number) {
  const wire = new Wire(maxPayloadBytes);
  const clock = new VirtualClock();
  const forwarder = new Forwarder({ transport: wire, clock });
  const ask = (request: KvRequest, signal = new AbortController().signal, to = n1) => {
    const reply = forwarder.call(to, request, signal);
    reply.catch(() => {});
    return reply;
  };
  return { wire, clock, ask };
}

function put(sequence: number, valueBytes = 1): KvRequest {
  const ticket = { session: 1, sequence, lowestPending: 1 };
  return { type: "kvPut", key: Uint8Array.of(sequence), value: new Uint8Array(valueBytes), ...ticket };
}

function get(key: number): KvRequest {
  return { type: "kvGet", key: Uint8Array.of(key) };
}

function written(revision: number): KvReply {
  return { type: "written", revision };
}

/** The n-th sent message, from 0. */
function messageAt(wire: Wire, n: number): Message {
  const message = wire.sent[n];
  if (message === undefined) throw new Error(`there are ${wire.sent.length} messages, not ${n + 1}`);
  return message;
}

/** Number of requests in each message. */
function sizes(wire: Wire): readonly number[] {
  return wire.sent.map(({ size }) => size);
}

describe("batches of requests", () => {
  test("requests of one turn share a message, and each gets its own reply, in their order", async () => {
    const { wire, clock, ask } = start();
    const replies = [ask(put(1)), ask({ type: "kvOpenSession" }), ask(put(3))];
    await clock.idle();
    expect(wire.sent.map(({ to, requests }) => ({ to, requests }))).toEqual([
      { to: n1, requests: [put(1), { type: "kvOpenSession" }, put(3)] },
    ]);
    messageAt(wire, 0).reply(written(7), { type: "session", session: 8 }, { type: "overloaded" });
    expect(await Promise.all(replies)).toEqual([
      written(7),
      { type: "session", session: 8 },
      { type: "overloaded" },
    ]);
  });

  test("one that comes alone goes alone, without delay", async () => {
    const { wire, clock, ask } = start();
    const reply = ask(put(1));
    await clock.idle();
    expect(clock.now()).toBe(0);
    expect(messageAt(wire, 0).requests).toEqual([put(1)]);
    messageAt(wire, 0).reply(written(7));
    expect(await reply).toEqual(written(7));
    expect(clock.timers, "timers").toBe(0);
  });

  test("reads and writes are batched separately, and so are requests to different peers", async () => {
    const { wire, clock, ask } = start();
    const { signal } = new AbortController();
    for (const request of [put(1), get(2), put(3), get(4)]) ask(request);
    ask(get(5), signal, n2);
    await clock.idle();
    expect(wire.sent.map(({ to, requests }) => ({ to, requests }))).toEqual([
      { to: n1, requests: [put(1), put(3)] },
      { to: n1, requests: [get(2), get(4)] },
      { to: n2, requests: [get(5)] },
    ]);
  });

  test("requests that come while four messages are in flight wait for one of them, and share the next", async () => {
    const { wire, clock, ask } = start();
    for (let turn = 1; turn <= 6; turn++) {
      ask(put(turn));
      await clock.idle();
    }
    expect(sizes(wire)).toEqual([1, 1, 1, 1]);
    ask(get(7));
    await clock.idle();
    expect(sizes(wire), "a read does not wait for writes").toEqual([1, 1, 1, 1, 1]);
    messageAt(wire, 2).reply(written(3));
    await clock.idle();
    expect(messageAt(wire, 5).requests).toEqual([put(5), put(6)]);
  });

  test("messages without a reply delay later requests by at most 20 ms", async () => {
    const { wire, clock, ask } = start();
    for (let turn = 1; turn <= 6; turn++) {
      ask(put(turn));
      await clock.idle();
    }
    await clock.elapse(19);
    expect(wire.sent).toHaveLength(4);
    await clock.elapse(1);
    expect(messageAt(wire, 4).requests, "both in one").toHaveLength(2);
    ask(put(7));
    await clock.elapse(19);
    expect(wire.sent).toHaveLength(5);
    await clock.elapse(1);
    expect(messageAt(wire, 5).requests).toEqual([put(7)]);
    expect(clock.timers, "timers").toBe(0);
    for (const { reply } of wire.sent) reply(written(1), written(2));
    await clock.idle();
    for (let turn = 1; turn <= 6; turn++) {
      ask(put(turn));
      await clock.idle();
    }
    expect(wire.sent, "each gave its place back once").toHaveLength(6 + 4);
  });

  test("no timer is left when the last of those that wait is abandoned", async () => {
    const { clock, ask } = start();
    for (let turn = 1; turn <= 4; turn++) {
      ask(put(turn));
      await clock.idle();
    }
    const controller = new AbortController();
    ask(put(5), controller.signal);
    await clock.idle();
    expect(clock.timers).toBe(1);
    controller.abort();
    expect(clock.timers).toBe(0);
  });

  test("large requests leave four at a time, every 20 ms, while none is answered", async () => {
    const { wire, clock, ask } = start();
    for (let n = 1; n <= 12; n++) ask(put(n, 1 << 20));
    await clock.idle();
    expect(wire.sent).toHaveLength(4);
    await clock.elapse(20);
    expect(wire.sent).toHaveLength(8);
    await clock.elapse(20);
    expect(wire.sent).toHaveLength(12);
  });
});

describe("the end of a wait", () => {
  test("of one request does not affect the others in its message", async () => {
    const { wire, clock, ask } = start();
    const controller = new AbortController();
    const [first, second] = [ask(put(1), controller.signal), ask(put(2))];
    await clock.idle();
    controller.abort();
    await expect(first).rejects.toMatchObject({ name: "TransportError", reason: "timeout" });
    expect(messageAt(wire, 0).signal.aborted).toBe(false);
    messageAt(wire, 0).reply(written(7), written(8));
    expect(await second).toEqual(written(8));
  });

  test("of all requests ends their message, so that the next is sent", async () => {
    const { wire, clock, ask } = start();
    const controllers = Array.from({ length: 4 }, () => new AbortController());
    for (const { signal } of controllers) {
      ask(put(1), signal);
      ask(put(2), signal);
      await clock.idle();
    }
    ask(put(3));
    await clock.idle();
    expect(sizes(wire)).toEqual([2, 2, 2, 2]);
    controllers[1]?.abort();
    await clock.idle();
    expect(wire.sent.map(({ signal }) => signal.aborted)).toEqual([false, true, false, false, false]);
    expect(messageAt(wire, 4).requests).toEqual([put(3)]);
  });

  test("before a request is sent prevents that", async () => {
    const { wire, clock, ask } = start();
    const controller = new AbortController();
    const reply = ask(put(1), controller.signal);
    controller.abort();
    await expect(reply).rejects.toMatchObject({ reason: "timeout" });
    await expect(ask(put(2), AbortSignal.abort())).rejects.toMatchObject({ reason: "timeout" });
    await clock.idle();
    expect(wire.sent).toEqual([]);
  });

  test("by a failure of the message is one for all of its requests, and the next ones are sent", async () => {
    const { wire, clock, ask } = start();
    const replies = [ask(put(1)), ask(put(2))];
    await clock.idle();
    const failure = new TransportError("unreachable", "nobody there");
    messageAt(wire, 0).fail(failure);
    for (const reply of replies) await expect(reply).rejects.toBe(failure);
    ask(put(3));
    await clock.idle();
    expect(messageAt(wire, 1).requests).toEqual([put(3)]);
  });
});

describe("the size of a message", () => {
  test("has a limited size: the rest of a turn is sent in another message", async () => {
    const { wire, clock, ask } = start();
    for (let n = 0; n < 5; n++) ask(put(n, 100 << 10));
    await clock.idle();
    expect(sizes(wire)).toEqual([2, 2, 1]);
  });

  test("fits into the transport's limit", async () => {
    const { wire, clock, ask } = start(1000);
    for (let n = 0; n < 5; n++) ask(put(n, 400));
    await clock.idle();
    expect(sizes(wire)).toEqual([2, 2, 1]);
  });

  test("is bounded in requests", async () => {
    const { wire, clock, ask } = start();
    for (let n = 0; n <= kvLimits.batchRequests; n++) ask(get(n));
    await clock.idle();
    expect(sizes(wire)).toEqual([kvLimits.batchRequests, 1]);
  });

  test("has one request if it is too large for a batch, or if a peer would refuse it", async () => {
    const { wire, clock, ask } = start();
    const key = new Uint8Array(kvLimits.keyBytes + 1);
    for (const request of [put(1), put(2, 300 << 10), put(3), put(4)]) ask(request);
    for (const request of [get(1), { type: "kvGet", key }, get(2), get(3)] as const) ask(request);
    await clock.idle();
    expect(sizes(wire)).toEqual([1, 1, 2, 1, 1, 2]);
  });

  test("omits a reply: that request is sent again, unbatched", async () => {
    const { wire, clock, ask } = start();
    const controller = new AbortController();
    const replies = [ask(get(1)), ask(get(2)), ask(get(3), controller.signal)];
    await clock.idle();
    for (let turn = 0; turn < 3; turn++) {
      ask(get(9));
      await clock.idle();
    }
    controller.abort();
    messageAt(wire, 0).reply(written(1), undefined, undefined);
    await clock.idle();
    expect(
      wire.sent.slice(4).map(({ requests }) => requests),
      "what nobody waits for is not",
    ).toEqual([[get(2)]]);
    messageAt(wire, 4).reply(written(2));
    expect(await Promise.all(replies.slice(0, 2))).toEqual([written(1), written(2)]);
  });

  test("leaves many replies out: their requests are made again a few at a time", async () => {
    const { wire, clock, ask } = start();
    for (let n = 0; n < 10; n++) ask(get(n));
    await clock.idle();
    messageAt(wire, 0).reply(...Array.from({ length: 10 }, () => undefined));
    await clock.idle();
    expect(sizes(wire)).toEqual([10, 1, 1, 1, 1]);
    messageAt(wire, 1).reply(written(1));
    await clock.idle();
    expect(sizes(wire)).toEqual([10, 1, 1, 1, 1, 1]);
  });
});

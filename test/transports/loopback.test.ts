import { describe, expect, test } from "vitest";
import type { Transport } from "../../src/ports/index.ts";
import { replicaId } from "../../src/raft/index.ts";
import { happening } from "../../src/testing/conformance/transport/fixture.ts";
import { type LinkFaults, LoopbackNetwork } from "../../transports/loopback/index.ts";
import { ManualClock, settled } from "./manual-clock.ts";

const n1 = replicaId("n1");
const n2 = replicaId("n2");
const service = "counter";

interface Pair {
  readonly network: LoopbackNetwork;
  readonly first: Transport;
  readonly second: Transport;
  /** Number of calls that reached a handler. */
  readonly asked: () => number;
}

/** Two replicas, each of which answers with how many calls were answered before, itself included. */
async function pair(faults?: LinkFaults): Promise<Pair> {
  const network = new LoopbackNetwork({ clusterId: "c", ...(faults && { faults }) });
  let asked = 0;
  const transports = [network.transport(n1), network.transport(n2)] as const;
  for (const transport of transports) {
    await transport.serve(service, async () => Uint8Array.of(++asked));
  }
  return { network, first: transports[0], second: transports[1], asked: () => asked };
}

/** The state of a call once all timers and promises are done. */
async function outcome(call: Promise<unknown>): Promise<"replied" | "failed" | "waits"> {
  let state: "replied" | "failed" | "waits" = "waits";
  call.then(
    () => {
      state = "replied";
    },
    () => {
      state = "failed";
    },
  );
  await settled();
  return state;
}

function ask(caller: Transport, to: typeof n1, signal: AbortSignal = new AbortController().signal) {
  return caller.call(to, service, new Uint8Array(), signal);
}

describe("a cut link", () => {
  test("loses requests in one direction, without an error, until it is healed", async () => {
    const { network, first, second, asked } = await pair();
    network.cut(n1, n2);
    expect(await outcome(ask(first, n2))).toBe("waits");
    expect(asked()).toBe(0);
    network.heal(n1, n2);
    expect(await outcome(ask(first, n2))).toBe("replied");
    expect(await outcome(ask(second, n1))).toBe("replied");
  });

  test("loses the replies to requests of the other direction", async () => {
    const { network, second, asked } = await pair();
    network.cut(n1, n2);
    expect(await outcome(ask(second, n1))).toBe("waits");
    expect(asked()).toBe(1);
  });

  test("leaves a call to its signal", async () => {
    const { network, first } = await pair();
    network.cut(n1, n2);
    const controller = new AbortController();
    const call = ask(first, n2, controller.signal);
    controller.abort();
    await expect(call).rejects.toMatchObject({ reason: "timeout" });
  });
});

test("a disconnected replica neither reaches anyone nor is reached, until it is reconnected", async () => {
  const { network, first, second } = await pair();
  network.disconnect(n2);
  expect(await outcome(ask(first, n2))).toBe("waits");
  expect(await outcome(ask(second, n1))).toBe("waits");
  network.reconnect(n2);
  expect(await outcome(ask(first, n2))).toBe("replied");
  expect(await outcome(ask(second, n1))).toBe("replied");
});

test("a replica that left the network does not reply to calls in flight", async () => {
  const { network, first, second } = await pair();
  const asked = happening();
  const released = happening();
  await second.serve("another", async (_, payload) => {
    asked.happens();
    await released.promise;
    return payload;
  });
  const call = first.call(n2, "another", new Uint8Array(), new AbortController().signal);
  await asked.promise;
  await second[Symbol.asyncDispose]();
  network.transport(n2);
  released.happens();
  await expect(call).rejects.toMatchObject({ reason: "unreachable" });
});

test("a replica is on the network once", async () => {
  const { network, first } = await pair();
  expect(() => network.transport(n1)).toThrow(RangeError);
  await first[Symbol.asyncDispose]();
  await network.transport(n1)[Symbol.asyncDispose]();
});

describe("an unreliable network", () => {
  test("drops requests before the handler sees them", async () => {
    const { first, asked } = await pair({ clock: new ManualClock(), random: () => 0.4, dropRequest: 0.5 });
    expect(await outcome(ask(first, n2))).toBe("waits");
    expect(asked()).toBe(0);
  });

  test("drops replies after the handler has acted", async () => {
    const { first, asked } = await pair({ clock: new ManualClock(), random: () => 0.4, dropReply: 0.5 });
    expect(await outcome(ask(first, n2))).toBe("waits");
    expect(asked()).toBe(1);
  });

  test("drops messages with the given probability", async () => {
    const { first } = await pair({
      clock: new ManualClock(),
      random: () => 0.6,
      dropRequest: 0.5,
      dropReply: 0.5,
    });
    expect(await outcome(ask(first, n2))).toBe("replied");
  });

  test("delays each direction by a time within its bounds", async () => {
    const clock = new ManualClock();
    const { first, asked } = await pair({ clock, random: () => 0.5, delayMs: [10, 30] });
    const call = ask(first, n2);
    await clock.advance(19);
    expect(asked()).toBe(0);
    await clock.advance(1);
    expect(asked()).toBe(1);
    await clock.advance(19);
    expect(await outcome(call)).toBe("waits");
    await clock.advance(1);
    expect(await outcome(call)).toBe("replied");
  });

  test("allows messages to overtake each other, and each call still gets its own reply", async () => {
    const clock = new ManualClock();
    const drawn = [0, 0.9, 0, 0.1, 0, 0, 0, 0]; // whether to drop, then how long to take
    const { first } = await pair({ clock, random: () => drawn.shift() ?? 0, delayMs: [0, 100] });
    const slow = ask(first, n2);
    const fast = ask(first, n2);
    await clock.advance(10);
    await clock.advance(0);
    await expect(fast).resolves.toEqual(Uint8Array.of(1));
    await clock.advance(90);
    await clock.advance(0);
    await expect(slow).resolves.toEqual(Uint8Array.of(2));
  });

  test("loses the messages in flight when its link is cut", async () => {
    const clock = new ManualClock();
    const { network, first, asked } = await pair({ clock, random: () => 0, delayMs: [5, 5] });
    const call = ask(first, n2);
    network.cut(n1, n2);
    await clock.advance(5);
    expect(await outcome(call)).toBe("waits");
    expect(asked()).toBe(0);
  });

  test("leaves no timer behind once it is disposed", async () => {
    const clock = new ManualClock();
    const { network, first, second } = await pair({ clock, random: () => 0, delayMs: [5, 5] });
    const call = ask(first, n2);
    expect(await outcome(call)).toBe("waits");
    expect(clock.pending).toBe(1);
    await first[Symbol.asyncDispose]();
    await second[Symbol.asyncDispose]();
    network[Symbol.dispose]();
    expect(clock.pending).toBe(0);
    expect(await outcome(call)).toBe("failed");
  });
});

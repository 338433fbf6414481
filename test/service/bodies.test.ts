import { expect, test } from "vitest";
import { silentLogger } from "../../src/ports/index.ts";
import { Bodies, type BodyLimits } from "../../src/service/bodies/index.ts";
import { VirtualClock } from "../replica/virtual-clock.ts";

const kib = 1024;
const mib = 1024 * kib;

/** A sender whose bytes arrive when the test says so. */
class Sender {
  readonly request: Request;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  /** @param announced its content-length; undefined for a chunked body */
  constructor(announced: number | undefined, signal?: AbortSignal) {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
    });
    const headers = announced === undefined ? undefined : { "content-length": `${announced}` };
    const init = { method: "POST", body, duplex: "half", headers, signal };
    this.request = new Request("http://localhost/", init as RequestInit);
  }

  send(bytes: number): void {
    this.#controller?.enqueue(new Uint8Array(bytes));
  }

  end(): void {
    this.#controller?.close();
  }

  breakOff(): void {
    this.#controller?.error(new Error("reset by peer"));
  }
}

function setUp(limits: Partial<BodyLimits> = {}): { clock: VirtualClock; bodies: Bodies } {
  const clock = new VirtualClock();
  return { clock, bodies: new Bodies({ clock, logger: silentLogger, limits }) };
}

/** The outcome of a body: its length, or the problem's reason. */
async function outcome(reading: Promise<Uint8Array | Response>): Promise<number | string> {
  const read = await reading;
  if (!(read instanceof Response)) return read.length;
  expect(read.headers.get("connection")).toBe("close");
  return (await read.json()).type.replace("urn:durio:", "");
}

test.each([
  ["whole", 100],
  ["in parts", 200 * kib],
])("a body that is read %s releases its memory", async (_how, bytes) => {
  const { clock, bodies } = setUp();
  const sender = new Sender(bytes);
  const reading = outcome(bodies.read(sender.request, mib));
  sender.send(bytes / 2);
  await clock.idle();
  expect(bodies.reservedBytes).toBe(bytes);
  sender.send(bytes / 2);
  sender.end();
  expect(await clock.settled(reading)).toBe(bytes);
  expect(bodies.reservedBytes).toBe(0);
});

test("a body that stalls is ended with 408", async () => {
  const { clock, bodies } = setUp();
  const sender = new Sender(mib);
  const reading = outcome(bodies.read(sender.request, mib));
  sender.send(mib - 1);
  await clock.elapse(9000);
  expect(bodies.reservedBytes).toBe(mib);
  expect(await clock.settled(reading, 15_000)).toBe("slowBody");
  expect(bodies.reservedBytes).toBe(0);
});

test("a small body that never ends is ended with 408, though no byte of it is seen", async () => {
  const { clock, bodies } = setUp();
  const sender = new Sender(100);
  const reading = outcome(bodies.read(sender.request, mib));
  sender.send(99);
  expect(await clock.settled(reading, 11_000)).toBe("slowBody");
});

test("a body that arrives slowly but steadily is read", async () => {
  const { clock, bodies } = setUp();
  const sender = new Sender(mib);
  const reading = outcome(bodies.read(sender.request, mib));
  for (let sent = 0; sent < mib; sent += 8 * kib) {
    sender.send(8 * kib);
    await clock.elapse(1000);
  }
  sender.end();
  expect(await clock.settled(reading)).toBe(mib);
});

test("a body that arrives a byte at a time gets 408", async () => {
  const { clock, bodies } = setUp();
  const sender = new Sender(mib);
  const reading = outcome(bodies.read(sender.request, mib));
  for (let second = 0; second < 11; second++) {
    sender.send(1);
    await clock.elapse(1000);
  }
  expect(await clock.settled(reading)).toBe("slowBody");
});

test("a body that is too large is refused, whether its length was announced or not", async () => {
  const { clock, bodies } = setUp();
  expect(await outcome(bodies.read(new Sender(mib + 1).request, mib))).toBe("tooLarge");
  const sender = new Sender(undefined);
  const reading = outcome(bodies.read(sender.request, mib));
  sender.send(mib);
  sender.send(1);
  expect(await clock.settled(reading)).toBe("tooLarge");
  expect(bodies.reservedBytes).toBe(0);
});

test("an incomplete body is malformed, and releases its memory", async () => {
  const { clock, bodies } = setUp();
  const sender = new Sender(mib);
  const reading = outcome(bodies.read(sender.request, mib));
  await clock.idle();
  sender.breakOff();
  expect(await clock.settled(reading)).toBe("malformed");
  expect(bodies.reservedBytes).toBe(0);
});

test("a chunked body whose connection was found malformed after its end is not carried out", async () => {
  const { clock, bodies } = setUp();
  const connection = new AbortController();
  const sender = new Sender(undefined, connection.signal);
  const reading = outcome(bodies.read(sender.request, mib));
  sender.send(10);
  await clock.idle();
  sender.end();
  connection.abort();
  expect(await clock.settled(reading)).toBe("malformed");
});

test("bodies beyond the budget wait, and are refused with 503 if it stays taken", async () => {
  const { clock, bodies } = setUp({ budgetBytes: 8 * mib });
  const steady = Array.from({ length: 7 }, () => new Sender(mib));
  const readings = steady.map(({ request }) => outcome(bodies.read(request, mib)));
  const late = outcome(bodies.read(new Sender(mib).request, mib));
  for (let step = 0; step < 16; step++) {
    for (const sender of steady) sender.send(64 * kib);
    await clock.elapse(200);
    expect(bodies.reservedBytes).toBe(7 * mib);
  }
  expect(await clock.settled(late)).toBe("overloaded");
  for (const sender of steady) sender.end();
  expect(await Promise.all(readings)).toEqual(Array(7).fill(mib));
});

test("a waiting body continues as soon as another ends", async () => {
  const { clock, bodies } = setUp({ budgetBytes: 2 * mib });
  const [first, second] = [new Sender(mib), new Sender(mib)];
  const readings = [first, second].map(({ request }) => outcome(bodies.read(request, mib)));
  second.send(mib);
  second.end();
  await clock.elapse(500);
  first.send(mib);
  first.end();
  expect(await clock.settled(Promise.all(readings))).toEqual([mib, mib]);
});

test("stalled bodies are ended for others after a second, the slowest first", async () => {
  const { clock, bodies } = setUp({ budgetBytes: 2 * mib });
  const stalled = outcome(bodies.read(new Sender(mib).request, mib));
  const honest = new Sender(mib);
  const reading = outcome(bodies.read(honest.request, mib));
  honest.send(mib);
  honest.end();
  expect(await clock.settled(reading, 2000)).toBe(mib);
  expect(await stalled).toBe("overloaded");
});

test("bodies of more than half of the budget are refused at once, without waiting", async () => {
  const { bodies } = setUp({ budgetBytes: 2 * mib });
  const readings = Array.from({ length: 3 }, () => outcome(bodies.read(new Sender(mib).request, mib)));
  expect(await readings[2]).toBe("overloaded");
});

test("small bodies are read while large ones have used their part of the budget", async () => {
  const { clock, bodies } = setUp({ budgetBytes: 8 * mib });
  for (let n = 0; n < 8; n++) outcome(bodies.read(new Sender(mib).request, mib));
  const small = new Sender(100);
  const reading = outcome(bodies.read(small.request, mib));
  small.send(100);
  small.end();
  expect(await clock.settled(reading)).toBe(100);
});

test("stop ends incoming, waiting and later bodies with 503", async () => {
  const { bodies } = setUp({ budgetBytes: 2 * mib });
  const readings = Array.from({ length: 2 }, () => outcome(bodies.read(new Sender(mib).request, mib)));
  bodies.stop();
  readings.push(outcome(bodies.read(new Sender(1).request, mib)));
  expect(await Promise.all(readings)).toEqual(["draining", "draining", "draining"]);
});

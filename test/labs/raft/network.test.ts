import { describe, expect } from "vitest";
import { TransportError } from "../../../src/ports/index.ts";
import { type NetworkClass, RandomStream } from "../../../src/testing/simulator/index.ts";
import { type Host, Network, Scheduler, Trace } from "../../../src/testing/simulator/world/index.ts";
import { networksFor } from "../lab/networks.ts";
import { labTest } from "../lab/seeds.ts";

const CALLS = 1000;
const request = new Uint8Array(100);
const reply = new Uint8Array(7);
const host: Host = { alive: true, pausedUntilUs: 0 };

/** Two stations; the second one answers. */
class TwoStations {
  readonly scheduler: Scheduler = new Scheduler();
  readonly network: Network;
  arrived = 0;
  /** When requests arrived and replies came back after the call, or the call failed, in ms. */
  readonly requestMs: number[] = [];
  readonly replyMs: number[] = [];
  readonly failMs: number[] = [];

  constructor(seed: number, networkClass: NetworkClass) {
    const { scheduler } = this;
    const trace = new Trace(() => scheduler.nowUs);
    this.network = new Network(scheduler, trace, new RandomStream(seed), networkClass);
    const answers = { host, era: 1, handle: () => undefined };
    this.network.stations.push(answers, { ...answers, handle: () => this.#answer() });
  }

  async call(times: number): Promise<void> {
    const { scheduler } = this;
    for (let n = 0; n < times; n++) {
      const calledUs = scheduler.nowUs;
      const after = () => (scheduler.nowUs - calledUs) / 1000;
      this.network.exchange(host, 0, 1, request).then(
        () => this.replyMs.push(after()),
        (error: unknown) => {
          expect(error).toBeInstanceOf(TransportError);
          this.failMs.push(after());
        },
      );
    }
    const endUs = scheduler.nowUs + 10_000_000;
    await scheduler.run(endUs, { done: () => false, settled: () => {}, limit: 1e6 });
  }

  async #answer(): Promise<Uint8Array> {
    this.arrived++;
    this.requestMs.push(this.scheduler.nowUs / 1000);
    return reply;
  }
}

/** Within about five standard deviations of the expected number of calls. */
function expectShare(share: number, expected: number): void {
  const deviation = Math.sqrt((expected * (1 - expected)) / (0.8 * CALLS));
  expect(Math.abs(share - expected)).toBeLessThan(5 * deviation);
}

describe("the labs' network", () => {
  labTest("carries every call and every reply while it is reliable", async (seed) => {
    const two = new TwoStations(seed, networksFor(seed).reliable);
    await two.call(CALLS);
    expect(two.arrived).toBe(CALLS);
    expect(two.replyMs).toHaveLength(CALLS);
    expect(Math.max(...two.replyMs)).toBeLessThanOrEqual(1);
  });

  labTest(
    "unreliable, loses a tenth of the requests and a tenth of the replies, each up to 26 ms late",
    async (seed) => {
      const two = new TwoStations(seed, networksFor(seed).unreliable);
      await two.call(CALLS);
      expectShare(two.arrived / CALLS, 0.9);
      expectShare(two.replyMs.length / two.arrived, 0.9);
      expect(Math.max(...two.requestMs)).toBeGreaterThan(24);
      expect(Math.max(...two.requestMs)).toBeLessThanOrEqual(26);
      expect(Math.max(...two.replyMs)).toBeLessThanOrEqual(52);
    },
  );

  labTest("reordering, keeps two thirds of the replies back for 200 ms to 2.2 s", async (seed) => {
    const two = new TwoStations(seed, networksFor(seed).reordering);
    await two.call(CALLS);
    const late = two.replyMs.filter((ms) => ms >= 200);
    expectShare(late.length / two.replyMs.length, 2 / 3);
    expect(two.replyMs.filter((ms) => ms > 52 && ms < 200)).toEqual([]);
    expect(Math.max(...late)).toBeGreaterThan(1200);
    expect(Math.max(...late)).toBeLessThanOrEqual(2200 + 52);
    // The first half of the range of delays is far likelier than the second.
    expect(late.filter((ms) => ms < 1200).length).toBeGreaterThan(late.length / 2);
  });

  labTest(
    "fails a call to a disconnected end at once, or after up to 6,999 ms, and delivers nothing",
    async (seed) => {
      const { reliable } = networksFor(seed);
      const two = new TwoStations(seed, reliable);
      two.network.cut(0, 1);
      await two.call(CALLS);
      expect(two.arrived).toBe(0);
      expect(two.failMs).toHaveLength(CALLS);
      const slowest = Math.max(...two.failMs);
      if (reliable.refuses) expect(slowest).toBe(0);
      else expect(slowest).toBeGreaterThan(6000);
      expect(slowest).toBeLessThanOrEqual(6999);
      two.network.mend(0, 1);
      await two.call(1);
      expect(two.replyMs).toHaveLength(1);
    },
  );
});

import { describe, expect, test } from "vitest";
import type { ReplicaStart } from "../../src/ports/index.ts";
import type { Ready } from "../../src/raft/index.ts";
import { Recorder, type RecordItem, RecordReader, Replay } from "../../src/record/index.ts";
import {
  drawPlan,
  kvSubject,
  profiles,
  run,
  type Step,
  type StepListener,
} from "../../src/testing/simulator/index.ts";

/** Records each replica of a run, over all lives of its processes. */
class Recording implements StepListener {
  readonly records = new Map<number, Uint8Array[]>();
  readonly #recorders = new Map<number, Recorder>();

  started(machine: number, start: ReplicaStart): void {
    const pieces = this.records.get(machine) ?? [];
    this.records.set(machine, pieces);
    const recorder = new Recorder((bytes) => pieces.push(bytes));
    this.#recorders.set(machine, recorder);
    recorder.started(start);
  }

  stepped(machine: number, { input, view, nowMs }: Step): void {
    this.#recorders.get(machine)?.stepped(input, view, nowMs);
  }

  took(machine: number, ready: Ready): void {
    this.#recorders.get(machine)?.took(ready);
  }
}

async function record(seed: number): Promise<Recording> {
  const recording = new Recording();
  const plan = drawPlan(seed, profiles.quick, kvSubject);
  const { violation } = await run(plan, kvSubject, { observers: [recording] });
  expect(violation).toBeUndefined();
  return recording;
}

describe("a core with a replica's recorded inputs does the same", () => {
  test.each([1, 2, 3, 5, 8, 13, 21, 34])("to the last byte, in the run of seed %i", async (seed) => {
    const { records } = await record(seed);
    expect(records.size).toBeGreaterThan(0);
    for (const pieces of records.values()) {
      const replay = new Replay();
      const reader = new RecordReader();
      for (const piece of pieces) {
        for (const item of reader.push(piece)) expect(replay.next(item)).toBeUndefined();
      }
      expect(reader.incompleteBytes).toBe(0);
      expect(replay.counts.turns).toBeGreaterThan(0);
    }
  });
});

type Change = (items: readonly RecordItem[]) => readonly RecordItem[];

test.each<{ name: string; change: Change }>([
  {
    name: "is told another time",
    change: (items) =>
      items.map((item) => (item.type === "stepped" ? { ...item, nowMs: 2 * item.nowMs } : item)),
  },
  {
    name: "draws other random numbers",
    change: (items) =>
      items.map((item) => (item.type === "started" ? { ...item, start: { ...item.start, seed: 1 } } : item)),
  },
  {
    name: "misses one request",
    change: (items) =>
      items.filter(
        (item) => item.type !== "stepped" || item.input.type !== "request" || item.input.callId !== 3,
      ),
  },
])("a core that $name differs from the record", async ({ change }) => {
  const { records } = await record(2);
  const [pieces = []] = records.values();
  const reader = new RecordReader();
  const items = change(pieces.flatMap((piece) => [...reader.push(piece)]));
  const replay = new Replay();
  expect(attempt(() => items.some((item) => replay.next(item) !== undefined))).toBe(true);
});

/** A core may also reject its input. */
function attempt(differs: () => boolean): boolean {
  try {
    return differs();
  } catch {
    return true;
  }
}

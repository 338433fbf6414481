import fc from "fast-check";
import { expect, test } from "vitest";
import { type Command, encodeCommand, KvStore } from "../../src/kv/index.ts";
import { cut, join, restore } from "./history.ts";
import { Model } from "./model.ts";

const limits = {
  maxValueBytes: 6,
  maxSessions: 3,
  maxPendingPerSession: 4,
  sessionInUseMs: 5,
  sessionTtlMs: 50,
};

const timeMs = fc.nat({ max: 200 });
const anyWrite = fc
  .record({
    type: fc.constantFrom("put", "append"),
    timeMs,
    session: fc.integer({ min: 1, max: 12 }),
    sequence: fc.integer({ min: 1, max: 9 }),
    pendingBefore: fc.integer({ min: -1, max: 4 }),
    key: fc.uint8Array({ maxLength: 2, max: 2 }),
    value: fc.uint8Array({ maxLength: 4 }),
  })
  .map(({ pendingBefore, ...write }) => ({
    ...write,
    lowestPending: Math.max(0, write.sequence - pendingBefore),
  }));
const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ type: fc.constant("openSession"), timeMs }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("commitSentinel"), timeMs }) },
  { weight: 12, arbitrary: anyWrite },
);
/** Entries of a log whose clocks mostly advance together. */
const anyLog = fc
  .array(anyCommand, { minLength: 1, maxLength: 120 })
  .map((commands) => commands.map((command, i) => ({ ...command, timeMs: command.timeMs + i * 4 })));

function expectSameValues(store: KvStore, model: Model): void {
  expect(store.size).toBe(model.values.size);
  for (const [name, { value, revision }] of model.values) {
    const key = Uint8Array.from(name === "" ? [] : name.split(",").map(Number));
    expect(store.get(key)).toEqual({ value: Uint8Array.from(value), revision });
  }
}

test("a store has the same results and the same contents as the model after each command", () => {
  fc.assert(
    fc.property(anyLog, (log) => {
      const store = new KvStore(limits);
      const model = new Model(limits);
      log.forEach((command, i) => {
        expect(store.apply(encodeCommand(command), { index: i + 1 })).toEqual(model.apply(command, i + 1));
        expectSameValues(store, model);
      });
    }),
    { numRuns: 300 },
  );
});

test("a store that was restored from a snapshot, taken at any point and read during further commands, ends in the same state", () => {
  fc.assert(
    fc.property(
      anyLog,
      fc.nat(),
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }),
      (log, at, sizes) => {
        const store = new KvStore(limits);
        const takenAt = at % log.length;
        let snapshot: Iterable<Uint8Array> = [];
        log.forEach((command, i) => {
          if (i === takenAt) {
            snapshot = store.snapshot();
          }
          store.apply(encodeCommand(command), { index: i + 1 });
        });
        const other = new KvStore(limits);
        restore(other, cut(join(snapshot), sizes));
        for (const [i, command] of log.entries()) {
          if (i >= takenAt) {
            other.apply(encodeCommand(command), { index: i + 1 });
          }
        }
        expect(join(other.snapshot())).toEqual(join(store.snapshot()));
      },
    ),
    { numRuns: 300 },
  );
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { type Command, encodeCommand, KvStore } from "../../src/kv/index.ts";
import { cut, join, restore } from "./history.ts";
import { Model } from "./model.ts";

const limits = {
  maxValueBytes: 6,
  maxSessions: 4,
  maxSessionsPerOwner: 3,
  maxPendingPerSession: 4,
  sessionInUseMs: 5,
  sessionTtlMs: 50,
  maxRegistryNames: 3,
  maxRegistryEvents: 2,
};

const timeMs = fc.nat({ max: 200 });
/** Mostly the same one, because only its owner can write in a session. */
const owner = fc.constantFrom("n1", "n1", "n1", "n1", "n2");
const session = fc.integer({ min: 1, max: 9 });
const ticket = {
  timeMs,
  owner,
  session,
  sequence: fc.integer({ min: 1, max: 9 }),
  pendingBefore: fc.integer({ min: -1, max: 4 }),
};

function withLowestPending<T extends { readonly sequence: number; readonly pendingBefore: number }>(
  write: T,
): Omit<T, "pendingBefore"> & { readonly lowestPending: number } {
  const { pendingBefore, ...rest } = write;
  return { ...rest, lowestPending: Math.max(0, write.sequence - pendingBefore) };
}

const anyWrite = fc
  .record({
    ...ticket,
    type: fc.constantFrom("put", "append"),
    key: fc.uint8Array({ maxLength: 2, max: 2 }),
    value: fc.uint8Array({ maxLength: 4 }),
  })
  .map(withLowestPending);
/** Names of which one sorts differently as UTF-16 and as UTF-8. */
const anyRegistration = fc
  .record({
    ...ticket,
    type: fc.constant("register"),
    name: fc.constantFrom("a", "b", "b/c", "\u{1f512}", "\uffee"),
    value: fc.option(fc.uint8Array({ maxLength: 4 }), { nil: undefined }),
    expected: fc.option(fc.nat({ max: 60 }), { nil: undefined, freq: 1 }),
    event: fc.uint8Array({ maxLength: 3 }),
  })
  .map(withLowestPending);
const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ type: fc.constant("openSession"), timeMs, session, owner }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("commitSentinel"), timeMs }) },
  { weight: 9, arbitrary: anyWrite },
  { weight: 5, arbitrary: anyRegistration },
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
  const names = [...model.registry.keys()].sort();
  expect(store.registry.entries()).toEqual(names.map((name) => ({ name, ...model.registry.get(name) })));
  expect(store.registry.events()).toEqual(model.events.slice(-limits.maxRegistryEvents));
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

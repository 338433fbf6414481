import { encodeCommand, KvStore } from "../../src/kv/index.ts";
import type { Figures } from "../suite.ts";
import { residentMib } from "../systems/process-figures.ts";

/** Operations of a figure. Small stores are filled several times, so that each figure is of as many. */
const OPERATIONS = 100_000;
/** Commands are encoded in advance, this many at a time, so that only the store's work is measured. */
const BATCH = 1000;
const OWNER = "n1";
const VALUE = new TextEncoder().encode("x".repeat(100));
const encoder = new TextEncoder();

/** The store with the number of its last command, and one session. */
class Subject {
  readonly store: KvStore = new KvStore({ maxSessionsPerOwner: 10_000 });
  #index = 0;
  readonly #sequences: number[] = [];

  constructor(sessions: number) {
    for (let session = 0; session < sessions; session++) {
      this.#apply(encodeCommand({ type: "openSession", timeMs: 0, session, owner: OWNER }));
      this.#sequences.push(0);
    }
  }

  /** Puts keys, in sessions that are drawn at random. Returns the time in ms. */
  put(keys: readonly Uint8Array[], pending: number): number {
    const commands = keys.map((key) => {
      const session = Math.floor(Math.random() * this.#sequences.length);
      const sequence = this.#sequences[session] ?? 0;
      this.#sequences[session] = sequence + 1;
      const lowestPending = Math.max(0, sequence - pending + 1);
      const ticket = { session, sequence, lowestPending, owner: OWNER };
      return encodeCommand({ type: "put", timeMs: 0, ...ticket, key, value: VALUE });
    });
    const startMs = performance.now();
    for (const command of commands) this.#apply(command);
    return performance.now() - startMs;
  }

  #apply(command: Uint8Array): void {
    const { type } = this.store.apply(command, { index: ++this.#index });
    if (type !== "written" && type !== "session") throw new Error(`a command was answered ${type}`);
  }
}

/** The time of an overwrite, a get and a new key, and the memory of a key, with this many keys in random order. */
export function keysFigures(count: number): Figures {
  let subject = new Subject(1);
  const emptyMib = collectedMib();
  const newKeyUs = fill(subject, count);
  const bytesPerKey = ((collectedMib() - emptyMib) * 2 ** 20) / count;
  const overwriteUs = microseconds(
    OPERATIONS,
    (keys) => subject.put(keys, 1),
    () => drawn(count),
  );
  const getUs = microseconds(
    OPERATIONS,
    (keys) => get(subject.store, keys),
    () => drawn(count),
  );
  const newKeysUs = [newKeyUs];
  for (let filled = count; filled < OPERATIONS; filled += count) {
    subject = new Subject(1);
    newKeysUs.push(fill(subject, count));
  }
  return { overwriteUs, getUs, newKeyUs: median(newKeysUs), bytesPerKey };
}

/** The time of a put with this many sessions, each with one pending write and with 64. */
export function sessionsFigures(count: number): Figures {
  const subject = new Subject(count);
  const us = (pending: number) =>
    microseconds(
      OPERATIONS,
      (keys) => subject.put(keys, pending),
      () => drawn(1000),
    );
  us(1);
  const onePendingUs = us(1);
  us(64);
  return { onePendingUs, manyPendingUs: us(64), residentMib: collectedMib() };
}

/** Puts each key once. Returns the time of the last tenth, in µs for each. */
function fill(subject: Subject, count: number): number {
  const last = Math.floor(count * 0.9);
  let done = 0;
  const next = (keys: number) => Array.from({ length: keys }, () => keyAt(done++));
  while (done < last) subject.put(next(Math.min(BATCH, last - done)), 1);
  let ms = 0;
  while (done < count) ms += subject.put(next(Math.min(BATCH, count - done)), 1);
  return (1000 * ms) / (count - last);
}

/** Measures in batches whose keys are drawn outside of the time. Returns µs for each operation. */
function microseconds(
  operations: number,
  measure: (keys: readonly Uint8Array[]) => number,
  draw: () => Uint8Array,
): number {
  let ms = 0;
  for (let done = 0; done < operations; done += BATCH) ms += measure(Array.from({ length: BATCH }, draw));
  return (1000 * ms) / operations;
}

/** Returns the time in ms. */
function get(store: KvStore, keys: readonly Uint8Array[]): number {
  const startMs = performance.now();
  for (const key of keys) if (store.valueBytes(key) !== VALUE.length) throw new Error("a key is absent");
  return performance.now() - startMs;
}

function drawn(count: number): Uint8Array {
  return keyAt(Math.floor(Math.random() * count));
}

/** Returns different keys for all numbers below 2^32, in an order that looks random. The factor is odd. */
function keyAt(n: number): Uint8Array {
  return encoder.encode(`key-${Math.imul(n, 2_654_435_761) >>> 0}`);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Resident memory in MiB after a garbage collection. */
function collectedMib(): number {
  Bun.gc(true);
  return residentMib(process.pid);
}

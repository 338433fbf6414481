import { expect, test } from "vitest";
import { encodeCommand, KvStore } from "../../src/kv/index.ts";
import { AppliedRegistry } from "../../src/kvraft/applied-registry.ts";
import { AuditedStore } from "../../src/kvraft/audited-store.ts";
import { silentLogger } from "../../src/ports/index.ts";
import { replicaId } from "../../src/raft/index.ts";
import { ManualClock } from "../transports/manual-clock.ts";

const last = { index: 7, term: 1 };
const emptyStore = () => {
  const store = new KvStore();
  const registry = new AppliedRegistry({ store, clock: new ManualClock() });
  return new AuditedStore({ id: replicaId("n1"), store, registry, logger: silentLogger });
};
const storeWithASession = () => {
  const machine = emptyStore();
  machine.apply(encodeCommand({ type: "openSession", timeMs: 0, session: 5, owner: "n1" }), last);
  return machine;
};
const bytesOf = (machine: AuditedStore) => Buffer.concat([...machine.snapshot()]);

test("a store restores a snapshot that comes chunk by chunk", async () => {
  const other = emptyStore();
  const whole = bytesOf(storeWithASession());
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (const byte of whole) yield Uint8Array.of(byte);
  }
  await other.restore(chunks(), last);
  expect(bytesOf(other)).toEqual(whole);
});

test("a snapshot whose source fails leaves the store unchanged", async () => {
  const machine = storeWithASession();
  const before = bytesOf(machine);
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield before.subarray(0, 20);
    throw new Error("the connection broke");
  }
  await expect(machine.restore(failing(), last)).rejects.toThrow("the connection broke");
  expect(bytesOf(machine)).toEqual(before);
});

test("the source of a broken snapshot is closed", async () => {
  let closed = false;
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      yield new TextEncoder().encode("this is no snapshot of any store, but long enough");
      yield new Uint8Array(100);
    } finally {
      closed = true;
    }
  }
  await expect(storeWithASession().restore(source(), last)).rejects.toThrow("it is not one of this store");
  expect(closed).toBe(true);
});

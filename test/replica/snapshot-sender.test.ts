import { expect, test } from "vitest";
import type { Persister, SnapshotSource } from "../../src/ports/index.ts";
import { SnapshotSender } from "../../src/replica/snapshot-sender.ts";
import { n1, n2, n3 } from "../raft/inputs.ts";

const snapshot = new TextEncoder().encode("0123456789");

/** A persister of one snapshot that counts how many of its sources are open; each takes a while to open. */
class CountingPersister implements Pick<Persister, "openSnapshot"> {
  open = 0;
  opened = 0;

  async openSnapshot(): Promise<SnapshotSource> {
    await Promise.resolve();
    this.open++;
    this.opened++;
    let isOpen = true;
    return {
      meta: { lastIncludedIndex: 7, lastIncludedTerm: 1 },
      size: snapshot.length,
      read: async (offset, length) => {
        if (!isOpen) throw new Error("read after close");
        return snapshot.slice(offset, offset + length);
      },
      close: async () => {
        if (isOpen) this.open--;
        isOpen = false;
      },
    };
  }
}

const chunk = (offset: number) =>
  ({
    type: "installSnapshot",
    term: 1,
    leaderId: n1,
    lastIncludedIndex: 7,
    lastIncludedTerm: 1,
    offset,
  }) as const;

function senderOf(persister: CountingPersister): SnapshotSender {
  return new SnapshotSender(persister as unknown as Persister);
}

test("two reads for one peer at once share one open snapshot, and none stays open", async () => {
  // Found from outside: each opened the snapshot, and the first one's file was never closed.
  const persister = new CountingPersister();
  const sender = senderOf(persister);
  const chunks = await Promise.all([sender.read(n2, chunk(0), 4), sender.read(n2, chunk(4), 4)]);
  expect(chunks.map((read) => read && new TextDecoder().decode(read.data))).toEqual(["0123", "4567"]);
  expect([persister.opened, persister.open]).toEqual([1, 1]);
  await sender.closeAll();
  expect(persister.open).toBe(0);
});

test("a snapshot that is being opened when all are closed is closed too", async () => {
  const persister = new CountingPersister();
  const sender = senderOf(persister);
  const read = sender.read(n2, chunk(0), 4);
  await sender.closeAll();
  await read;
  expect(persister.open).toBe(0);
});

test("each peer has its own open snapshot, and the last chunk closes it", async () => {
  const persister = new CountingPersister();
  const sender = senderOf(persister);
  await Promise.all([sender.read(n2, chunk(0), 4), sender.read(n3, chunk(0), 4)]);
  expect(persister.open).toBe(2);
  const last = await sender.read(n2, chunk(8), 4);
  expect([last?.done, persister.open]).toEqual([true, 1]);
});

import { describe, expect, test } from "vitest";
import { emptyState, RaftCore, replicaId, seededRandom } from "../../src/raft/index.ts";
import { DamagedRecord, Recorder, type RecordItem, RecordReader, Replay } from "../../src/record/index.ts";
import { configOf } from "../raft/core-config.ts";
import { appendEntries, n2, requestVote } from "../raft/inputs.ts";

const self = replicaId("n1");

/** A follower that gets an entry from a leader. */
function recordOfAFollower(): Uint8Array {
  const pieces: Uint8Array[] = [];
  const recorder = new Recorder((bytes) => pieces.push(bytes));
  const config = { ...configOf(self, [self, n2]), random: seededRandom(7), volatileStorage: true };
  const core = new RaftCore(config, emptyState, 0);
  recorder.started({ config, seed: 7, restored: emptyState, nowMs: 0 });
  const requests = [requestVote(n2, { term: 1 }), appendEntries(n2, { term: 1, entries: "1@1" })];
  for (const [at, request] of requests.entries()) {
    const input = { type: "request", callId: at + 1, from: n2, request } as const;
    core.step(input, at);
    recorder.stepped(input, undefined, at);
    const ready = core.take();
    recorder.took(ready);
    if (ready.persist === undefined) continue;
    const persisted = { type: "persisted", batch: ready.persist } as const;
    core.step(persisted, at);
    recorder.stepped(persisted, undefined, at);
    recorder.took(core.take());
  }
  return Buffer.concat(pieces);
}

const itemsOf = (bytes: Uint8Array): RecordItem[] => [...new RecordReader().push(bytes)];

test("a record is read in pieces of any size", () => {
  const bytes = recordOfAFollower();
  const reader = new RecordReader();
  const items = [...bytes].flatMap((byte) => [...reader.push(Uint8Array.of(byte))]);
  expect(items).toEqual(itemsOf(bytes));
  expect(reader.incompleteBytes).toBe(0);
});

test("a record that ends in the middle of an item, as after a kill, is read up to there", () => {
  const bytes = recordOfAFollower();
  const reader = new RecordReader();
  const items = [...reader.push(bytes.subarray(0, -3))];
  expect(items).toEqual(itemsOf(bytes).slice(0, -1));
  expect(reader.incompleteBytes).toBeGreaterThan(0);
});

test("each flipped bit is noticed: the record is damaged, or ends too early", () => {
  const bytes = recordOfAFollower();
  const { length } = itemsOf(bytes);
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(() => itemsOf(flipped), `bit ${bit}`).toThrow(DamagedRecord);
  }
  expect(length).toBeGreaterThan(5);
});

test("a file that is not a record is rejected, with the position", () => {
  expect(() => itemsOf(new TextEncoder().encode("GET / HTTP/1.1\r\n"))).toThrow(
    "the item at byte 0 does not match its checksum: damaged, or not a record",
  );
});

describe("a replay", () => {
  test("reports the position and content of the first difference", () => {
    const items = itemsOf(recordOfAFollower());
    const at = items.findIndex((item) => item.type === "took" && JSON.stringify(item).includes('"index":1'));
    const changed = JSON.parse(JSON.stringify(items[at]).replace('"index":1', '"index":2'));
    const replay = new Replay();
    const differences = [...items.slice(0, at), changed].map((item) => replay.next(item));
    expect(differences.at(-1)).toEqual({
      item: at + 1,
      what: "ready.persist.entries[0].index: recorded 2, replayed 1",
    });
    expect(differences.slice(0, -1).every((difference) => difference === undefined)).toBe(true);
  });

  test("begins with a start", () => {
    expect(() => new Replay().next({ type: "took", ready: {} })).toThrow(
      "item: a record must begin with a start, not with took",
    );
  });
});

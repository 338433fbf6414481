import fc from "fast-check";
import { expect, test } from "vitest";
import { LogContents } from "../../../adapters/shared/index.ts";
import type { LogEntry, SnapshotMeta, WriteBatch } from "../../../src/raft/index.ts";

/** A log the simple way: all entries by index, and the snapshot. */
class PlainLog {
  entries: LogEntry[] = [];
  snapshot: SnapshotMeta = { lastIncludedIndex: 0, lastIncludedTerm: 0 };

  get lastIndex(): number {
    return Math.max(this.snapshot.lastIncludedIndex, this.entries.at(-1)?.index ?? 0);
  }

  write({ truncateFrom = Number.POSITIVE_INFINITY, entries }: WriteBatch): void {
    this.entries = [...this.entries.filter(({ index }) => index < truncateFrom), ...entries];
  }

  cover(snapshot: SnapshotMeta): void {
    this.snapshot = snapshot;
    this.entries = this.entries.filter(({ index }) => index > snapshot.lastIncludedIndex);
  }
}

const step = fc.oneof(
  fc.record({ type: fc.constant("write"), cut: fc.option(fc.nat(6)), count: fc.nat(4), term: fc.nat(3) }),
  fc.record({ type: fc.constant("cover"), ahead: fc.integer({ min: -4, max: 4 }), term: fc.nat(3) }),
);

test("after any writes and snapshots, the log equals that of a plain list", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const log = new LogContents();
      const plain = new PlainLog();
      for (const step of steps) {
        if ("count" in step) write(log, plain, step);
        else cover(log, plain, step);
        const { termRuns } = log;
        expect(termRuns.last.index).toBe(plain.lastIndex);
        expect(termRuns.prev.index).toBe(plain.snapshot.lastIncludedIndex);
        expect(log.entries).toEqual(plain.entries);
        if (plain.entries.length > 0) expect(termRuns.last.term).toBe(plain.entries.at(-1)?.term);
      }
    }),
    { numRuns: 500 },
  );
});

function write(
  log: LogContents,
  plain: PlainLog,
  step: { cut: number | null; count: number; term: number },
): void {
  const lowest = plain.snapshot.lastIncludedIndex + 1;
  const truncateFrom = step.cut === null ? undefined : Math.max(lowest, plain.lastIndex + 1 - step.cut);
  const first = truncateFrom ?? plain.lastIndex + 1;
  const entries = Array.from({ length: step.count }, (_, i): LogEntry => {
    return { type: "command", index: first + i, term: step.term, data: new Uint8Array(0) };
  });
  const batch = truncateFrom === undefined ? { entries } : { truncateFrom, entries };
  log.append(log.termRuns.positionOf(batch), entries);
  plain.write(batch);
}

function cover(log: LogContents, plain: PlainLog, step: { ahead: number; term: number }): void {
  const lastIncludedIndex = Math.max(plain.snapshot.lastIncludedIndex + 1, plain.lastIndex + step.ahead);
  const snapshot = { lastIncludedIndex, lastIncludedTerm: step.term };
  log.cover(snapshot);
  plain.cover(snapshot);
}

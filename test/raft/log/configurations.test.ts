import { describe, expect, test } from "vitest";
import { InvariantViolation, type LogEntry } from "../../../src/raft/index.ts";
import { RaftLog } from "../../../src/raft/log/log.ts";
import { stateOf } from "../inputs.ts";

/** An entry of term 1 with unique data. */
function entry(index: number, type: LogEntry["type"] = "configuration"): LogEntry {
  return { index, term: 1, type, data: Uint8Array.of(index) };
}

const stored = (index: number) => ({ index, data: Uint8Array.of(index) });
const meta = (index: number, configuration?: number) => ({
  lastIncludedIndex: index,
  lastIncludedTerm: 1,
  ...(configuration !== undefined && { configuration: stored(configuration) }),
});

/** Configurations at 1 and 4, commands at 2, 3 and 5. */
function log(): RaftLog {
  const built = new RaftLog(stateOf());
  for (const index of [1, 2, 3, 4, 5])
    built.append(entry(index, [1, 4].includes(index) ? undefined : "command"));
  return built;
}

describe("the configurations of a log (§6)", () => {
  test("the newest counts, committed or not, and the one before it once the log is truncated", () => {
    const changed = log();
    expect(changed.configuration).toEqual(stored(4));
    changed.truncateFrom(4);
    expect(changed.configuration).toEqual(stored(1));
    changed.truncateFrom(1);
    expect(changed.configuration).toBeUndefined();
  });

  test("a restart reads them from the stored entries", () => {
    const restarted = new RaftLog({ ...stateOf(), entries: log().slice(1, 5) });
    expect(restarted.configuration).toEqual(stored(4));
  });

  test("a snapshot has the newest that it covers", () => {
    expect(log().snapshotMetaAt(3)).toEqual(meta(3, 1));
    expect(log().snapshotMetaAt(4)).toEqual(meta(4, 4));
    expect(log().snapshotMetaAt(6)).toBeUndefined();
  });

  test("a compacted log still knows the one that its snapshot covers, after a restart too", () => {
    const compacted = log();
    compacted.compact(meta(3, 1), 0);
    expect(compacted.snapshotMetaAt(3)).toEqual(meta(3, 1));
    compacted.truncateFrom(4);
    expect(compacted.configuration).toEqual(stored(1));
    const restarted = new RaftLog({
      ...stateOf({ prev: "3@1" }),
      snapshot: meta(3, 1),
      entries: [entry(4), entry(5, "command")],
    });
    expect(restarted.configuration).toEqual(stored(4));
    expect(restarted.snapshotMetaAt(3)).toEqual(meta(3, 1));
  });

  test("an installed snapshot replaces those that it covers, and all if the log does not agree with it", () => {
    const agreeing = log();
    agreeing.installSnapshot(meta(3, 2));
    expect(agreeing.snapshotMetaAt(3)).toEqual(meta(3, 2));
    expect(agreeing.configuration).toEqual(stored(4));
    const other = log();
    other.installSnapshot({ ...meta(3, 2), lastIncludedTerm: 2 });
    expect(other.configuration).toEqual(stored(2));
  });

  test("a snapshot without the one that it covers is a bug", () => {
    expect(() => log().compact(meta(3), 0)).toThrow(InvariantViolation);
    expect(() => log().compact(meta(5, 1), 0)).toThrow(InvariantViolation);
    expect(() => log().installSnapshot(meta(6, 7))).toThrow(InvariantViolation);
  });
});

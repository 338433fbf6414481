import type { Mutant } from "./mutant.ts";

const overRecord = "crc32(bytes.subarray(0, end), seed)";
const overRecordRead = "crc32(bytes.subarray(start, end - checksumBytes), seed)";

/** A checksum of records that some bytes of the header can change under. */
function uncovered(field: string, [from, to]: readonly [number, number]): Mutant["edits"] {
  const blank = `.fill(0, ${from}, ${to}) /* without the ${field} */`;
  return [
    {
      file: "adapters/file/record.ts",
      from: overRecord,
      to: `crc32(bytes.slice(0, end)${blank}, seed)`,
    },
    {
      file: "adapters/file/record.ts",
      from: overRecordRead,
      to: `crc32(bytes.slice(start, end - checksumBytes)${blank}, seed)`,
    },
  ];
}

/** The write-ahead log. */
export const storage: readonly Mutant[] = [
  {
    id: "26",
    name: "corruption-taken-for-torn-tail",
    mistake: "a checksum error in the middle of the log is taken for a torn tail",
    why: "Entries that were acknowledged are cut off without a word.",
    caughtBy: ["P5", "rule"],
    edits: [
      {
        file: "adapters/file/log-recovery.ts",
        from: "    if (hasRecordFrom(",
        to: "    if (last.sequence < 0 && hasRecordFrom(",
      },
      {
        file: "adapters/file/log-recovery.ts",
        from: "    if (!isTorn(bytes",
        to: "    if (last.sequence < 0 && !isTorn(bytes",
      },
    ],
  },
  {
    id: "27a",
    name: "checksum-without-index",
    mistake: "the checksum leaves out the index",
    why: "A bit that flips moves entries to other places of the log. The monitor's own reader of the format sees it sooner.",
    caughtBy: ["P6"],
    edits: uncovered("index", [20, 28]),
  },
  {
    id: "27b",
    name: "checksum-without-term",
    mistake: "the checksum leaves out the term",
    why: "A bit that flips makes a log look newer than it is. The monitor's own reader of the format sees it sooner.",
    caughtBy: ["P6"],
    edits: uncovered("term", [28, 36]),
  },
  {
    id: "27c",
    name: "checksum-without-length",
    mistake: "the checksum leaves out the length",
    why: "A record's end is where a broken length says. The monitor's own reader of the format sees it sooner.",
    caughtBy: ["P6"],
    edits: uncovered("length", [8, 12]),
  },
  {
    id: "28",
    name: "failed-sync-retried",
    mistake: "a failed sync is tried again",
    why: "The system has dropped what it could not store, and the second sync has nothing left to fail at.",
    caughtBy: ["P6"],
    edits: [
      {
        file: "adapters/file/segmented-log.ts",
        from: "    await this.#file?.datasync();\n    this.#end += bytes;",
        to: "    await this.#file?.datasync().catch(() => this.#file?.datasync());\n    this.#end += bytes;",
      },
    ],
  },
  {
    id: "29",
    name: "hard-state-in-place",
    mistake: "term and vote are overwritten in place",
    why: "A write of the next vote that is torn takes the last one with it.",
    caughtBy: ["P6", "P5"],
    // So that nothing but the place is wrong, the record that comes to lie there repeats the hard state.
    edits: [
      {
        file: "adapters/file/segmented-log.ts",
        from: `    const record = { type, sequence, position, hardState, entries };
    await this.#file?.writeAt(this.#end, encodeRecord(record, this.#seed, this.#bufferFor(bytes)));
    await this.#file?.datasync();
    this.#end += bytes;
`,
        to: `    const record = { type, sequence, position, hardState: hardState ?? this.#hardState, entries };
    await this.#file?.writeAt(this.#end, encodeRecord(record, this.#seed, this.#bufferFor(bytes)));
    await this.#file?.datasync();
    if (type === "batch" && entries.length === 0) return;
    this.#end += recordBytes(record);
`,
      },
    ],
  },
];

import type { Mutant } from "./mutant.ts";

const overRecord = "crc32(bytes.subarray(0, end), seed)";
const overRecordRead = "crc32(bytes.subarray(start, end - checksumBytes), seed)";
const durable = `    await this.#file?.writeDurably(this.#end, encodeRecord(record, this.#seed, this.#bufferFor(bytes)));
`;

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
    why: "Acknowledged entries are silently removed.",
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
    why: "A flipped bit moves entries to other positions of the log. The monitor's own reader of the format finds it sooner.",
    caughtBy: ["P6"],
    edits: uncovered("index", [20, 28]),
  },
  {
    id: "27b",
    name: "checksum-without-term",
    mistake: "the checksum leaves out the term",
    why: "A flipped bit makes a log look newer than it is. The monitor's own reader of the format finds it sooner.",
    caughtBy: ["P6"],
    edits: uncovered("term", [28, 36]),
  },
  {
    id: "27c",
    name: "checksum-without-length",
    mistake: "the checksum leaves out the length",
    why: "A damaged length decides where a record ends. The monitor's own reader of the format finds it sooner.",
    caughtBy: ["P6"],
    edits: uncovered("length", [8, 12]),
  },
  {
    id: "28",
    name: "failed-sync-retried",
    mistake: "a failed sync is tried again",
    why: "The system has dropped the data that it could not store, so the second sync succeeds.",
    caughtBy: ["P6"],
    edits: [
      {
        file: "adapters/file/segmented-log.ts",
        from: durable,
        to: `    await this.#file?.writeAt(this.#end, encodeRecord(record, this.#seed, this.#bufferFor(bytes)));
    await this.#file?.datasync().catch(() => this.#file?.datasync());
`,
      },
    ],
  },
  {
    id: "29",
    name: "hard-state-in-place",
    mistake: "term and vote are overwritten in place",
    why: "A torn write of the next vote destroys the last one.",
    caughtBy: ["P6", "P5"],
    // So that nothing but the place is wrong, the record that comes to lie there repeats the hard state.
    edits: [
      {
        file: "adapters/file/segmented-log.ts",
        from: `    const record = { type, sequence, position, hardState, entries };
${durable}    this.#end += bytes;
`,
        to: `    const record = { type, sequence, position, hardState: hardState ?? this.#hardState, entries };
${durable}    if (type === "batch" && entries.length === 0) return;
    this.#end += recordBytes(record);
`,
      },
    ],
  },
];

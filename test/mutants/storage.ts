import type { Mutant } from "./mutant.ts";

export const storage: readonly Mutant[] = [
  {
    id: "26",
    mistake: "a checksum error in the middle of the log is taken for a torn tail",
    edits: [
      {
        file: "adapters/file/log-recovery.ts",
        from: "  if (hasRecordFrom(last.sequence + 1, rest)) {",
        to: "  if (last.sequence < 0 && hasRecordFrom(last.sequence + 1, rest)) {",
      },
      {
        file: "adapters/file/log-recovery.ts",
        from: "    if (!isTorn(bytes, last.end)) {",
        to: "    if (last.sequence < 0 && !isTorn(bytes, last.end)) {",
      },
    ],
  },
  {
    id: "27",
    mistake: "the checksum leaves out index, term and length",
    edits: [
      {
        file: "adapters/file/record.ts",
        from: "  view.setUint32(end, crc32c(bytes.subarray(0, end)), true);",
        to: "  view.setUint32(end, crc32c(bytes.subarray(headerBytes, end)), true);",
      },
      {
        file: "adapters/file/record.ts",
        from: "  if (crc32c(bytes.subarray(start, end - checksumBytes)) !== view",
        to: "  if (crc32c(bytes.subarray(start + headerBytes, end - checksumBytes)) !== view",
      },
    ],
  },
  {
    id: "28",
    mistake: "a failed sync is tried again",
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
    mistake: "term and vote are overwritten in place",
    edits: [
      {
        file: "adapters/file/segmented-log.ts",
        from: '    this.#end += bytes;\n    this.#nextSequence++;\n    this.#closed = type === "close";',
        to: '    if (entries.length > 0 || type === "close") {\n      this.#end += bytes;\n      this.#nextSequence++;\n    }\n    this.#closed = type === "close";',
      },
    ],
  },
];

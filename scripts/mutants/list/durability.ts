import type { Mutant } from "./mutant.ts";

/** Promises that are counted or sent before they are durable. */
export const durability: readonly Mutant[] = [
  {
    id: "17a",
    name: "acknowledged-before-sync",
    mistake: "a follower acknowledges before its sync",
    why: "A majority loses power, and with it an acknowledged write.",
    caughtBy: ["P6"],
    edits: [
      {
        file: "src/raft/roles/follower.ts",
        from: '    { type: "appendEntries", term: raft.currentTerm, round, success: true },\n    lastNew,',
        to: '    { type: "appendEntries", term: raft.currentTerm, round, success: true },\n    0,',
      },
    ],
  },
  {
    id: "17b",
    name: "sync-not-awaited",
    mistake: "a write is reported as durable before its sync has ended",
    why: "Like 17a, but harder to find: only the persister is wrong.",
    caughtBy: ["P6"],
    edits: [
      {
        file: "adapters/file/segmented-log.ts",
        from: "    await this.#file?.writeDurably(this.#end, encodeRecord(record, this.#seed, this.#bufferFor(bytes)));\n",
        to: `    await this.#file?.writeAt(this.#end, encodeRecord(record, this.#seed, this.#bufferFor(bytes)));
    void this.#file?.datasync().catch(() => {});
`,
      },
    ],
  },
  {
    id: "17c",
    name: "refused-write-taken-for-durable",
    mistake: "a write that a full disk refused is reported as durable",
    why: "It is acknowledged, although nothing is stored.",
    caughtBy: ["P6"],
    edits: [
      {
        file: "src/replica/writes.ts",
        from: '      step({ type: "writeRefused", batch });',
        to: '      step({ type: "persisted", batch });',
      },
    ],
  },
  {
    id: "18",
    name: "leader-counts-itself-early",
    mistake: "a leader counts itself before its own sync",
    why: "An entry is committed that only a minority has.",
    caughtBy: ["P7"],
    edits: [
      {
        file: "src/raft/roles/leader.ts",
        from: "  const { log, durability, membership, countedPeers } = raft;",
        to: "  const { log, membership, countedPeers } = raft;\n  const durability = { durableIndex: log.lastIndex };",
      },
    ],
  },
  {
    id: "19",
    name: "completion-by-index",
    mistake: "a completed write is matched by index alone",
    why: "The write of an entry that has been replaced makes its replacement count as durable.",
    caughtBy: ["P6"],
    edits: [
      {
        file: "src/raft/log/durability.ts",
        from: "if (last !== undefined && log.termAt(last.index) === last.term) {",
        to: "if (last !== undefined && last.index <= log.lastIndex) {",
      },
    ],
  },
];

import type { Mutant } from "./mutant.ts";

export const snapshots: readonly Mutant[] = [
  {
    id: "8",
    mistake: "the current term is taken from a snapshot",
    edits: [
      {
        file: "src/raft/install-snapshot.ts",
        from: "  raft.lastApplied = lastIncludedIndex;\n",
        to: "  raft.lastApplied = lastIncludedIndex;\n  raft.currentTerm = meta.lastIncludedTerm;\n",
      },
    ],
  },
  {
    id: "21",
    mistake: "InstallSnapshot drops a suffix that matches",
    edits: [
      {
        file: "src/raft/log.ts",
        from: "    this.#snapshot = meta;\n    if (this.termAt(meta.lastIncludedIndex) === meta.lastIncludedTerm) {",
        to: "    this.#snapshot = meta;\n    if (this.lastIndex === meta.lastIncludedIndex && this.lastTerm === meta.lastIncludedTerm) {",
      },
    ],
  },
  {
    id: "22a",
    mistake: "the log is compacted before the snapshot's directory is synced",
    edits: [
      {
        file: "adapters/file/folder.ts",
        from: "    await this.#disk.rename(this.#at(temporary.name), this.#at(name));\n    await this.sync();",
        to: '    await this.#disk.rename(this.#at(temporary.name), this.#at(name));\n    if (!name.endsWith(".snapshot")) await this.sync();',
      },
    ],
  },
  {
    id: "22b",
    mistake: "the log is compacted before the snapshot is synced",
    edits: [
      {
        file: "adapters/file/snapshot-writer.ts",
        from: "    await this.#file.writeAt(0, encodeHeader(this.meta));\n    await this.#file.datasync();",
        to: "    await this.#file.writeAt(0, encodeHeader(this.meta));",
      },
    ],
  },
  {
    id: "23",
    mistake: "a snapshot without the session table",
    edits: [
      {
        file: "src/kv/store.ts",
        from: "encodeSnapshot({ values: this.#values.clone(), ...this.#sessions.capture() })",
        to: "encodeSnapshot({ values: this.#values.clone(), ...this.#sessions.capture(), sessions: [] })",
      },
    ],
  },
  {
    id: "24",
    mistake: "a snapshot serialises the live map across waits",
    edits: [
      {
        file: "src/kv/store.ts",
        from: "encodeSnapshot({ values: this.#values.clone(),",
        to: "encodeSnapshot({ values: this.#values,",
      },
    ],
  },
  {
    id: "25",
    mistake: "the chunks of two snapshots are mixed",
    edits: [
      {
        file: "src/raft/install-snapshot.ts",
        from: "    incoming === undefined ||\n    !isSame(incoming.meta, meta) ||\n    incoming.from !== from ||\n    incoming.term !== request.term\n",
        to: "    incoming === undefined\n",
      },
      {
        file: "src/raft/install-snapshot.ts",
        from: "    incoming?.saving === true && isSame(incoming.meta, meta),",
        to: "    incoming?.saving === true,",
      },
      {
        file: "src/raft/install-snapshot.ts",
        from: "    incoming?.installing === true && isSame(incoming.meta, meta),",
        to: "    incoming?.installing === true,",
      },
    ],
  },
  {
    id: "38",
    mistake: "sessions expire by the local clock inside apply",
    edits: [
      {
        file: "src/kv/store.ts",
        from: "this.#sessions.advance(command.timeMs);",
        to: "this.#sessions.advance(Date.now());",
      },
    ],
  },
];

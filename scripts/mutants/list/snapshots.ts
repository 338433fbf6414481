import type { Mutant } from "./mutant.ts";

/** Snapshots on their way to disk and to peers. */
export const snapshots: readonly Mutant[] = [
  {
    id: "21",
    name: "matching-suffix-dropped",
    mistake: "InstallSnapshot drops a suffix that matches",
    why: "Acknowledged entries after the snapshot are lost.",
    caughtBy: ["rule"],
    edits: [
      {
        file: "src/raft/roles/install-snapshot.ts",
        from: "  const suffixKept = log.termAt(lastIncludedIndex) === meta.lastIncludedTerm;\n",
        to: "  const suffixKept = false;\n  if (log.lastIndex > lastIncludedIndex) log.truncateFrom(lastIncludedIndex + 1);\n",
      },
    ],
  },
  {
    id: "22a",
    name: "snapshot-directory-not-synced",
    mistake: "the log is compacted before the snapshot's directory is synced",
    why: "After a power failure neither the snapshot nor the log that it replaced is there.",
    caughtBy: ["P6", "bug"],
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
    name: "snapshot-not-synced",
    mistake: "the log is compacted before the snapshot is synced",
    why: "After a power failure the snapshot has its name, but parts of it are missing.",
    caughtBy: ["P6", "bug"],
    edits: [
      {
        file: "adapters/file/snapshot-writer.ts",
        from: "    await this.#file.writeAt(0, encodeHeader(this.meta));\n    await this.#file.datasync();",
        to: "    await this.#file.writeAt(0, encodeHeader(this.meta));",
      },
    ],
  },
  {
    id: "25a",
    name: "chunks-mixed",
    mistake: "the chunks of two snapshots are mixed: the receiver looks at their offsets alone",
    why: "The installed snapshot is neither of the two.",
    caughtBy: ["P6", "bug", "P10"],
    rare: "test/raft/roles/install-snapshot.test.ts",
    edits: [
      {
        file: "src/raft/roles/install-snapshot.ts",
        from: `  if (
    incoming === undefined ||
    !isSame(incoming.meta, meta) ||
    incoming.from !== from ||
    incoming.term !== request.term
  ) {
    return replyWith(raft, callId, 0);
  }
  if (offset !== incoming.nextOffset) return replyWith(raft, callId, incoming.nextOffset);
  invariant(!incoming.installing, "§7 nothing is stored after the last chunk");
  incoming.storing = true;
  incoming.installing = done;
  raft.storeChunks.push({ callId, meta, offset, data, done });`,
        to: `  if (incoming === undefined) return replyWith(raft, callId, 0);
  if (offset !== incoming.nextOffset) return replyWith(raft, callId, incoming.nextOffset);
  invariant(!incoming.installing, "§7 nothing is stored after the last chunk");
  incoming.storing = true;
  incoming.installing = done;
  raft.storeChunks.push({ callId, meta: incoming.meta, offset, data, done });`,
      },
    ],
  },
  {
    id: "25b",
    name: "chunks-of-the-newest",
    mistake:
      "the chunks of two snapshots are mixed: the sender reads them from the snapshot that is the newest now",
    why: "The installed snapshot is of another index than assumed, or of two.",
    caughtBy: ["P10", "bug", "P8"],
    edits: [
      {
        file: "src/replica/snapshot-sender.ts",
        from: "      if (source.meta.lastIncludedIndex !== lastIncludedIndex) return undefined;\n",
        to: "",
      },
    ],
  },
  {
    id: "25c",
    name: "unfinished-snapshot-kept",
    mistake:
      "the chunks of two snapshots are mixed: one that was broken off is not thrown away when the next begins",
    why: "The installed snapshot begins with chunks of the last leader or the last attempt.",
    caughtBy: ["bug", "P6", "rule"],
    edits: [
      {
        file: "src/replica/snapshot-receiver.ts",
        from: "      await this.#sink?.abort();\n      this.#sink = await persister.createSnapshot(meta);",
        to: "      this.#sink ??= await persister.createSnapshot(meta);",
      },
    ],
  },
];

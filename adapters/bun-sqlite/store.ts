import {
  type HardState,
  InvariantViolation,
  type LogEntry,
  type LogPosition,
  type SnapshotMeta,
} from "../../src/raft/index.ts";
import { crc32 } from "../checksum/index.ts";
import type { CommitFile } from "./commit-file.ts";
import { type CommitRecord, encodeCommitRecord } from "./commit-record.ts";
import type { Connection } from "./connection.ts";
import { type Label, writeOutdated } from "./label.ts";
import { appendEntries, deleteCovered, newStart, positionAt } from "./log-table.ts";
import { commitRecordId, writeLabel } from "./schema.ts";
import { deleteChunks, insertChunk, readChunks } from "./snapshot-table.ts";

/** A batch, and the position after which its entries go. */
export interface StoreBatch {
  readonly hardState: HardState | undefined;
  /** The position that the entries follow. A log that does not contain it starts anew from it. */
  readonly position: LogPosition;
  readonly entries: readonly LogEntry[];
}

/** A snapshot that is about to become the newest. */
export interface SnapshotCommit {
  readonly id: number;
  readonly meta: SnapshotMeta;
  /** In bytes. */
  readonly size: number;
}

/** The parts of a store. */
export interface StoreParts {
  readonly file: string;
  readonly connection: Connection;
  readonly commits: CommitFile;
  readonly record: CommitRecord;
  readonly label: Label;
  /** The ids of all snapshots with chunks. */
  readonly snapshotIds: readonly number[];
}

/**
 * An open database with its commit file. All calls block, and their changes are durable when they return. After an
 * error nothing more may be written, except after a PersisterError `full`, which changed nothing.
 */
export class Store {
  readonly #file: string;
  readonly #connection: Connection;
  readonly #commits: CommitFile;
  #record: CommitRecord;
  #label: Label;
  /** The ids of obsolete and uncommitted snapshots. */
  readonly #dropped: number[];
  #lastId: number;
  /** CRC32 of the chunks so far, by the id of each snapshot being written. */
  readonly #checksums = new Map<number, number>();

  constructor({ file, connection, commits, record, label, snapshotIds: ids }: StoreParts) {
    this.#file = file;
    this.#label = label;
    this.#connection = connection;
    this.#commits = commits;
    this.#record = record;
    this.#dropped = ids.filter((id) => id !== record.snapshot?.id);
    this.#lastId = ids.reduce((last, id) => Math.max(last, id), record.snapshot?.id ?? 0);
  }

  /** @param clusterUid in hexadecimal */
  bind(clusterUid: string): void {
    this.#setLabel({ ...this.#label, clusterUid });
  }

  /** @param starts the count of the newer copy that replaces this store */
  retire(reason: string, starts: number): void {
    // The mark is written first: if only the count were written, the next process on this store would be the newest.
    writeOutdated(this.#file, reason);
    // An operator who removes the mark chooses this store, so its next process must be the newest.
    this.#setLabel({ ...this.#label, starts: Math.max(this.#label.starts, starts) });
  }

  write({ hardState = this.#record.hardState, position, entries }: StoreBatch): void {
    const before = this.#record;
    const own = positionAt(this.#connection, before, position.index);
    const isKnown = own?.term === position.term;
    const from = isKnown ? own : newStart(position);
    this.#commit((sequence) => {
      const end = appendEntries(this.#connection, before, from, entries);
      return { ...before, sequence, hardState, start: isKnown ? before.start : from, end };
    });
  }

  /** @returns its id */
  beginSnapshot(): number {
    this.#lastId++;
    this.#checksums.set(this.#lastId, 0);
    return this.#lastId;
  }

  writeChunk(id: number, offset: number, chunk: Uint8Array): void {
    this.#connection.transaction(() => insertChunk(this.#connection, id, offset, chunk));
    this.#checksums.set(id, crc32(chunk, this.#checksums.get(id)));
  }

  /**
   * Makes a snapshot the newest. The previous one stays readable until it is dropped. Entries after the snapshot's last
   * index stay, even if they contradict the snapshot.
   */
  commitSnapshot({ id, meta, size }: SnapshotCommit): void {
    const crc = this.#checksums.get(id);
    if (crc === undefined) throw new InvariantViolation("a snapshot is begun before it is committed");
    const before = this.#record;
    const { lastIncludedIndex: index, lastIncludedTerm: term } = meta;
    const isBeyond = index >= before.end.index;
    const own = isBeyond ? undefined : positionAt(this.#connection, before, index);
    const start = isBeyond ? newStart({ index, term }) : (own ?? before.start);
    const end = isBeyond ? start : before.end;
    this.#commit((sequence) => ({ ...before, sequence, start, end, snapshot: { id, meta, size, crc } }));
    this.#checksums.delete(id);
  }

  /** Marks a snapshot's chunks as obsolete. `sweep` deletes them. */
  dropSnapshot(id: number): void {
    if (id === this.#record.snapshot?.id) throw new InvariantViolation("the newest snapshot is kept");
    this.#checksums.delete(id);
    this.#dropped.push(id);
  }

  /** @throws RangeError if the bytes differ from those that were written */
  readSnapshot(id: number, from: number, to: number): Uint8Array {
    return readChunks(this.#connection, id, from, to);
  }

  /**
   * Deletes about 1 MiB of obsolete data.
   *
   * @returns whether there may be more
   */
  sweep(): boolean {
    return this.#connection.transaction(() => {
      if (deleteCovered(this.#connection, this.#record.start.index)) return true;
      const [id] = this.#dropped;
      if (id === undefined) return false;
      if (!deleteChunks(this.#connection, id)) this.#dropped.shift();
      return true;
    });
  }

  close(): void {
    this.#connection.close();
    this.#commits.close();
  }

  #setLabel(label: Label): void {
    writeLabel(this.#connection, label);
    this.#label = label;
  }

  /** Acknowledges one transaction: first the database is committed, then the commit file, each with a sync. */
  #commit(change: (sequence: number) => CommitRecord): void {
    const record = this.#connection.transaction(() => {
      const next = change(this.#record.sequence + 1);
      this.#connection.run(
        "UPDATE records SET bytes = ? WHERE id = ?",
        encodeCommitRecord(next),
        commitRecordId,
      );
      return next;
    });
    this.#commits.write(record);
    this.#record = record;
  }
}

import { emptyState, type HardState, type LogPosition, type SnapshotMeta } from "../../src/raft/index.ts";
import { fromHex, toHex } from "../shared/index.ts";
import { seal, unseal } from "./sealed.ts";

/** A position of the log, with the checksum of the log from its start up to there. */
export interface ChainedPosition extends LogPosition {
  readonly chain: number;
}

/** A committed snapshot. */
export interface StoredSnapshot {
  readonly id: number;
  readonly meta: SnapshotMeta;
  /** In bytes. */
  readonly size: number;
  /** CRC32 of all its data. */
  readonly crc: number;
}

/**
 * The state of a database after a transaction, in a few hundred bytes. All rows that matter are checked against it. The
 * transaction writes it into the database, then it goes into the commit file, and only then is the transaction
 * acknowledged.
 */
export interface CommitRecord {
  /** Increases by one with each acknowledged transaction; 0 for a new database. */
  readonly sequence: number;
  readonly hardState: HardState;
  /** The position before the first entry. Rows at or below it are obsolete. */
  readonly start: ChainedPosition;
  /** The position of the last entry, or `start` if there are no entries. */
  readonly end: ChainedPosition;
  readonly snapshot: StoredSnapshot | undefined;
}

const origin: ChainedPosition = { index: 0, term: 0, chain: 0 };

/** The record of a new database. */
export const emptyRecord: CommitRecord = {
  sequence: 0,
  hardState: emptyState.hardState,
  start: origin,
  end: origin,
  snapshot: undefined,
};

export function encodeCommitRecord(record: CommitRecord): Uint8Array {
  const { hardState, snapshot } = record;
  return seal({
    ...record,
    hardState: { ...hardState, votedFor: hardState.votedFor ?? null },
    snapshot: snapshot === undefined ? null : { ...snapshot, meta: sealedMeta(snapshot.meta) },
  });
}

/** @returns undefined if the bytes are not a record */
export function decodeCommitRecord(bytes: Uint8Array): CommitRecord | undefined {
  const found = unseal(bytes) as Sealed | undefined;
  if (found === undefined) return undefined;
  const { hardState, snapshot } = found;
  return {
    ...found,
    hardState: { ...hardState, votedFor: hardState.votedFor ?? undefined },
    snapshot: snapshot === null ? undefined : { ...snapshot, meta: metaOf(snapshot.meta) },
  };
}

function sealedMeta({ configuration, ...meta }: SnapshotMeta): SealedMeta {
  if (configuration === undefined) return { ...meta, configuration: null };
  const { index, data } = configuration;
  return { ...meta, configuration: { index, data: toHex(data) } };
}

function metaOf({ configuration, ...meta }: SealedMeta): SnapshotMeta {
  if (configuration === null) return meta;
  const { index, data } = configuration;
  return { ...meta, configuration: { index, data: fromHex(data) } };
}

/** The record as JSON. Because its checksum was verified, its shape is not. */
interface Sealed extends Omit<CommitRecord, "hardState" | "snapshot"> {
  readonly hardState: Omit<HardState, "votedFor"> & { readonly votedFor: HardState["votedFor"] | null };
  readonly snapshot: (Omit<StoredSnapshot, "meta"> & { readonly meta: SealedMeta }) | null;
}

/** JSON has no bytes, so the data are in hexadecimal. */
interface SealedMeta extends Omit<SnapshotMeta, "configuration"> {
  readonly configuration: { readonly index: number; readonly data: string } | null;
}

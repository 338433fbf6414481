import { PersisterError, type PersisterFailure } from "../../src/ports/index.ts";
import type { CommitRecord } from "./commit-record.ts";
import type { Identity } from "./identity.ts";
import type { Label } from "./label.ts";
import type { PackedEntries } from "./packed-entries.ts";
import type { SnapshotCommit, StoreBatch } from "./store.ts";

/** A call of an engine, sent to SQLite's thread. */
export type EngineCall =
  | { readonly type: "open"; readonly file: string; readonly identity: Identity }
  | { readonly type: "bind"; readonly clusterUid: string }
  | { readonly type: "retire"; readonly reason: string; readonly starts: number }
  | { readonly type: "write"; readonly batch: Omit<StoreBatch, "entries">; readonly entries: PackedEntries }
  | { readonly type: "beginSnapshot" }
  | { readonly type: "writeChunk"; readonly id: number; readonly offset: number; readonly chunk: Uint8Array }
  | { readonly type: "commitSnapshot"; readonly commit: SnapshotCommit }
  | { readonly type: "dropSnapshot"; readonly id: number }
  | { readonly type: "readSnapshot"; readonly id: number; readonly from: number; readonly to: number }
  | { readonly type: "sweep" }
  | { readonly type: "close" };

/** The result of each call. */
export interface EngineResults {
  readonly open: { readonly record: CommitRecord; readonly entries: PackedEntries; readonly label: Label };
  readonly bind: undefined;
  readonly retire: undefined;
  readonly write: undefined;
  readonly beginSnapshot: number;
  readonly writeChunk: undefined;
  readonly commitSnapshot: undefined;
  readonly dropSnapshot: undefined;
  readonly readSnapshot: Uint8Array;
  readonly sweep: boolean;
  readonly close: undefined;
}

export type EngineResult = EngineResults[EngineCall["type"]];

export interface EngineRequest {
  readonly number: number;
  readonly call: EngineCall;
}

export type EngineReply =
  | { readonly number: number; readonly result: EngineResult }
  | { readonly number: number; readonly error: SentError };

/** An error sent between threads, which loses its class and properties on the way. */
export interface SentError {
  readonly reason: PersisterFailure | undefined;
  readonly isRange: boolean;
  readonly message: string;
  readonly cause: string | undefined;
}

export function sentError(error: unknown): SentError {
  const { message, cause } = error instanceof Error ? error : { message: String(error), cause: undefined };
  return {
    reason: error instanceof PersisterError ? error.reason : undefined,
    isRange: error instanceof RangeError,
    message,
    cause: cause === undefined ? undefined : cause instanceof Error ? cause.message : String(cause),
  };
}

export function receivedError({ reason, isRange, message, cause }: SentError): Error {
  const options = cause === undefined ? {} : { cause: new Error(cause) };
  if (reason !== undefined) return new PersisterError(reason, message, options);
  return isRange ? new RangeError(message, options) : new Error(message, options);
}

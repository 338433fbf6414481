import * as v from "valibot";
import type { Limits } from "./replica-config.ts";
import { type About, about, whole } from "./schema-parts.ts";

type Whole = About<v.OptionalSchema<v.GenericSchema<number>, number>>;

function limit(text: string, usual: number, max: number): Whole {
  return about(text, v.optional(whole(1, max), usual));
}

/** The settings of sizes and counts. */
export const limitFields: Readonly<Record<keyof Limits, Whole>> = {
  compactLogMib: limit("size of the log after which a snapshot is taken, in MiB", 64, 65_536),
  retainedLogMib: limit(
    "size of the log kept before a snapshot for peers that lag a little, in MiB",
    4,
    65_536,
  ),
  segmentMib: limit("size of a log file of the file storage, in MiB", 16, 1024),
  maxUncommittedMib: limit("size of the uncommitted log beyond which writes get 503, in MiB", 64, 1024),
  maxAppendKib: limit("maximum size of the entries in one message to a peer, in KiB", 1024, 2048),
  maxInflightAppends: limit("maximum number of AppendEntries in flight to each peer", 8, 1024),
  snapshotChunkKib: limit("maximum size of a snapshot chunk in one message to a peer, in KiB", 256, 2048),
};

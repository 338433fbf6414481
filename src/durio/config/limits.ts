import * as v from "valibot";
import type { Limits } from "./settings.ts";
import { type About, about, whole } from "./values.ts";

type Whole = About<v.OptionalSchema<v.GenericSchema<number>, number>>;

function limit(text: string, usual: number, max: number): Whole {
  return about(text, v.optional(whole(1, max), usual));
}

/** How much of anything there may be. */
export const limitFields: Readonly<Record<keyof Limits, Whole>> = {
  compactLogMib: limit("how much log makes a snapshot worth while, in MiB", 64, 65_536),
  retainedLogMib: limit(
    "how much of the log before a snapshot is kept for peers a little behind, in MiB",
    4,
    65_536,
  ),
  segmentMib: limit("how large the files of the log are, in MiB", 16, 1024),
  maxUncommittedMib: limit("how much may wait to be committed before writes get 503, in MiB", 64, 1024),
  maxAppendKib: limit("how much log a message to a peer holds, in KiB", 1024, 2048),
  maxInflightAppends: limit("how many such messages may await their answers, for each peer", 1, 1024),
  snapshotChunkKib: limit("how much of a snapshot a message to a peer holds, in KiB", 256, 2048),
};

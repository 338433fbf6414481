import { kvLimits } from "../kv/index.ts";

/** What one message may hold. */
export const rpcLimits: {
  readonly messageBytes: number;
  /** Entries of one AppendEntries: no list is longer. */
  readonly entries: number;
  readonly keyBytes: number;
  readonly valueBytes: number;
  /** The text of a refusal, in UTF-16 units; a longer one is cut. */
  readonly refusalLength: number;
} = {
  messageBytes: 4 << 20,
  entries: 1 << 16,
  keyBytes: kvLimits.keyBytes,
  valueBytes: kvLimits.valueBytes,
  refusalLength: 200,
};

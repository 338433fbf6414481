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
  keyBytes: 4 << 10,
  valueBytes: 1 << 20,
  refusalLength: 200,
};

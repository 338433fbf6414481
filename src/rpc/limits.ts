/** What one message may hold. */
export const rpcLimits: {
  /** The payload of a request or reply. */
  readonly payloadBytes: number;
  /** A payload in its envelope. */
  readonly messageBytes: number;
  /** Entries of one AppendEntries, and items of a list in CBOR. */
  readonly entries: number;
  /** The text of a refusal, in UTF-16 units; a longer one is cut. */
  readonly refusalLength: number;
} = {
  payloadBytes: 4 << 20,
  messageBytes: (4 << 20) + 512,
  entries: 1 << 16,
  refusalLength: 200,
};

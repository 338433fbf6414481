/** Limits of one message. */
export const rpcLimits: {
  /** Payload of a request or reply. */
  readonly payloadBytes: number;
  /** Payload with its envelope. */
  readonly messageBytes: number;
  /** Number of entries of one AppendEntries, and of items of a list in CBOR. */
  readonly entries: number;
  /** Text of a refusal, in UTF-16 units; a longer one is cut. */
  readonly refusalLength: number;
} = {
  payloadBytes: 4 << 20,
  messageBytes: (4 << 20) + 512,
  entries: 1 << 16,
  refusalLength: 200,
};

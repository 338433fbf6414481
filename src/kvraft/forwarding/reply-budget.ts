import { invariant, MAX_PAYLOAD_BYTES } from "../../raft/index.ts";

/** Upper bound of a reply without its value, in bytes: its code, two numbers, or a leader's name. */
const REPLY_OVERHEAD_BYTES = 40;

/** The bytes that are left for replies in one message. */
export class ReplyBudget {
  #leftBytes: number;

  /**
   * @param replies number of replies in the message, because one that is omitted takes a byte as well
   * @param maxPayloadBytes the transport's limit, if it has one
   */
  constructor(replies: number, maxPayloadBytes: number = MAX_PAYLOAD_BYTES) {
    this.#leftBytes = Math.min(maxPayloadBytes, MAX_PAYLOAD_BYTES) - replies;
  }

  /** Reserves the bytes of a reply with a value of this size. @returns false if they are not left */
  reserve(valueBytes: number): boolean {
    invariant(valueBytes >= 0, "no reply adds to the bytes that are left");
    const bytes = REPLY_OVERHEAD_BYTES + valueBytes;
    if (bytes > this.#leftBytes) return false;
    this.#leftBytes -= bytes;
    return true;
  }
}

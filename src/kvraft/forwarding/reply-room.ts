import { MAX_PAYLOAD_BYTES } from "../../raft/index.ts";

/** What a reply takes in a message beside a value: its code, two numbers, or a leader's name. */
const REPLY_OVERHEAD_BYTES = 40;

/** The room for replies in one message. */
export class ReplyRoom {
  #leftBytes: number;

  /** @param maxPayloadBytes what the transport carries, where that is limited */
  constructor(maxPayloadBytes: number = MAX_PAYLOAD_BYTES) {
    this.#leftBytes = Math.min(maxPayloadBytes, MAX_PAYLOAD_BYTES);
  }

  /** @returns whether there was room for a reply with so many bytes of value */
  take(valueBytes: number): boolean {
    const bytes = REPLY_OVERHEAD_BYTES + valueBytes;
    if (bytes > this.#leftBytes) return false;
    this.#leftBytes -= bytes;
    return true;
  }
}

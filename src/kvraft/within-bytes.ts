import type { KvReply } from "../kv/index.ts";

/** What a reply takes in a message beside a value: its code, two numbers, or a leader's name. */
const REPLY_OVERHEAD_BYTES = 40;

/** What every message holds, whatever the transport could carry. */
const MAX_REPLY_BYTES = 2 << 20;

/**
 * As many of the replies as one message carries, undefined in the place of the others.
 *
 * @param maxPayloadBytes what the transport carries, where that is limited
 */
export function withinBytes(
  replies: readonly KvReply[],
  maxPayloadBytes: number = MAX_REPLY_BYTES,
): readonly (KvReply | undefined)[] {
  let left = Math.min(maxPayloadBytes, MAX_REPLY_BYTES);
  return replies.map((reply) => {
    const bytes = REPLY_OVERHEAD_BYTES + (reply.type === "value" ? (reply.value?.length ?? 0) : 0);
    if (bytes > left) return undefined;
    left -= bytes;
    return reply;
  });
}

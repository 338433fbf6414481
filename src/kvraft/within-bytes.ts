import type { KvReply } from "../kv/index.ts";

/** What a reply takes in a message beside a value: its code, two numbers, or a leader's name. */
const REPLY_OVERHEAD_BYTES = 40;

/** As many of the replies as one message carries, undefined in the place of the others. */
export function withinBytes(
  replies: readonly KvReply[],
  maxBytes: number = 2 << 20,
): readonly (KvReply | undefined)[] {
  let left = maxBytes;
  return replies.map((reply) => {
    const bytes = REPLY_OVERHEAD_BYTES + (reply.type === "value" ? (reply.value?.length ?? 0) : 0);
    if (bytes > left) return undefined;
    left -= bytes;
    return reply;
  });
}

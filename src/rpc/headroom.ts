/** More than the head of a call can have, in bytes. */
const HEADROOM_BYTES = 512;

/** The buffers whose headroom is unused. A headroom is used once: the message of a second call needs other bytes there. */
const unused = new WeakSet<ArrayBufferLike>();

/**
 * Returns space for a payload that has space for the head of its message in front, so that a large payload is not copied
 * into its message.
 *
 * @param length of the payload, in bytes
 */
export function withHeadroom(length: number): Uint8Array<ArrayBuffer> {
  const buffer = new ArrayBuffer(HEADROOM_BYTES + length);
  unused.add(buffer);
  return new Uint8Array(buffer, HEADROOM_BYTES);
}

/**
 * Returns `bytes` of headroom followed by the payload, as one view. Returns undefined if the payload has no headroom, or
 * if it was used before.
 */
export function useHeadroom(payload: Uint8Array, bytes: number): Uint8Array<ArrayBuffer> | undefined {
  const { buffer, byteOffset, length } = payload;
  if (byteOffset !== HEADROOM_BYTES || bytes > HEADROOM_BYTES || !(buffer instanceof ArrayBuffer))
    return undefined;
  return unused.delete(buffer) ? new Uint8Array(buffer, HEADROOM_BYTES - bytes, bytes + length) : undefined;
}

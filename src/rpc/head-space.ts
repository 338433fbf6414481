/** More than the head of a call can have, in bytes. */
const HEAD_SPACE_BYTES = 512;

/** The buffers whose head space is unused. A head space is used once: the message of a second call needs other bytes there. */
const unused = new WeakSet<ArrayBufferLike>();

/**
 * Returns a buffer for a payload, with space in front of it for the head of its message. So a large payload is not copied
 * into its message.
 *
 * @param length of the payload, in bytes
 */
export function withHeadSpace(length: number): Uint8Array<ArrayBuffer> {
  const buffer = new ArrayBuffer(HEAD_SPACE_BYTES + length);
  unused.add(buffer);
  return new Uint8Array(buffer, HEAD_SPACE_BYTES);
}

/**
 * Returns `bytes` of head space followed by the payload, as one view. Returns undefined if the payload has no head space, or
 * if it was used before.
 */
export function useHeadSpace(payload: Uint8Array, bytes: number): Uint8Array<ArrayBuffer> | undefined {
  const { buffer, byteOffset, length } = payload;
  if (byteOffset !== HEAD_SPACE_BYTES || bytes > HEAD_SPACE_BYTES || !(buffer instanceof ArrayBuffer))
    return undefined;
  return unused.delete(buffer) ? new Uint8Array(buffer, HEAD_SPACE_BYTES - bytes, bytes + length) : undefined;
}

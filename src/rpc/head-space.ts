/** More than the heads of a call and of its seal have together, in bytes. */
const HEAD_SPACE_BYTES = 512;

/** The buffers with head space, and where the unused part of it ends. What is behind may be in flight. */
const ends = new WeakMap<ArrayBufferLike, number>();

/**
 * Returns a buffer for a payload, with space in front of it for the heads of its message. So a large payload is not copied
 * into its message.
 *
 * @param length of the payload, in bytes
 */
export function withHeadSpace(length: number): Uint8Array<ArrayBuffer> {
  const buffer = new ArrayBuffer(HEAD_SPACE_BYTES + length);
  ends.set(buffer, HEAD_SPACE_BYTES);
  return new Uint8Array(buffer, HEAD_SPACE_BYTES);
}

/**
 * Returns `bytes` of head space followed by the content, as one view. Returns undefined if there is no such space, or if
 * something was put in front of the content before.
 *
 * @param content from `withHeadSpace` or from here
 * @param bytes length of the head
 */
export function useHeadSpace(content: Uint8Array, bytes: number): Uint8Array<ArrayBuffer> | undefined {
  const { buffer, byteOffset, length } = content;
  if (bytes > byteOffset || !(buffer instanceof ArrayBuffer) || ends.get(buffer) !== byteOffset)
    return undefined;
  ends.set(buffer, byteOffset - bytes);
  return new Uint8Array(buffer, byteOffset - bytes, bytes + length);
}

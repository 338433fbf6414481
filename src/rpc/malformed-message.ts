/** Bytes from outside don't follow the protocol. The message names the field. */
export class MalformedMessage extends Error {
  override readonly name = "MalformedMessage";
}

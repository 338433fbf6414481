/** Bytes from outside are not what the contract says. The message names the place. */
export class MalformedMessage extends Error {
  override readonly name = "MalformedMessage";
}

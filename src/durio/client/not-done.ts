/** A command was not carried out. The message says why, and what to do. */
export class NotDone extends Error {
  override readonly name = "NotDone";
}

import { CLUSTER_UID_BYTES, type Introduction, type StorageUse } from "../ports/index.ts";
import { MalformedMessage } from "./malformed-message.ts";

const useBytes = 12;
const receiverAt = CLUSTER_UID_BYTES + useBytes;

/** Each introduction is written once and sent many times. */
const written = new WeakMap<Introduction, Uint8Array>();

/**
 * An introduction in a message: the uid, the sender's use of its storage, then that of the receiver's, if any. Zeros
 * stand for what is unknown.
 */
export function introductionToWire(introduction: Introduction | undefined): Uint8Array | undefined {
  if (introduction === undefined) return undefined;
  let bytes = written.get(introduction);
  if (bytes === undefined) {
    bytes = write(introduction);
    written.set(introduction, bytes);
  }
  return bytes;
}

/** Those that were read last, newest first: a peer introduces itself in each message, and by the same bytes. */
let known: readonly { readonly bytes: Uint8Array; readonly introduction: Introduction }[] = [];
const maxKnown = 8;

/**
 * The same bytes give the same object.
 *
 * @throws MalformedMessage
 */
export function introductionFromWire(wire: unknown): Introduction | undefined {
  if (wire === undefined) return undefined;
  if (wire instanceof Uint8Array) {
    for (const { bytes, introduction } of known) if (isSame(bytes, wire)) return introduction;
  }
  const introduction = read(wire);
  known = [{ bytes: write(introduction), introduction }, ...known.slice(0, maxKnown - 1)];
  return introduction;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

function read(wire: unknown): Introduction {
  const isWhole =
    wire instanceof Uint8Array && (wire.length === receiverAt || wire.length === receiverAt + useBytes);
  if (!isWhole) {
    throw new MalformedMessage(
      `introduction: not a byte string of ${receiverAt} or ${receiverAt + useBytes}`,
    );
  }
  const uid = wire.slice(0, CLUSTER_UID_BYTES);
  const view = new DataView(wire.buffer, wire.byteOffset, wire.length);
  return {
    clusterUid: uid.some((byte) => byte !== 0) ? uid : undefined,
    use: readUse(view, CLUSTER_UID_BYTES),
    receiver: wire.length === receiverAt ? undefined : readUse(view, receiverAt),
  };
}

function write({ clusterUid, use, receiver }: Introduction): Uint8Array {
  const bytes = new Uint8Array(receiver === undefined ? receiverAt : receiverAt + useBytes);
  const view = new DataView(bytes.buffer);
  if (clusterUid !== undefined) bytes.set(clusterUid);
  if (use !== undefined) writeUse(view, CLUSTER_UID_BYTES, use);
  if (receiver !== undefined) writeUse(view, receiverAt, receiver);
  return bytes;
}

function writeUse(view: DataView, at: number, { storage, starts, boot }: StorageUse): void {
  view.setUint32(at, storage);
  view.setUint32(at + 4, starts);
  view.setUint32(at + 8, boot);
}

function readUse(view: DataView, at: number): StorageUse | undefined {
  const [storage, starts, boot] = [view.getUint32(at), view.getUint32(at + 4), view.getUint32(at + 8)];
  return storage === 0 || starts === 0 ? undefined : { storage, starts, boot };
}

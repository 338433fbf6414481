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

/** @throws MalformedMessage */
export function introductionFromWire(wire: unknown): Introduction | undefined {
  if (wire === undefined) return undefined;
  const isWhole =
    wire instanceof Uint8Array && (wire.length === receiverAt || wire.length === receiverAt + useBytes);
  if (!isWhole) {
    throw new MalformedMessage(
      `introduction: not a byte string of ${receiverAt} or ${receiverAt + useBytes}`,
    );
  }
  const uid = wire.subarray(0, CLUSTER_UID_BYTES);
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

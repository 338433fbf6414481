import { CLUSTER_UID_BYTES, type Introduction, type StorageUse } from "../ports/index.ts";

const USE_BYTES = 12;
const RECEIVER_AT = CLUSTER_UID_BYTES + USE_BYTES;

/** The longest introduction, in bytes. */
export const INTRODUCTION_BYTES: number = RECEIVER_AT + USE_BYTES;

const noBytes = new Uint8Array();

/** Encoded introductions: each is encoded once and sent many times. */
const written = new WeakMap<Introduction, Uint8Array>();

/**
 * Encodes an introduction: the uid, the use of the sender's storage, then that of the receiver's if it is set. Unknown fields
 * are zeros. No introduction is no bytes.
 */
export function introductionBytes(introduction: Introduction | undefined): Uint8Array {
  if (introduction === undefined) return noBytes;
  let bytes = written.get(introduction);
  if (bytes === undefined) {
    bytes = write(introduction);
    written.set(introduction, bytes);
  }
  return bytes;
}

/** Whether an introduction can have this length, in bytes. */
export function isIntroductionLength(length: number): boolean {
  return length === 0 || length === RECEIVER_AT || length === INTRODUCTION_BYTES;
}

/** Decodes an introduction. @param bytes of a length that {@link isIntroductionLength} accepts */
export function readIntroduction(bytes: Uint8Array): Introduction | undefined {
  if (bytes.length === 0) return undefined;
  const uid = bytes.slice(0, CLUSTER_UID_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    clusterUid: uid.some((byte) => byte !== 0) ? uid : undefined,
    use: readUse(view, CLUSTER_UID_BYTES),
    receiver: bytes.length === RECEIVER_AT ? undefined : readUse(view, RECEIVER_AT),
  };
}

function write({ clusterUid, use, receiver }: Introduction): Uint8Array {
  const bytes = new Uint8Array(receiver === undefined ? RECEIVER_AT : INTRODUCTION_BYTES);
  const view = new DataView(bytes.buffer);
  if (clusterUid !== undefined) bytes.set(clusterUid);
  if (use !== undefined) writeUse(view, CLUSTER_UID_BYTES, use);
  if (receiver !== undefined) writeUse(view, RECEIVER_AT, receiver);
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

import { crc32 } from "../checksum/index.ts";
import { outdatedName, startsName } from "./file-names.ts";
import type { Folder } from "./folder.ts";

/**
 * The file that counts the starts. It has two slots, `slotBytes` apart, which are written alternately, so that a torn
 * write leaves the other one. It needs no more space once created, so a full disk keeps no replica from starting.
 *
 * A slot: storage 4 | starts 4 | CRC32 of both 4, all big-endian.
 */
const slotBytes = 4096;
const countBytes = 8;

/** The identity of a storage, and how many processes have started on it. */
export interface Starts {
  /** 1 to 2^32 - 1. A copy of the directory has the same. */
  readonly storage: number;
  readonly starts: number;
}

/** Counts the first start of a new directory. Durable when the promise resolves. */
export async function createStarts(folder: Folder, storage: number): Promise<Starts> {
  const first = { storage, starts: 1 };
  const temporary = await folder.createTemporary(startsName);
  const bytes = new Uint8Array(2 * slotBytes);
  for (const at of [0, slotBytes]) bytes.set(slotOf(first), at);
  await temporary.file.writeAt(0, bytes);
  await temporary.file.datasync();
  await temporary.file.close();
  await folder.publish(temporary, startsName);
  return first;
}

/** Reads the count without changing it. */
export async function readStarts(folder: Folder): Promise<Starts> {
  const file = await folder.open(startsName);
  const bytes = await file.readAt(0, 2 * slotBytes);
  await file.close();
  const [even, odd] = [slotIn(bytes, 0), slotIn(bytes, slotBytes)];
  if (even !== undefined && odd !== undefined) return even.starts > odd.starts ? even : odd;
  const whole = even ?? odd;
  if (whole === undefined) throw folder.corrupt(startsName, 0, "neither of its two slots is whole");
  // The damaged slot may have held the next count, so that one is skipped.
  return { ...whole, starts: whole.starts + 1 };
}

/** Durable when the promise resolves. */
export async function writeStarts(folder: Folder, next: Starts): Promise<void> {
  const file = await folder.open(startsName);
  try {
    await file.writeAt(slotAt(next), slotOf(next));
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Keeps later processes from starting on the directory until the file is removed by hand. */
export async function writeOutdated(folder: Folder, reason: string): Promise<void> {
  const temporary = await folder.createTemporary(outdatedName);
  await temporary.file.writeAt(0, new TextEncoder().encode(`${reason}\n`));
  await temporary.file.datasync();
  await temporary.file.close();
  await folder.publish(temporary, outdatedName);
}

function slotAt({ starts }: Starts): number {
  return (starts % 2) * slotBytes;
}

function slotOf({ storage, starts }: Starts): Uint8Array {
  const bytes = new Uint8Array(countBytes + 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, storage);
  view.setUint32(4, starts);
  view.setUint32(countBytes, crc32(bytes.subarray(0, countBytes)));
  return bytes;
}

function slotIn(bytes: Uint8Array, at: number): Starts | undefined {
  if (bytes.length < at + countBytes + 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [storage, starts] = [view.getUint32(at), view.getUint32(at + 4)];
  const isWhole = view.getUint32(at + countBytes) === crc32(bytes.subarray(at, at + countBytes));
  // A slot of zeros was never written.
  return isWhole && storage !== 0 && starts !== 0 ? { storage, starts } : undefined;
}

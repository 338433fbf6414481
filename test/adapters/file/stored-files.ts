import { filePersister } from "../../../adapters/file/index.ts";
import { frameAt } from "../../../adapters/file/record.ts";
import {
  decodeSegmentHeader,
  type SegmentHeader,
  segmentHeaderBytes,
} from "../../../adapters/file/segment-header.ts";
import {
  type Disk,
  type Logger,
  type Persister,
  PersisterError,
  silentLogger,
} from "../../../src/ports/index.ts";
import { type LogEntry, replicaId, type SnapshotMeta } from "../../../src/raft/index.ts";
import { CrashDisk } from "./crash-disk.ts";
import { MortalDisk } from "./mortal-disk.ts";

export const diskFull: Error = systemError("ENOSPC", "no space left on device");
export const noDescriptors: Error = systemError("EMFILE", "too many open files");
export const firstLog = "0000000000000001.log";

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}

export function snapshotAt(lastIncludedIndex: number): SnapshotMeta {
  return { lastIncludedIndex, lastIncludedTerm: 1 };
}

/** A log of one whole record and one with `data`, of which the second sector was not stored. */
export async function torn(
  data: Uint8Array,
): Promise<{ disk: CrashDisk; header: SegmentHeader; end: number }> {
  const disk = new CrashDisk();
  const mortal = new MortalDisk(disk);
  const persister = await loaded(mortal);
  await persister.write(batch(1, 10));
  const { header, end } = await layout(disk);
  await persister.write({ entries: [{ type: "command", index: 2, term: 1, data }] });
  await mortal.kill();
  const file = await disk.open(`/data/${firstLog}`, { create: false });
  await file.writeAt(512, header.blank.bytes(512, 1024));
  return { disk, header, end };
}

/** The start and the end of the last record of the first segment. */
export async function layout(disk: Disk): Promise<{ header: SegmentHeader; start: number; end: number }> {
  const bytes = await contentOf(disk, firstLog);
  const header = decodeSegmentHeader(bytes);
  if (!header) throw new Error("a segment starts with its header");
  let frame = frameAt(bytes, segmentHeaderBytes, header.seed);
  for (let next = frame; next; next = frameAt(bytes, next.end, header.seed)) frame = next;
  return { header, start: frame?.start ?? 0, end: frame?.end ?? 0 };
}

export function open(disk: Disk, logger: Logger = silentLogger, segmentBytes = 1024): Persister {
  return filePersister({
    clusterId: "c1",
    replicaId: replicaId("n1"),
    directory: "/data",
    disk,
    segmentBytes,
    compactLogBytes: 4096,
    logger,
  });
}

export async function loaded(disk: Disk): Promise<Persister> {
  const persister = open(disk);
  await persister.load();
  return persister;
}

/** A snapshot of the entries 1 to 12, and 8 more in several segments behind it. */
export async function filled(disk: Disk): Promise<Persister> {
  const persister = await loaded(disk);
  for (let index = 1; index <= 12; index++) await persister.write(batch(index, 400));
  const sink = await persister.createSnapshot(snapshotAt(12));
  await sink.write(new Uint8Array(100));
  await sink.commit();
  for (let index = 13; index <= 20; index++) await persister.write(batch(index, 400));
  return persister;
}

export function batch(index: number, bytes: number): { entries: [LogEntry] } {
  return { entries: [{ type: "command", index, term: 1, data: new Uint8Array(bytes).fill(index) }] };
}

export async function failure(call: Promise<unknown>): Promise<PersisterError> {
  const error = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof PersisterError)) throw new Error(`expected a PersisterError, not ${String(error)}`);
  return error;
}

export async function flip(disk: Disk, name: string, at: number, bit = 0): Promise<void> {
  const file = await disk.open(`/data/${name}`, { create: false });
  const byte = await file.readAt(at, 1);
  await file.writeAt(at, Uint8Array.of((byte[0] ?? 0) ^ (1 << bit)));
}

export async function contentOf(disk: Disk, name: string): Promise<Uint8Array> {
  const file = await disk.open(`/data/${name}`, { create: false });
  return file.readAt(0, await file.size());
}

export function temporary(names: readonly string[]): string[] {
  return names.filter((name) => name.endsWith(".tmp"));
}

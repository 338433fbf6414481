import { PersisterError } from "../../src/ports/index.ts";
import type { ReplicaId } from "../../src/raft/index.ts";
import { crc32 } from "../checksum/index.ts";
import { metaName } from "./file-names.ts";
import type { Folder } from "./folder.ts";

/** The owner of a directory. */
export interface Identity {
  readonly clusterId: string;
  readonly replicaId: ReplicaId;
}

/** Version of all formats in the directory. Increases when a release cannot read what an older one wrote. */
const format = 5;

/** Advice for a directory of another format. */
export const onlyThisVersion: string = `this version reads only format ${format}: use the version that wrote it, or start with an empty directory`;

/**
 * Checks that the directory belongs to this replica.
 *
 * @returns the uid of the cluster that it is bound to, in hexadecimal; undefined if not bound yet
 * @throws PersisterError `mismatch`, or `corrupt` if the file cannot be read
 */
export async function checkIdentity(folder: Folder, wanted: Identity): Promise<string | undefined> {
  const file = await folder.open(metaName);
  const text = new TextDecoder().decode(await file.readAt(0, await file.size()));
  await file.close();
  const found = parse(folder, text);
  if (found.format !== format) {
    const isOlder = typeof found.format === "number" && found.format < format;
    const writer = isOlder ? "an earlier build of version 0.1" : "a later version";
    throw new PersisterError(
      "mismatch",
      `${folder.path} was written by ${writer}, in format ${found.format}; ${onlyThisVersion}`,
    );
  }
  if (found.clusterId !== wanted.clusterId || found.replicaId !== wanted.replicaId) {
    throw new PersisterError(
      "mismatch",
      `${folder.path} belongs to replica ${found.replicaId} of cluster ${found.clusterId}, ` +
        `not to replica ${wanted.replicaId} of cluster ${wanted.clusterId}`,
    );
  }
  return typeof found.clusterUid === "string" ? found.clusterUid : undefined;
}

/** @param clusterUid uid of the cluster that the directory is bound to, in hexadecimal */
export async function writeIdentity(folder: Folder, identity: Identity, clusterUid?: string): Promise<void> {
  const { clusterId, replicaId } = identity;
  const meta: Meta = { format, clusterId, replicaId, clusterUid };
  const sealed = JSON.stringify({ ...meta, crc32: checksumOf(meta) });
  const temporary = await folder.createTemporary(metaName);
  try {
    await temporary.file.writeAt(0, new TextEncoder().encode(`${sealed}\n`));
    await temporary.file.datasync();
  } catch (error) {
    await folder.discard(temporary).catch(() => {});
    throw error;
  }
  await temporary.file.close();
  await folder.publish(temporary, metaName);
}

interface Meta {
  readonly format: unknown;
  readonly clusterId: unknown;
  readonly replicaId: unknown;
  readonly clusterUid?: unknown;
}

/** Covers everything else in the file: a damaged name must not pass for another replica's. */
function checksumOf(meta: Meta): number {
  return crc32(new TextEncoder().encode(JSON.stringify(meta)));
}

function parse(folder: Folder, text: string): Meta {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw folder.corrupt(metaName, 0, "it is not JSON", error);
  }
  if (
    typeof found === "object" &&
    found &&
    "format" in found &&
    "clusterId" in found &&
    "replicaId" in found
  ) {
    const { crc32: checksum, ...meta }: Meta & { crc32?: unknown } = found;
    if (checksum === checksumOf(meta)) return meta;
    // Formats up to 3 had another checksum, whose name no single flipped bit turns into this one's.
    if ("crc32c" in meta && meta.format !== format) return meta;
    throw folder.corrupt(metaName, 0, "its checksum does not match its content");
  }
  throw folder.corrupt(metaName, 0, "it contains no format, cluster and replica");
}

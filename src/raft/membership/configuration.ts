import { MAX_VOTERS } from "../config.ts";
import { isReplicaId, type ReplicaId } from "../types.ts";

/** The members of the cluster (§6). The first entry of a log names them; see `LogEntry.type`. */
export interface Configuration {
  /** The uid of the cluster; undefined if its first leader was given none. In JSON it is hexadecimal. */
  readonly clusterUid: Uint8Array | undefined;
  /** 1 to `MAX_VOTERS`, in ascending order. */
  readonly voters: readonly ReplicaId[];
}

/** Increases when a release writes what an older one can't read. */
const FORMAT = 1;

/**
 * Encodes a configuration as JSON in UTF-8. Equal configurations have equal bytes.
 *
 * @param configuration its voters may have any order
 * @returns the data of an entry of type `configuration`
 * @example
 * ```ts
 * import { decodeConfiguration, encodeConfiguration } from "ruaft/core";
 * import { replicaId } from "ruaft";
 *
 * const voters = [replicaId("n2"), replicaId("n1")];
 * const data = encodeConfiguration({ clusterUid: undefined, voters });
 * console.log(decodeConfiguration(data).voters.join()); // n1,n2
 * ```
 */
export function encodeConfiguration({ clusterUid, voters }: Configuration): Uint8Array {
  const uid = clusterUid && toHex(clusterUid);
  return new TextEncoder().encode(
    JSON.stringify({ format: FORMAT, clusterUid: uid, voters: [...voters].sort() }),
  );
}

/**
 * Decodes a configuration.
 *
 * @param bytes the data of an entry of type `configuration`
 * @throws RangeError if the bytes are no configuration, or one of another format
 * @example
 * ```ts
 * import { decodeConfiguration } from "ruaft/core";
 *
 * const data = new TextEncoder().encode('{"format":1,"voters":["n1"]}');
 * console.log(decodeConfiguration(data).voters.length); // 1
 * ```
 */
export function decodeConfiguration(bytes: Uint8Array): Configuration {
  const found = parse(bytes);
  if (found.format !== FORMAT) {
    throw new RangeError(
      `the configuration has format ${JSON.stringify(found.format)}, and this version reads only format ${FORMAT}: ` +
        "use the version of the cluster",
    );
  }
  const { clusterUid, voters } = found;
  if (clusterUid !== undefined && !isHex(clusterUid)) {
    throw new RangeError(`the configuration's clusterUid is ${JSON.stringify(clusterUid)}, not hexadecimal`);
  }
  if (!Array.isArray(voters) || voters.length < 1 || voters.length > MAX_VOTERS || !voters.every(isVoter)) {
    throw new RangeError(
      `the configuration's voters are ${JSON.stringify(voters)}, not 1 to ${MAX_VOTERS} ids of replicas`,
    );
  }
  return { clusterUid: clusterUid === undefined ? undefined : fromHex(clusterUid), voters };
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number(`0x${hex.slice(2 * at, 2 * at + 2)}`));
}

function isHex(value: unknown): value is string {
  return typeof value === "string" && /^([0-9a-f]{2})+$/.test(value);
}

function isVoter(value: unknown): value is ReplicaId {
  return typeof value === "string" && isReplicaId(value);
}

function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const found: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof found === "object" && found !== null) return { ...found };
  } catch (cause) {
    throw new RangeError(`the configuration is not JSON (${bytes.length} bytes)`, { cause });
  }
  throw new RangeError(`the configuration is not an object (${bytes.length} bytes)`);
}

import { get } from "node:https";
import { text } from "node:stream/consumers";
import type { Logger } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";

/** Timeout for the other process's answer, in ms. */
const ANSWER_MS = 2000;

/** Makes Bun's `fetch` ignore proxies from the environment. */
const direct = { proxy: false } as const;

export interface TwinOptions {
  readonly id: ReplicaId;
  readonly clusterId: string;
  /** The URL under which others reach the replica of this id. */
  readonly url: string;
  /** The CAs that are trusted if the URL begins with https, in PEM. Default: the system's. */
  readonly ca?: string | undefined;
  readonly logger: Logger;
}

/**
 * Logs whether another process runs as this replica and has the data that this process lacks: if this one was started
 * by mistake, nothing is lost. Only for a process without data, because it may reach itself.
 */
export async function logTwin({ id, clusterId, url, ca, logger }: TwinOptions): Promise<void> {
  const other = await statusAt(url, ca);
  if (other?.id !== id || other.clusterId !== clusterId || !(other.lastLogIndex > 0)) return;
  logger.error(
    "another process runs as {id}: the one at {url} has data, this one has none. If this one was " +
      "started by mistake, nothing is lost: leave it stopped",
    { event: "replica.twin", id, url },
  );
}

interface Status {
  readonly id: unknown;
  readonly clusterId: unknown;
  readonly lastLogIndex: number;
}

/** Returns undefined if no replica answers there. */
async function statusAt(base: string, ca: string | undefined): Promise<Status | undefined> {
  const url = new URL("/status", base);
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    if (url.protocol === "https:") return JSON.parse(await secureText(url, { ca, signal })) as Status;
    const response = await fetch(url, { ...direct, signal });
    return (await response.json()) as Status;
  } catch {
    return undefined;
  }
}

interface SecureOptions {
  readonly ca: string | undefined;
  readonly signal: AbortSignal;
}

/** Uses `node:https`, because `fetch` takes no CA on Node. */
function secureText(url: URL, { ca, signal }: SecureOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, signal, ...(ca !== undefined && { ca }) }, (response) => {
      text(response).then(resolve, reject);
    });
    request.once("error", reject);
  });
}

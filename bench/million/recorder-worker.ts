import { Connection } from "../load/connection.ts";
import { VALUE_BYTES } from "../load/load.ts";
import { type Request, requestsOf } from "../load/requests.ts";
import { nowMs } from "../load/schedule.ts";
import type { Recording, Sample } from "./recorder.ts";

declare const self: Worker;

const PROBE_PAUSE_MS = 2;
let stopped = false;

self.onmessage = async ({ data }: MessageEvent<Recording | "stop">) => {
  if (data === "stop") stopped = true;
  else self.postMessage(await record(data));
};

async function record({ leader, replicas, putters, getters, keys }: Recording): Promise<object> {
  const { put, get } = requestsOf("durio", VALUE_BYTES);
  const probe = requestsOf("healthz", VALUE_BYTES).get;
  let asked = 0;
  const nextKey = () => `key-${asked++ % keys}`;
  const samples = { put: [] as Sample[], get: [] as Sample[], probe: [] as Sample[] };
  const many = (count: number, client: () => Promise<void>) => Array.from({ length: count }, client);
  await Promise.all([
    ...many(putters, () => run(leader, (host) => put(nextKey(), host), samples.put)),
    ...many(getters, () => run(leader, (host) => get(nextKey(), host), samples.get)),
    ...replicas.map((replica) => run(replica, (host) => probe("", host), samples.probe, PROBE_PAUSE_MS)),
  ]);
  return samples;
}

/** Sends one request after another on a connection. */
async function run(
  target: string,
  next: (host: string) => Request,
  samples: Sample[],
  pauseMs = 0,
): Promise<void> {
  const url = new URL(target);
  const connection = await Connection.open(url, (error) => {
    throw error;
  });
  while (!stopped) {
    const { bytes, check } = next(url.host);
    const atMs = nowMs();
    const wrong = await new Promise<string | undefined>((resolve) =>
      connection.exchange(bytes, (status, body) => resolve(check(status, body))),
    );
    if (wrong !== undefined) throw new Error(wrong);
    samples.push({ atMs, latencyMs: nowMs() - atMs });
    if (pauseMs > 0) await Bun.sleep(pauseMs);
  }
}

import type { FaultKind } from "../nemeses/index.ts";

/**
 * Maximum time in ms without an acknowledged write while a majority is up and connected. The longest election timeout
 * is 600 ms. A failover takes one and a vote, or two if votes split. The rest allows for cores shared by replicas,
 * disks, proxies and clients, and for replicas that read their data at the start.
 */
export const CALM_BOUND_MS = 2000;

const usual = 5000;

const bounds: Readonly<Partial<Record<FaultKind, number>>> = {
  "clock-jump": CALM_BOUND_MS,
  // Links of 60 ms each way and 500 kB/s, over which large values are sent.
  "slow-links": 8000,
  // A vote needs a sync and a write another: at most 800 ms each.
  "disk-slow-one": 8000,
  "disk-slow-leader": 10_000,
  "disk-slow-all": 15_000,
  // Until the hanging replica no longer leads.
  "disk-hangs": 12_000,
  "disk-full": 8000,
  // NATS is pinged every 300 ms, and reconnecting takes time.
  "nats-killed": 6000,
  "nats-paused": 6000,
};

export function boundOf(kind: FaultKind): number {
  return bounds[kind] ?? usual;
}

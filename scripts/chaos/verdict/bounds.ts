import type { FaultKind } from "../nemeses/index.ts";

/**
 * How long there may be no acknowledged write while a majority is up and connected, in ms. The longest election timeout
 * is 600 ms: a failover takes one of these and a vote, two if votes split. What is more is for a machine whose cores
 * are shared by replicas, disks, proxies and clients, and for replicas that read their data as they start.
 */
export const CALM_BOUND_MS = 2000;

const usual = 5000;

const bounds: Readonly<Partial<Record<FaultKind, number>>> = {
  "clock-jump": CALM_BOUND_MS,
  // Links of 60 ms each way and 500 kB/s, over which large values are sent.
  "slow-links": 8000,
  // A vote needs a sync, a write another: 800 ms each at the worst.
  "disk-slow-one": 8000,
  "disk-slow-leader": 10_000,
  "disk-slow-all": 15_000,
  // Until the hanging replica no longer leads.
  "disk-hangs": 12_000,
  "disk-full": 8000,
  // NATS is asked every 300 ms whether it is there, and reconnects take their time.
  "nats-killed": 6000,
  "nats-paused": 6000,
};

export function boundOf(kind: FaultKind): number {
  return bounds[kind] ?? usual;
}

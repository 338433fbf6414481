import { describe } from "vitest";
import { type KvLab, kvLab } from "../lab/kv-lab.ts";
import { labTest } from "../lab/seeds.ts";
import { atMost } from "../lab/thresholds.ts";

const PUTS_EACH = 20;
const VALUE = "x".repeat(100);

/** The replicas' work per put of 100 bytes, by number of clients. It does not depend on the machine's speed. */
async function costsOfPuts(lab: KvLab, clients: number) {
  await lab.leader();
  // Each clerk has found the leader and opened its session.
  for (let client = 0; client < clients; client++) await lab.put(client, `${client}`, VALUE);
  const before = countsOf(lab);
  const work = async (client: number) => {
    for (let n = 0; n < PUTS_EACH; n++) await lab.put(client, `${client}`, VALUE);
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => work(client)));
  const after = countsOf(lab);
  const costs = { ...after };
  for (const count of counts) costs[count] = (after[count] - before[count]) / (clients * PUTS_EACH);
  return costs;
}

const counts = ["syncs", "appends", "bytes", "written", "steps"] as const;

function countsOf(lab: KvLab): Record<(typeof counts)[number], number> {
  return {
    syncs: lab.syncs,
    appends: lab.requests.get("appendEntries") ?? 0,
    bytes: lab.bytesSent,
    written: lab.bytesWritten,
    steps: lab.steps,
  };
}

describe("economy: the cost of a put for three replicas together", () => {
  const limits = [
    {
      clients: 1,
      what: "a sync at each, a message to each peer, 500 bytes",
      syncs: 3.2,
      appends: 2.3,
      bytes: 500,
      written: 765,
      steps: 10.8,
    },
    {
      clients: 64,
      what: "a tenth of the syncs, a twentieth of the messages",
      syncs: 0.31,
      appends: 0.09,
      bytes: 430,
      written: 1320,
      steps: 1.7,
    },
  ];
  for (const { clients, what, ...limit } of limits) {
    labTest(`with ${clients} at a time: ${what}`, (seed) =>
      kvLab({ seed, replicas: 3, clients }, async (lab) => {
        const costs = await costsOfPuts(lab, clients);
        atMost(`syncs for a put, ${clients} at a time`, costs.syncs, limit.syncs);
        atMost(`AppendEntries for a put, ${clients} at a time`, costs.appends, limit.appends);
        atMost(`bytes for a put, ${clients} at a time`, costs.bytes, limit.bytes);
        atMost(`bytes on disk for a put, ${clients} at a time`, costs.written, limit.written);
        atMost(`steps of the cores for a put, ${clients} at a time`, costs.steps, limit.steps);
      }),
    );
  }
});

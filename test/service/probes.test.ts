import { Hono } from "hono";
import { expect, test } from "vitest";
import type { Clerk } from "../../src/kvraft/index.ts";
import type { DiskHealth, ReplicaState } from "../../src/ports/index.ts";
import { replicaId } from "../../src/raft/index.ts";
import { live, ready } from "../../src/service/probes.ts";
import { Readiness } from "../../src/service/readiness.ts";
import { settled } from "../transports/manual-clock.ts";

const n2 = replicaId("n2");
const failure = { address: "http://pi3:9006", reason: "ECONNREFUSED", agoMs: 1, answeredSince: false };

interface Given {
  readonly disk?: Partial<DiskHealth>;
  readonly leader?: ReplicaState["leader"];
  readonly isDraining?: boolean;
}

/** The probes of a replica that has applied index 7 of 7. */
async function probes({ disk = {}, leader, isDraining = false }: Given): Promise<Hono> {
  const healthy = { writeInFlightMs: undefined, lastWriteMs: 2.13, hangs: false, shortage: undefined };
  const health = { disk: { ...healthy, ...disk }, callFailures: new Map([[replicaId("n3"), failure]]) };
  const state = { role: "follower", leader, lastApplied: 7, health } as unknown as ReplicaState;
  const clerk = { commitSentinel: async () => ({ type: "written", revision: 7 }) } as unknown as Clerk;
  const app = new Hono();
  const readiness = new Readiness(clerk, () => state);
  await settled();
  app.get(
    "/livez",
    live(() => state),
  );
  return app.get(
    "/readyz",
    ready(readiness, () => isDraining),
  );
}

test("/readyz?verbose lists each check of a ready replica", async () => {
  const answer = await (await probes({ leader: n2 })).request("/readyz?verbose");
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe(
    [
      "[+] disk     the last write took 2.1 ms",
      "[+] leader   n2 leads",
      "[+] applied  applied up to index 7 of 7",
      "[+] stop     not asked to stop",
      "ready",
      "",
    ].join("\n"),
  );
});

test("/readyz?verbose shows which check is not met, and which peers do not reply", async () => {
  const answer = await (await probes({})).request("/readyz?verbose");
  expect(answer.status).toBe(503);
  const lines = (await answer.text()).split("\n");
  expect(lines[1]).toBe(
    "[-] leader   no leader is known: a majority of the replicas must be up and connected; " +
      "n3 (http://pi3:9006) does not answer: ECONNREFUSED",
  );
  expect(lines.at(-2)).toBe("not ready");
});

test("/readyz?exclude leaves a check out", async () => {
  const app = await probes({});
  expect((await app.request("/readyz")).status).toBe(503);
  expect(await (await app.request("/readyz?exclude=leader")).text()).toBe("OK");
});

test("a replica that is about to stop is not ready, even with checks excluded", async () => {
  const app = await probes({ leader: n2, isDraining: true });
  expect((await app.request("/readyz?exclude=stop")).status).toBe(503);
  expect(await (await app.request("/readyz?verbose")).text()).toContain("[-] stop     about to stop");
});

test.each([
  [59_000, 200],
  [60_000, 503],
])("/livez of a replica with a write in flight for %i ms is %i", async (writeInFlightMs, status) => {
  expect((await (await probes({ disk: { writeInFlightMs } })).request("/livez")).status).toBe(status);
});

import { describe, expect, test } from "vitest";
import type { CallFailure, ReplicaState } from "../../src/ports/index.ts";
import { type BootstrapView, replicaId } from "../../src/raft/index.ts";
import { waitingFor, whyNoLeader } from "../../src/service/waiting-for.ts";
import { startCluster } from "./cluster.ts";

const [n2, n3] = [replicaId("n2"), replicaId("n3")];
const refused: CallFailure = {
  address: "http://pi3:9006",
  reason: "ECONNREFUSED",
  agoMs: 3,
  answeredSince: false,
};

/** The part of a replica that matters here. */
function stateOf(
  given: Pick<ReplicaState, "bootstrap" | "leader">,
  failures: readonly (readonly [typeof n2, CallFailure])[] = [[n3, refused]],
): ReplicaState {
  const disk = { writeInFlightMs: undefined, lastWriteMs: undefined, hangs: false, shortage: undefined };
  return { ...given, health: { disk, callFailures: new Map(failures) } } as unknown as ReplicaState;
}

function bootstrap(known: Partial<BootstrapView>): { bootstrap: BootstrapView; leader: undefined } {
  const nobody = { missing: [], blank: [], established: [], countedBlank: [] };
  return { bootstrap: { ...nobody, ...known }, leader: undefined };
}

describe("a replica without data", () => {
  test("says which peers reply, which do not, and why", () => {
    const state = stateOf(bootstrap({ blank: [n2], missing: [n3] }));
    expect(waitingFor(state)).toBe(
      "waiting for the first contact with all replicas: n2 answers; n3 (http://pi3:9006) does not: ECONNREFUSED",
    );
    expect(whyNoLeader(state)).toBe(
      "this cluster has never been complete: n3 (http://pi3:9006) has not been seen",
    );
  });

  test("whose peers have data knows that the cluster was complete", () => {
    const state = stateOf(bootstrap({ established: [n2], missing: [n3] }));
    expect(whyNoLeader(state)).toBe(
      "this replica has no data yet: waiting for the first contact with all replicas: " +
        "n2 answers; n3 (http://pi3:9006) does not: ECONNREFUSED",
    );
  });

  test("waits for the data of a peer that another one counted on", () => {
    const lost = { blank: [n3], established: [n2], countedBlank: [{ id: n2, lost: n3 }] };
    expect(waitingFor(stateOf(bootstrap(lost), []))).toBe(
      "waiting for the data of n3: n2 has counted its vote or acknowledgement, but its storage is empty now",
    );
  });

  test("has called a peer that has not replied yet", () => {
    const failures = [[n3, { ...refused, answeredSince: true }]] as const;
    expect(waitingFor(stateOf(bootstrap({ missing: [n2, n3] }), failures))).toBe(
      "waiting for the first contact with all replicas: n2 has not answered yet; n3 has not answered yet",
    );
  });
});

describe("a replica with data", () => {
  test("names those that don't answer while no leader is known", () => {
    const state = stateOf({ bootstrap: undefined, leader: undefined });
    expect(waitingFor(state)).toBe("n3 (http://pi3:9006) does not answer: ECONNREFUSED");
    expect(whyNoLeader(state)).toBe(
      "no leader is known: a majority of the replicas must be up and connected; " +
        "n3 (http://pi3:9006) does not answer: ECONNREFUSED",
    );
  });

  test("waits for no peer while it knows a leader", () => {
    expect(waitingFor(stateOf({ bootstrap: undefined, leader: n2 }))).toBeUndefined();
  });
});

test("at a first start of one of three, /status, /readyz?verbose and a request say which others it waits for", async () => {
  const [one] = await startCluster({ voters: ["n1", "n2", "n3"], started: ["n1"], requestTimeoutMs: 300 });
  if (one === undefined) throw new Error("no replica was started");
  const waiting = /^waiting for the first contact with all replicas: n2 .+; n3 /;
  const answered = await one.app.request("/kvstore/get/k");
  expect(answered.status).toBe(503);
  expect((await answered.json()).detail).toBe(
    "this cluster has never been complete: n2 and n3 have not been seen",
  );
  const status = await (await one.app.request("/status")).json();
  expect(status.waitingFor).toMatch(waiting);
  const probe = await one.app.request("/readyz?verbose");
  expect(probe.status, "otherwise a rollout one by one would wait forever").toBe(200);
  expect(await probe.text()).toMatch(
    /^\[\+\] leader {3}waiting for the first contact with all replicas: n2 /m,
  );
});

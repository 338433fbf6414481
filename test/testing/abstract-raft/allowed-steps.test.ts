import { expect, test } from "vitest";
import { DisallowedStep } from "../../../src/testing/abstract-raft/index.ts";
import { CoreCluster, n1, n2, n3 } from "./core-cluster.ts";

test("a late vote may elect a leader of an old term, without the entries that a later term committed", () => {
  // Found by the exhaustive exploration: only the leaders of later terms must hold what a term committed (§5.4.3).
  const cluster = new CoreCluster();
  cluster.timer(n1);
  for (const kind of ["pre-vote", "vote"]) {
    cluster.take(n1);
    if (kind === "vote") cluster.write(n1);
    cluster.take(n1);
    cluster.deliver(cluster.last(n1, n2));
    cluster.settle(n2);
    if (kind === "pre-vote") cluster.deliver(cluster.last(n2, n1, "reply"));
  }
  const lateVote = cluster.last(n2, n1, "reply");
  cluster.elect(n2, n3);
  expect(cluster.view(n2)).toMatchObject({ role: "leader", currentTerm: 2, commitIndex: 1 });

  cluster.deliver(lateVote);
  cluster.settle(n1);
  expect(cluster.view(n1)).toMatchObject({ role: "leader", currentTerm: 1, commitIndex: 0 });
});

test("a violation names the replica, its input and the rule", () => {
  const cluster = new CoreCluster();
  cluster.elect(n1, n2, n3);
  const forged = () => cluster.step(n3, { type: "timer" }, (view) => ({ ...view, currentTerm: 7 }));
  expect(forged).toThrow(DisallowedStep);
  expect(forged).toThrow(/^§5\.1: .* \(replica n3, on \{"type":"timer"\}\)$/);
});

test("a replica that was not started can't act", () => {
  const cluster = new CoreCluster();
  const view = cluster.view(n1);
  cluster.monitor.crashed(n1);
  expect(() => cluster.monitor.stepped(n1, { type: "timer" }, view, 0)).toThrow(
    new RangeError("id: n1 is not running"),
  );
});

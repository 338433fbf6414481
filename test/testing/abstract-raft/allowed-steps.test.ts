import { expect, test } from "vitest";
import { DisallowedStep } from "../../../src/testing/abstract-raft/index.ts";
import { n1, n2, n3, Stage } from "./stage.ts";

test("a late vote may make a leader of a term that is over, without what a later term committed", () => {
  // Found by the exhaustive exploration: only the leaders of later terms must hold what a term committed (§5.4.3).
  const stage = new Stage();
  stage.timer(n1);
  for (const asked of ["pre-vote", "vote"]) {
    stage.take(n1);
    if (asked === "vote") stage.write(n1);
    stage.take(n1);
    stage.deliver(stage.last(n1, n2));
    stage.settle(n2);
    if (asked === "pre-vote") stage.deliver(stage.last(n2, n1, "reply"));
  }
  const lateVote = stage.last(n2, n1, "reply");
  stage.elect(n2, n3);
  expect(stage.view(n2)).toMatchObject({ role: "leader", currentTerm: 2, commitIndex: 1 });

  stage.deliver(lateVote);
  stage.settle(n1);
  expect(stage.view(n1)).toMatchObject({ role: "leader", currentTerm: 1, commitIndex: 0 });
});

test("a violation tells which replica did what, against which rule", () => {
  const stage = new Stage();
  stage.elect(n1, n2, n3);
  const forged = () => stage.step(n3, { type: "timer" }, (view) => ({ ...view, currentTerm: 7 }));
  expect(forged).toThrow(DisallowedStep);
  expect(forged).toThrow(/^§5\.1: .* \(replica n3, on \{"type":"timer"\}\)$/);
});

test("a replica that was not started can't act", () => {
  const stage = new Stage();
  const view = stage.view(n1);
  stage.monitor.crashed(n1);
  expect(() => stage.monitor.stepped(n1, { type: "timer" }, view, 0)).toThrow(
    new RangeError("id: n1 is not running"),
  );
});

import { expect, test } from "vitest";
import { LeaderFinder } from "../../src/kvraft/leader-finder.ts";
import { replicaId } from "../../src/raft/index.ts";

const replicas = ["n1", "n2", "n3"].map(replicaId);
const [n1, n2, n3] = replicas as [(typeof replicas)[0], (typeof replicas)[0], (typeof replicas)[0]];

test("a replica that replied that it does not lead is not tried again at once, even if it is still known as the leader", () => {
  const finder = new LeaderFinder(replicas, () => n1);
  expect(finder.next()).toBe(n1);
  expect(finder.redirected(n1, n2)).toBe(true);
  expect(finder.next()).toBe(n2);
});

test("two replicas that name each other as leader are not tried in turns without a pause", () => {
  const finder = new LeaderFinder(replicas, () => undefined);
  let redirects = 0;
  for (let [at, other] = [n1, n2]; redirects < 10 && finder.redirected(at, other); redirects++)
    [at, other] = [other, at];
  expect(redirects).toBeLessThan(3);
});

test("the known leader counts again once the leader or the term has changed", () => {
  let known = n1;
  const finder = new LeaderFinder(replicas, () => known);
  finder.redirected(n1, n3);
  known = n2;
  expect(finder.next()).toBe(n2);
  known = n1;
  finder.changed();
  expect(finder.next()).toBe(n1);
});

import { expect, test } from "vitest";
import { BrokenRule } from "../../src/kv/index.ts";
import { reportBugs } from "../../src/kvraft/report-bugs.ts";
import { InvariantViolation, replicaId } from "../../src/raft/index.ts";
import { MalformedMessage } from "../../src/rpc/index.ts";
import { LoopbackNetwork } from "../../transports/loopback/index.ts";

const [n1, n2] = [replicaId("n1"), replicaId("n2")];

test.each([
  ["an assertion of the protocol", new InvariantViolation("§5.1 a rule"), true],
  ["an assertion of the store", new BrokenRule("a rule"), true],
  ["bytes that are no message", new MalformedMessage("no request"), false],
])("%s that fails in a handler is reported if it is a bug, and fails the call", async (_, error, isBug) => {
  const network = new LoopbackNetwork({ clusterId: "c" });
  await using own = network.transport(n1);
  await using peer = network.transport(n2);
  const bugs: Error[] = [];
  await reportBugs(own, (bug) => bugs.push(bug)).serve("kv", () => Promise.reject(error));
  const call = reportBugs(peer, () => {}).call(n1, "kv", new Uint8Array(), new AbortController().signal);
  await expect(call).rejects.toMatchObject({ name: "TransportError", reason: "refused" });
  expect(bugs).toEqual(isBug ? [error] : []);
});

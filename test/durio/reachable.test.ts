import { expect, test } from "vitest";
import { startFailure } from "../../src/durio/failure.ts";
import { unreachableBecause } from "../../src/durio/reachable.ts";
import { replicaId } from "../../src/raft/index.ts";

const peers = new Map(["n1", "n2"].map((id) => [replicaId(id), `http://${id}:9006`]));

test("an address, and an intended loopback name, are accepted", async () => {
  for (const name of ["0.0.0.0", "10.0.0.1", "::1", "localhost", "127.0.0.1"]) {
    expect(await unreachableBecause({ hostname: name, port: 9006 }, peers)).toBeUndefined();
  }
});

test("a name that is a loopback address here is refused, with what to do", async () => {
  const debian = async () => ({ address: "127.0.1.1" });
  const reason = await unreachableBecause({ hostname: "pi1", port: 9006 }, peers, debian);
  expect(reason).toContain("pi1 is 127.0.1.1 on this machine");
  expect(reason).toContain("--listen 0.0.0.0:9006");
});

test("a name that others reach is taken as it is", async () => {
  const dhcp = async () => ({ address: "192.0.2.7" });
  expect(await unreachableBecause({ hostname: "pi1", port: 9006 }, peers, dhcp)).toBeUndefined();
});

test("a cluster of one may bind its machine's name, even if that is a loopback address", async () => {
  const alone = new Map([[replicaId("n1"), "http://n1:9006"]]);
  const debian = async () => ({ address: "127.0.1.1" });
  expect(await unreachableBecause({ hostname: "pi1", port: 9006 }, alone, debian)).toBeUndefined();
});

test("the replica's own unknown name is reported in one line, in a cluster of one too", async () => {
  const alone = new Map([[replicaId("n1"), "http://n1:9006"]]);
  const listen = { hostname: "pi1", port: 9006 };
  const unknown = () => Promise.reject(Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" }));
  const error = await unreachableBecause(listen, alone, unknown).catch((thrown) => thrown);
  expect(startFailure(error, listen)).toBe(
    "pi1 can't be resolved: correct the name, or choose an address with --listen",
  );
});

import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import type { RpcServices } from "../../src/ports/index.ts";
import { replicaId } from "../../src/raft/index.ts";
import { decodeAnswer, encodeCall, type RpcCall, rpcLimits, rpcRoutes } from "../../src/rpc/index.ts";

const self = replicaId("n2");
const kvGet = { type: "kvGet", key: Uint8Array.of(1) } as const;
const call: RpcCall = { clusterId: "c", from: replicaId("n1"), to: self, callId: 7, request: kvGet };

const services: Pick<RpcServices, "kv"> = { kv: async () => ({ type: "written", revision: 3 }) };
const cbor = { "content-type": "application/cbor" };

async function post(
  path: string,
  body: Uint8Array<ArrayBuffer> | ReadableStream,
  served: Partial<RpcServices> = services,
): Promise<Response> {
  const app = new Hono().route(
    "/raft",
    rpcRoutes({ addressee: { clusterId: "c", self }, services: () => served }),
  );
  return app.request(`/raft/${path}`, { method: "POST", body, headers: cbor, duplex: "half" } as RequestInit);
}

describe("the routes of the RPCs", () => {
  test("answer a call in CBOR, wherever an application mounts them", async () => {
    const response = await post("kvGet", encodeCall(call));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/cbor");
    const answer = decodeAnswer(new Uint8Array(await response.arrayBuffer()));
    expect(answer).toStrictEqual({ type: "reply", callId: 7, reply: { type: "written", revision: 3 } });
  });

  test.each([
    ["bytes that are no call", 400, "malformed", "kvGet", {}, services],
    ["a call of another type than the route's", 400, "malformed", "kvPut", {}, services],
    ["a call of another cluster", 403, "foreign", "kvGet", { clusterId: "d" }, services],
    ["a call to another replica", 403, "foreign", "kvGet", { to: replicaId("n3") }, services],
    ["a call whose handler throws", 500, "failed", "kvGet", {}, { kv: () => Promise.reject(new Error()) }],
    ["a call to a service that is not there", 503, "unserved", "kvGet", {}, {}],
  ])("refuse %s with %i", async (name, status, reason, path, change, served) => {
    const bytes = name === "bytes that are no call" ? Uint8Array.of(1) : encodeCall({ ...call, ...change });
    const response = await post(path, bytes, served);
    expect(response.status).toBe(status);
    const answer = decodeAnswer(new Uint8Array(await response.arrayBuffer()));
    expect(answer).toMatchObject({ type: "refusal", reason });
  });

  test("know no other path, not even the names that all objects have", async () => {
    for (const path of ["", "nothing", "constructor", "__proto__", "kvGet/more"]) {
      expect((await post(path, encodeCall(call))).status, path).toBe(404);
    }
  });

  test("know no other method", async () => {
    const app = rpcRoutes({ addressee: { clusterId: "c", self }, services: () => services });
    const response = await app.request("/kvGet");
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
  });

  test("take nothing but CBOR", async () => {
    const app = rpcRoutes({ addressee: { clusterId: "c", self }, services: () => services });
    const response = await app.request("/kvGet", { method: "POST", body: encodeCall(call) });
    expect(response.status).toBe(415);
  });

  test("read no body that is too large, whether its length is told or not", async () => {
    const large = new Uint8Array(rpcLimits.messageBytes + 1);
    expect((await post("kvGet", large)).status).toBe(413);
    expect((await post("kvGet", new Blob([large]).stream())).status).toBe(413);
  });

  test("give up on a body that breaks off", async () => {
    const broken = new ReadableStream({
      pull: (controller) => controller.error(new Error("connection reset")),
    });
    expect((await post("kvGet", broken)).status).toBe(400);
  });
});

import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import type { ServiceHandler } from "../../src/ports/index.ts";
import { replicaId } from "../../src/raft/index.ts";
import {
  type CallHeader,
  decodeReply,
  Endpoint,
  encodeCall,
  encodeHeader,
  rpcLimits,
  rpcRoutes,
} from "../../src/rpc/index.ts";

const none = new Uint8Array();
const payload = Uint8Array.of(1, 2, 3);
const type = { "content-type": "application/vnd.ruaft" };

function call(change: Partial<CallHeader> = {}): Uint8Array<ArrayBuffer> {
  const addresses = { clusterId: "c", group: 0, from: replicaId("n1"), to: replicaId("n2"), service: "echo" };
  const header = encodeHeader({ ...addresses, introduction: none, ...change });
  return encodeCall({ header, callId: 7, payload });
}

async function app(handler: ServiceHandler | undefined = async (_, asked) => asked): Promise<Hono> {
  const endpoint = new Endpoint({ clusterId: "c", self: replicaId("n2") });
  await endpoint.serve("echo", handler);
  return rpcRoutes({ endpoint });
}

async function post(
  path: string,
  body: Uint8Array<ArrayBuffer> | ReadableStream,
  handler?: ServiceHandler,
): Promise<Response> {
  const mounted = new Hono().route("/rpc", await app(handler));
  return mounted.request(`/rpc/${path}`, {
    method: "POST",
    body,
    headers: type,
    duplex: "half",
  } as RequestInit);
}

describe("the routes of the RPCs", () => {
  test("answer a call in bytes, wherever an application mounts them", async () => {
    const response = await post("echo", call());
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/vnd.ruaft");
    const answer = decodeReply(new Uint8Array(await response.arrayBuffer()));
    expect(answer).toStrictEqual({ status: "ok", callId: 7, introduction: none, content: payload });
  });

  test.each([
    ["bytes that are no call", [400, "malformed"], "echo", Uint8Array.of(1)],
    ["a call of another service than the route's", [400, "malformed"], "kv", call()],
    ["a call of another cluster", [403, "misdirected"], "echo", call({ clusterId: "d" })],
    ["a call of another group", [403, "misdirected"], "echo", call({ group: 1 })],
    ["a call to another replica", [403, "misdirected"], "echo", call({ to: replicaId("n3") })],
    ["a call to a service that is not there", [503, "noSuchService"], "kv", call({ service: "kv" })],
  ] as const)("refuse %s with %j", async (_, [status, reason], path, bytes) => {
    const response = await post(path, bytes);
    expect(response.status).toBe(status);
    const answer = decodeReply(new Uint8Array(await response.arrayBuffer()));
    expect(answer).toMatchObject({ status: reason });
  });

  test("refuse a call whose handler throws with 500", async () => {
    const response = await post("echo", call(), () => Promise.reject(new Error()));
    expect(response.status).toBe(500);
    expect(decodeReply(new Uint8Array(await response.arrayBuffer())).status).toBe("failed");
  });

  test("know no other path than the names of services", async () => {
    for (const path of ["", "Echo", "__proto__", "a.b", "echo/more", `${"a".repeat(33)}`]) {
      expect((await post(path, call())).status, path).toBe(404);
    }
  });

  test("know no other method", async () => {
    const response = await (await app()).request("/echo");
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
  });

  test("accept only their own content type", async () => {
    const response = await (await app()).request("/echo", { method: "POST", body: call() });
    expect(response.status).toBe(415);
  });

  test("read no body that is too large, with or without a content-length", async () => {
    const large = new Uint8Array(rpcLimits.messageBytes + 1);
    expect((await post("echo", large)).status).toBe(413);
    expect((await post("echo", new Blob([large]).stream())).status).toBe(413);
  });

  test("give up on a body that breaks off", async () => {
    const broken = new ReadableStream({
      pull: (controller) => controller.error(new Error("connection reset")),
    });
    expect((await post("echo", broken)).status).toBe(400);
  });
});

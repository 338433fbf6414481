import { SkeletonFile } from "./skeleton-file.ts";
import { SkeletonLeader } from "./skeleton-leader.ts";
import { frames, SkeletonLink } from "./skeleton-link.ts";

// A replica of the skeleton, without elections, terms and sessions. Arguments: PORT FILE, for the leader also FOLLOWERS.
const [port, path = "", ...followers] = process.argv.slice(2);

const file = new SkeletonFile(path);
const where = { hostname: "127.0.0.1", port: Number(port) };
const answer = Buffer.alloc(0);

if (followers.length > 0) {
  const links = await Promise.all(followers.map((url) => SkeletonLink.open(url)));
  const leader = new SkeletonLeader(file, links);
  let counter = 0;
  const get = async (key: string) => new Response(`${key}!${counter++}!${(await leader.get(key)) ?? ""}`);
  Bun.serve({
    ...where,
    async fetch(request) {
      const path = request.url.slice(request.url.indexOf("/", 8));
      if (request.method === "POST" && path === "/kvstore/put") return put(leader, await request.json());
      if (path.startsWith("/kvstore/get/")) return get(path.slice("/kvstore/get/".length));
      return Response.json({});
    },
  });
} else {
  Bun.serve({
    ...where,
    fetch: (request, server) => (server.upgrade(request) ? undefined : Response.json({})),
    websocket: {
      message(socket, frame) {
        const bytes = frame as Buffer;
        if (bytes[0] === frames.append) file.append(bytes.subarray(1));
        socket.send(answer);
      },
    },
  });
}

async function put(leader: SkeletonLeader, body: unknown): Promise<Response> {
  if (!isPut(body)) return new Response("key and value: strings", { status: 400 });
  await leader.put(body.key, body.value);
  return new Response("OK");
}

function isPut(body: unknown): body is { readonly key: string; readonly value: string } {
  if (typeof body !== "object" || body === null) return false;
  const { key, value } = body as { readonly key?: unknown; readonly value?: unknown };
  return typeof key === "string" && typeof value === "string" && key.isWellFormed() && value.isWellFormed();
}

import { Hono } from "hono";
import { SkeletonFile } from "./skeleton-file.ts";
import { SkeletonLeader } from "./skeleton-leader.ts";

// A replica of the skeleton, without elections, terms, sessions and checks. Arguments: PORT FILE, for the leader also
// FOLLOWERS.
const [port, path = "", ...followers] = process.argv.slice(2);

const file = new SkeletonFile(path);
const app = new Hono();
app.get("/healthz", (c) => c.json({}));
if (followers.length > 0) {
  const leader = new SkeletonLeader(file, followers);
  let counter = 0;
  app.post("/kvstore/put", async (c) => {
    const { key, value } = await c.req.json<{ key: string; value: string }>();
    await leader.put(key, value);
    return c.text("OK");
  });
  app.get("/kvstore/get/:key", async (c) => {
    const key = c.req.param("key");
    return c.text(`${key}!${counter++}!${(await leader.get(key)) ?? ""}`);
  });
} else {
  app.post("/append", async (c) => {
    await file.append(new Uint8Array(await c.req.arrayBuffer()));
    return c.body(null);
  });
  app.post("/confirm", (c) => c.body(null));
}
Bun.serve({ hostname: "127.0.0.1", port: Number(port), fetch: app.fetch });

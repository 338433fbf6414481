import { Hono } from "hono";
import { expect, test } from "vitest";
import { WaitingRequests } from "../../src/service/waiting-requests.ts";

/** A service whose requests wait until they are released. */
function setUp(knowsLeader: boolean): { app: Hono; release: () => void } {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const waiting = new WaitingRequests(() => knowsLeader, { most: 5, mostWithoutLeader: 2 });
  const app = new Hono();
  app.get("/", async (c) => {
    using place = waiting.take();
    if (place === undefined) return waiting.refusal();
    await released;
    return c.text("OK");
  });
  return { app, release };
}

test.each([
  [true, 5],
  [false, 2],
])(
  "with a leader known (%s) %i requests wait; the next one is refused at once",
  async (knowsLeader, most) => {
    const { app, release } = setUp(knowsLeader);
    const waiting = Array.from({ length: most }, () => app.request("/"));
    const refused = await app.request("/");
    expect([refused.status, (await refused.json()).type]).toEqual([503, "urn:durio:overloaded"]);
    expect(refused.headers.get("retry-after")).toBe("1");
    release();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(Array(most).fill(200));
    expect((await app.request("/")).status).toBe(200);
  },
);

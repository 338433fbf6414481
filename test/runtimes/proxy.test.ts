import { afterEach, beforeEach, expect, test } from "vitest";
import { runtimes } from "../../scripts/runtimes/matrix.ts";
import { freePorts, leaderOf, Plan, read, Workshop, write } from "../durio/processes.ts";

let workshop: Workshop;
beforeEach(async () => {
  workshop = await Workshop.open();
});
afterEach(() => workshop[Symbol.asyncDispose]());

/** No server listens there. */
const nowhere = "http://127.0.0.1:1";
const names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].flatMap((name) => [name, name.toLowerCase()]);
const environment = Object.fromEntries(names.map((name) => [name, nowhere]));

test.each(runtimes)(
  "on %s peers are called directly, even if the environment names a proxy",
  async (runtime) => {
    const plan = new Plan(await freePorts(3));
    await Promise.all(
      plan.urls.map((url, turn) =>
        workshop.serveWith({ runtime, environment }, url, ...plan.flags(turn), "--persister", "memory"),
      ),
    );
    await leaderOf(plan.urls);
    expect((await write(plan.url(0), "put", "k", "v")).status).toBe(200);
    expect(await read(plan.url(1), "k")).toBe("v");
  },
);

import { expect, test } from "vitest";
import { NatsServer } from "../../bench/systems/nats-server.ts";
import { freePorts, Plan, Workshop } from "../durio/processes.ts";

// Not named as a test: guard.test.ts runs it, and kills it when all its processes have started.
test("starts what the tests start, and keeps running", { timeout: 0 }, async () => {
  const [port = 0] = await freePorts(1);
  const plan = new Plan([port]);
  await using workshop = await Workshop.open();
  await workshop.serve(plan.url(0), ...plan.flags(0), "--persister", "memory");
  const [natsPort = 0] = await freePorts(1);
  await using nats = new NatsServer(natsPort);
  await nats.start();
  console.log(`started, in run ${process.env.RUAFT_TEST_RUN}`);
  await new Promise(() => {});
  expect.unreachable();
});

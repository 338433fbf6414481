import process from "node:process";
import { expect, test } from "vitest";
import { StoreCluster } from "./store-cluster.ts";

/** 12,000 were found from outside, with the usual 10,000 sessions; `npm run nightly` has 3,600. */
const clerkCount = Number(process.env.CLERKS ?? 240);
/** The same share as 10,000 of 12,000. */
const maxSessions = Math.floor((clerkCount / 12) * 10);

test(`of ${clerkCount} clerks that write at once each learns what became of its writes, with ${maxSessions} sessions (O17)`, async () => {
  await using cluster = await StoreCluster.start({ limits: { maxSessions } });
  const clerks = Array.from({ length: clerkCount }, () => cluster.clerk());
  const refused = { type: "unavailable", outcome: "none", reason: "tooManySessions" };
  let written = 0;
  for (let round = 0; round < 3; round++) {
    const results = await cluster.within(Promise.all(clerks.map((clerk) => clerk.append("k", "x"))));
    const others = results.filter(({ type }) => type !== "written");
    expect(others).toEqual(others.map(() => refused));
    written += results.length - others.length;
  }
  expect(written).toBeGreaterThanOrEqual(maxSessions);
  const [first] = clerks;
  if (first === undefined) throw new RangeError("CLERKS: at least one");
  expect((await cluster.text(first, "k"))?.length).toBe(written);
});

import { describe, expect, test } from "vitest";
import { sizeOfAll } from "../../../src/raft/log/entry-size.ts";
import { SMALL_MESSAGE_BYTES } from "../../../src/raft/tracker/pace.ts";
import { n2 } from "../inputs.ts";
import { entriesOf, OneCore, type Sent, withEntries } from "../one-core.ts";

/** Time from a message to its reply, in ms. */
const ROUND_TRIP_MS = 20;

/** A leader of term 2 with a peer n2 whose first reply took this long. */
function leaderOf(roundTripMs: number, maxInflightAppends = 8): OneCore {
  const core = new OneCore({ tuning: { maxInflightAppends } });
  core.becomeLeader();
  const [probe] = withEntries(core.takeSent(n2));
  if (probe === undefined) throw new Error("no probe");
  core.elapse(roundTripMs);
  core.accept(probe);
  core.takeSent();
  return core;
}

/** Proposes commands, each in its own turn. Returns the number of entries in each message that left for n2. */
function propose(core: OneCore, commands: number): number[] {
  for (let n = 0; n < commands; n++) core.propose("x");
  return sizes(withEntries(core.takeSent(n2)));
}

const sizes = (sent: readonly Sent[]) => sent.map((message) => entriesOf(message).length);

describe("thesis §10.2.2 pipelining to a distant peer", () => {
  test("entries join those in flight once they are as many", () => {
    const core = leaderOf(ROUND_TRIP_MS);
    expect(propose(core, 1)).toEqual([1]);
    expect(propose(core, 1)).toEqual([1]);
    expect(propose(core, 1)).toEqual([]);
    expect(propose(core, 1)).toEqual([2]);
    expect(propose(core, 12)).toEqual([4, 8]);
  });

  test("a few join them a quarter of a round trip after the last message, at the core's own deadline", () => {
    const core = leaderOf(ROUND_TRIP_MS);
    const heartbeatMs = core.replica.core.deadline();
    expect(propose(core, 5)).toEqual([1, 1, 2]);
    expect(core.replica.core.deadline()).toBe(core.now + ROUND_TRIP_MS / 4);
    core.elapse(ROUND_TRIP_MS / 4 - 1);
    expect(core.takeSent(n2)).toEqual([]);
    core.elapse(1);
    expect(sizes(withEntries(core.takeSent(n2)))).toEqual([1]);
    expect(core.replica.core.deadline(), "nothing waits").toBe(heartbeatMs);
  });

  test("no more than maxInflightAppends are in flight, and then no deadline waits for them", () => {
    const core = leaderOf(ROUND_TRIP_MS, 2);
    const heartbeatMs = core.replica.core.deadline();
    expect(propose(core, 20)).toEqual([1, 1]);
    expect(core.replica.core.deadline()).toBe(heartbeatMs);
  });

  test("large messages are sent one at a time: the next one waits for the bytes in flight", () => {
    const core = leaderOf(ROUND_TRIP_MS);
    for (let n = 0; n < 100; n++) core.propose(new Uint8Array(1000));
    const bytes = sizeOfAll(withEntries(core.takeSent(n2)).flatMap(entriesOf));
    expect(bytes).toBeGreaterThan(SMALL_MESSAGE_BYTES);
    expect(bytes).toBeLessThan(2 * SMALL_MESSAGE_BYTES);
    core.elapse(ROUND_TRIP_MS / 4);
    expect(withEntries(core.takeSent(n2))).toEqual([]);
  });
});

test("a near peer gets the next entries with its reply: another message costs more than the wait", () => {
  const core = leaderOf(2);
  const heartbeatMs = core.replica.core.deadline();
  core.propose("first");
  const [first] = withEntries(core.takeSent(n2));
  if (first === undefined) throw new Error("no message");
  expect(propose(core, 20)).toEqual([]);
  expect(core.replica.core.deadline()).toBe(heartbeatMs);
  core.accept(first);
  expect(sizes(withEntries(core.takeSent(n2)))).toEqual([20]);
});

import { expect, test } from "vitest";
import { logWaiting } from "../../src/durio/log-waiting.ts";
import type { ReplicaState } from "../../src/ports/index.ts";
import { replicaId } from "../../src/raft/index.ts";
import { type LogLine, recordingLogger } from "../replica/recording-logger.ts";
import { ManualClock } from "../transports/manual-clock.ts";

const n2 = replicaId("n2");
const failure = {
  address: "http://pi2:9006",
  reason: "ECONNREFUSED",
  agoMs: 1,
  answeredSince: false,
};
const health = {
  disk: { writeInFlightMs: undefined, lastWriteMs: undefined, hangs: false, shortage: undefined },
  callFailures: new Map([[n2, failure]]),
};
const bootstrap = { missing: [n2], blank: [], established: [], countedBlank: [] };
const bootstrapping = {
  role: "bootstrapping",
  bootstrap,
  leader: undefined,
  health,
} as unknown as ReplicaState;
const candidate = { ...bootstrapping, role: "preCandidate", bootstrap: undefined } as ReplicaState;
const follower = { ...candidate, role: "follower", leader: n2 } as ReplicaState;

interface Watched {
  readonly clock: ManualClock;
  readonly lines: LogLine[];
  readonly end: () => void;
  state: ReplicaState;
}

function watch(state: ReplicaState): Watched {
  const lines: LogLine[] = [];
  const clock = new ManualClock();
  const watched: Watched = { clock, lines, state, end: () => end() };
  const end = logWaiting({ status: () => watched.state, clock, logger: recordingLogger(lines) });
  return watched;
}

test("a replica that does not take part yet logs why after 10 s, and every 10 s for a minute", async () => {
  const { clock, lines } = watch(bootstrapping);
  await clock.advance(9999);
  expect(lines).toEqual([]);
  await clock.advance(1);
  expect(lines).toEqual([
    {
      level: "warn",
      text: "waiting for the first contact with all replicas: n2 (http://pi2:9006) does not: ECONNREFUSED",
      event: "replica.waiting",
    },
  ]);
  for (let look = 2; look <= 6; look++) await clock.advance(10_000);
  expect(lines.length).toBe(6);
  for (let look = 7; look <= 18; look++) await clock.advance(10_000);
  expect(lines.length, "once a minute from then on").toBe(8);
});

test("a replica without a leader logs which peers do not reply; a running election is not logged", async () => {
  const watched = watch(candidate);
  await watched.clock.advance(10_000);
  expect(watched.lines).toEqual([]);
  await watched.clock.advance(10_000);
  expect(watched.lines.map(({ text }) => text)).toEqual([
    "no leader is known: n2 (http://pi2:9006) does not answer: ECONNREFUSED",
  ]);
  watched.state = follower;
  await watched.clock.advance(10_000);
  watched.state = candidate;
  await watched.clock.advance(10_000);
  expect(watched.lines.length).toBe(1);
});

test("it leaves no timer behind", () => {
  const { clock, end } = watch(bootstrapping);
  end();
  expect(clock.pending).toBe(0);
});

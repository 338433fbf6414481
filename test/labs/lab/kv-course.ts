import { expect } from "vitest";
import { ELECTION_TIMEOUT_MS } from "./cluster.ts";
import { runClient } from "./kv-clients.ts";
import { type KvLab, kvLab } from "./kv-lab.ts";
import { atMost } from "./thresholds.ts";

/** The common part of most of the labs' tests of the store. */
export interface Course {
  readonly clients: number;
  readonly replicas: number;
  readonly network?: "unreliable";
  /** All replicas crash at the end of each round, while clients wait for answers. */
  readonly crashes?: true;
  /** The replicas are repeatedly partitioned at random. */
  readonly partitions?: true;
  /** Whether each operation is on any key. Otherwise each client has its own key. */
  readonly randomKeys?: true;
  /** The limit of the log, in bytes; without it no snapshots are taken. */
  readonly logLimitBytes?: number;
}

const ROUNDS = 3;

/** Duration of a round, in ms. The labs use 5,000, which takes too much CPU time here. */
const ROUND_MS = Number(process.env.LAB_ROUND_MS ?? 1500);

/** After that a log must have been cut, at this multiple of its limit. */
const LOG_LIMITS = 8;

export async function runCourse(seed: number, course: Course): Promise<void> {
  const small =
    course.logLimitBytes === undefined ? {} : { segmentBytes: 512, tuning: { retainedLogBytes: 0 } };
  await kvLab({ ...course, ...small, seed }, async (lab) => {
    for (let n = 0; n < ROUNDS; n++) await round(lab, course);
  });
}

async function round(lab: KvLab, course: Course): Promise<void> {
  let isOver = false;
  const clients = Array.from({ length: course.clients }, (_, number) =>
    runClient(lab, {
      number,
      clients: course.clients,
      randomKeys: course.randomKeys === true,
      isOver: () => isOver,
    }),
  );
  const working = Promise.all(clients);
  // Failures are reported when the round ends.
  working.catch(() => {});
  if (course.partitions) await lab.time.sleep(ROUND_MS / 5);
  const parting = course.partitions ? partAtRandom(lab, () => isOver) : undefined;
  await lab.time.sleep(ROUND_MS);
  isOver = true;
  if (parting) {
    await parting;
    lab.heal();
    // A client may wait for a minority that has not seen the new term yet.
    await lab.time.sleep(ELECTION_TIMEOUT_MS);
  }
  if (course.crashes) {
    lab.crashAll();
    await lab.time.sleep(ELECTION_TIMEOUT_MS);
    lab.startAll();
  }
  await working;
  checkStored(lab, course.logLimitBytes);
}

async function partAtRandom(lab: KvLab, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const sides = lab.all.map(() => lab.random.below(2));
    lab.part((replica) => sides[replica] ?? 0);
    await lab.time.sleep(ELECTION_TIMEOUT_MS + lab.random.below(200));
  }
}

function checkStored(lab: KvLab, logLimitBytes: number | undefined): void {
  if (logLimitBytes === undefined) return expect(lab.largestSnapshotBytes).toBe(0);
  atMost("bytes of a log whose limit is 1,000", lab.longestLogBytes, LOG_LIMITS * logLimitBytes);
}

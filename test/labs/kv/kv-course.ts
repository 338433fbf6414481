import { KvLab, type KvLabOptions } from "./kv-lab.ts";

export interface KvCourse extends Omit<KvLabOptions, "seed"> {
  readonly partitions?: boolean;
  readonly crashes?: boolean;
  /** All clients write to the same few keys, and the history alone judges. */
  readonly sharedKeys?: boolean;
}

const ROUNDS = 3;
const ROUND_MS = 5000;
/** Between two requests a client thinks for up to this long: virtual time is not free either. */
const THINK_MS = 200;
const ELECTION_TIMEOUT_MS = 1000;
/** Well below the largest value there may be. */
const LONG_VALUE = 300;

/** Clients append and read for five seconds, three times, while things happen; each append is there once, in order. */
export async function kvCourse(seed: number, course: KvCourse): Promise<void> {
  // A file of the log goes as a whole: small ones let its length be seen.
  const segments = course.logLimitBytes === undefined ? {} : { segmentBytes: 1024 };
  const lab = await KvLab.start({ ...course, ...segments, seed });
  const values = Array.from({ length: course.clients }, () => "");
  for (let round = 0; round < ROUNDS; round++) {
    let over = false;
    const clients = values.map((value, client) =>
      runClient(lab, client, value, { isOver: () => over, shared: course.sharedKeys === true }),
    );
    if (course.partitions) await lab.elapse(1000);
    const partitioning = course.partitions ? partition(lab) : lab.elapse(ROUND_MS);
    await partitioning;
    over = true;
    if (course.partitions) {
      lab.heal();
      await lab.elapse(ELECTION_TIMEOUT_MS);
    }
    if (course.crashes) await lab.restartAll();
    const ended = await lab.settled(Promise.all(clients), 120_000, "clients hang");
    for (const [client, value] of ended.entries()) values[client] = value;
    if (course.sharedKeys) continue;
    for (const [client, value] of values.entries()) {
      const stored = await lab.settled(lab.value(client, keyOf(client)), 60_000);
      if (stored !== value) throw new Error(`client ${client} appended ${value}, and reads ${stored}`);
    }
  }
  lab.assertLinearizable();
  if (course.logLimitBytes !== undefined) await assertShortLogs(lab, course.logLimitBytes);
}

interface ClientCourse {
  readonly isOver: () => boolean;
  readonly shared: boolean;
}

/** One request after the other. @returns what its key should hold */
async function runClient(lab: KvLab, client: number, value: string, course: ClientCourse): Promise<string> {
  let last = value;
  while (!course.isOver()) {
    const key = course.shared ? `shared ${lab.random.below(4)}` : keyOf(client);
    if (lab.random.chance(500)) {
      const type = last.length > LONG_VALUE ? "put" : "append";
      const token = lab.token(type === "put" ? "p" : "a");
      await answered(lab, client, { type, key, value: token });
      last = type === "put" ? token : last + token;
    } else {
      const read = await lab.value(client, key);
      if (!course.shared && read !== last) throw new Error(`client ${client} reads ${read}, not ${last}`);
    }
    if (course.shared && last.length > LONG_VALUE) last = "";
    await lab.think(lab.random.below(THINK_MS));
  }
  return last;
}

async function answered(lab: KvLab, client: number, input: Parameters<KvLab["ask"]>[1]): Promise<void> {
  const ended = await lab.ask(client, input);
  if (ended.type !== "done" && input.type !== "get") throw new Error(`${input.type}: ${ended.type}`);
}

/** Two halves, drawn anew after about an election timeout. */
async function partition(lab: KvLab): Promise<void> {
  for (let ms = 0; ms < ROUND_MS; ) {
    const sides = lab.random.next();
    lab.partition((replica) => ((sides >> replica) & 1) === 0);
    const next = ELECTION_TIMEOUT_MS + lab.random.below(200);
    await lab.elapse(next);
    ms += next;
  }
}

/** The labs' bound: eight times the size at which the log is to be compacted. */
async function assertShortLogs(lab: KvLab, logLimitBytes: number): Promise<void> {
  const bound = 8 * logLimitBytes;
  await lab.until(() => lab.logBytes.every((bytes) => bytes <= bound), 2000, `logs of ${lab.logBytes} bytes`);
}

function keyOf(client: number): string {
  return `client ${client}`;
}

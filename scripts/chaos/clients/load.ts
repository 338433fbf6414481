import { setTimeout as sleep } from "node:timers/promises";
import type { ChaosReplica } from "../cluster/replica.ts";
import type { ChaosOperation } from "../history.ts";
import { Random } from "../random.ts";
import { Client } from "./client.ts";
import { hotWish } from "./hot-keys.ts";

const ROAMING = 3;
const OPEN_LOOP_INTERVAL_MS = 70;
const MAX_OPEN = 80;
const BALLAST_INTERVAL_MS = 120;
const BALLAST_BYTES = 40_000;
const BALLAST_KEYS = 20;

export interface LoadOptions {
  readonly replicas: readonly ChaosReplica[];
  readonly seed: number;
  readonly now: () => number;
  readonly record: (operation: ChaosOperation) => void;
}

/**
 * All clients of a cluster. One stays with each replica, and some use another replica if they get no answer. Others send
 * requests at a fixed rate, or large values, which cause snapshots.
 */
export class Load {
  readonly #options: LoadOptions;
  readonly #work: Promise<void>[] = [];
  readonly #clients: Client[] = [];
  #isOver = false;

  constructor(options: LoadOptions) {
    this.#options = options;
    for (const replica of options.replicas) this.#closedLoop(`b${replica.id}`, () => replica);
    for (let n = 1; n <= ROAMING; n++) this.#roam(`r${n}`);
    this.#work.push(this.#openLoop(), this.#ballast());
  }

  /** Waits until each request has an answer or has failed. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#work);
    for (const client of this.#clients) client.close();
  }

  #roam(name: string): void {
    const random = new Random(this.#options.seed, `${name} moves`);
    let at = random.pick(this.#options.replicas);
    this.#closedLoop(name, (last) => {
      if (last !== undefined && last.outcome !== "ok") at = random.pick(this.#options.replicas);
      return at;
    });
  }

  #closedLoop(name: string, where: (last: ChaosOperation | undefined) => ChaosReplica): void {
    const { seed, now } = this.#options;
    const random = new Random(seed, name);
    const client = this.#client(name);
    const loop = async () => {
      let last: ChaosOperation | undefined;
      while (!this.#isOver) {
        last = await client.do(hotWish(now(), random), where(last));
        // Limits the rate of a client whose requests are refused at once.
        await sleep(last.outcome === "ok" ? random.whole(5, 25) : random.whole(50, 150));
      }
    };
    this.#work.push(loop());
  }

  async #openLoop(): Promise<void> {
    const { seed, now, replicas } = this.#options;
    const random = new Random(seed, "open");
    const idle: Client[] = [];
    const open = new Set<Promise<void>>();
    let count = 0;
    while (!this.#isOver) {
      await sleep(OPEN_LOOP_INTERVAL_MS);
      const serving = replicas.filter(({ isServing }) => isServing);
      if (serving.length === 0 || open.size >= MAX_OPEN) continue;
      const client = idle.pop() ?? this.#client(`o${++count}`);
      const done = client.do(hotWish(now(), random), random.pick(serving)).then(() => {
        idle.push(client);
        open.delete(done);
      });
      open.add(done);
    }
    await Promise.all(open);
  }

  async #ballast(): Promise<void> {
    const { seed, replicas } = this.#options;
    const random = new Random(seed, "ballast");
    const client = this.#client("large");
    while (!this.#isOver) {
      const key = `large${random.whole(1, BALLAST_KEYS)}`;
      await client.do({ key, type: "put", paddingBytes: BALLAST_BYTES }, random.pick(replicas));
      await sleep(BALLAST_INTERVAL_MS);
    }
  }

  #client(name: string): Client {
    const client = new Client(name, this.#options.now, this.#options.record);
    this.#clients.push(client);
    return client;
  }
}

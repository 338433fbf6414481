import {
  type Ended,
  kvSubject,
  RandomStream,
  type RevisionedInput,
  type RevisionedOutput,
  World,
} from "../../../src/testing/index.ts";
import { type LabOptions, labPlan } from "../lab/plan.ts";

export interface KvLabOptions extends LabOptions {
  readonly clients: number;
}

const host = { alive: true, pausedUntilUs: 0 };

/** A store with its clients; every operation is in the history that is checked in the end. */
export class KvLab {
  readonly world: World<RevisionedInput, RevisionedOutput>;
  readonly random: RandomStream;
  #tokens = 0;

  private constructor(options: KvLabOptions) {
    this.world = new World(labPlan<RevisionedInput>(options), kvSubject, { maxEvents: 1e9 });
    this.random = new RandomStream(options.seed).fork("course");
  }

  static async start(options: KvLabOptions): Promise<KvLab> {
    const lab = new KvLab(options);
    for (const machine of lab.world.machines) machine.start();
    await lab.until(() => lab.world.machines.every(({ isRunning }) => isRunning), 1000);
    return lab;
  }

  /** A value that no other write writes. */
  token(kind: "a" | "p" = "a"): string {
    return `${kind}${++this.#tokens};`;
  }

  ask(client: number, input: RevisionedInput, timeoutMs = 120_000): Promise<Ended<RevisionedOutput>> {
    return this.world.workload.ask({ client, input, timeoutMs, abandonAfterMs: 0 }, host);
  }

  async value(client: number, key: string): Promise<string> {
    const ended = await this.ask(client, { type: "get", key });
    if (ended.type !== "done" || ended.output.type !== "value")
      throw new Error(`get of ${key}: ${ended.type}`);
    return ended.output.value ?? "";
  }

  /** A client lets time pass, while others go on. */
  think(ms: number): Promise<void> {
    return new Promise((resolve) => this.world.scheduler.after(ms * 1000, host, resolve));
  }

  async elapse(ms: number): Promise<void> {
    await this.world.elapse(ms);
    this.assertNothingBroken();
  }

  async until(condition: () => boolean, ms: number, what = "not in time"): Promise<void> {
    const held = condition() || (await this.world.elapse(ms, condition));
    this.assertNothingBroken();
    if (!held) throw new Error(`${what}, within ${ms} ms`);
  }

  /** Lets time pass until a promise is settled. */
  async settled<T>(promise: Promise<T>, ms: number, what?: string): Promise<T> {
    let done = false;
    const settle = () => {
      done = true;
    };
    promise.then(settle, settle);
    await this.until(() => done, ms, what);
    return promise;
  }

  /** Cuts every link between two halves of the replicas; `side` tells in which one is. */
  partition(side: (replica: number) => boolean): void {
    const { network, machines } = this.world;
    network.mendAll();
    for (const { number: a } of machines) {
      for (const { number: b } of machines) if (side(a) !== side(b)) network.cut(a, b);
    }
  }

  heal(): void {
    this.world.network.mendAll();
  }

  async restartAll(): Promise<void> {
    for (const machine of this.world.machines) machine.crash({ powerLoss: true });
    await this.elapse(500);
    for (const machine of this.world.machines) machine.start();
  }

  assertNothingBroken(): void {
    const { violation } = this.world;
    if (violation !== undefined) throw new Error(`${violation.property}: ${violation.message}`);
  }

  assertLinearizable(): void {
    this.assertNothingBroken();
    const { verdict } = kvSubject.check(this.world.workload.history);
    if (verdict !== "linearizable") throw new Error(`the history is ${verdict}`);
  }

  /** The bytes of all that the log in use holds, by replica; a file's unused rest is zeros. */
  get logBytes(): number[] {
    return this.bytesOf(".log");
  }

  bytesOf(ending: string): number[] {
    return this.world.machines.map(({ disk }) => {
      let bytes = 0;
      for (const [name, content] of disk.platter.names) {
        if (name.endsWith(ending)) bytes += content.durable.findLastIndex((byte) => byte !== 0) + 1;
      }
      return bytes;
    });
  }
}

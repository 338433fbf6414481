import { expect } from "vitest";
import type { RevisionedInput, RevisionedOutput } from "../../../src/testing/linearizability/index.ts";
import { kvSubject } from "../../../src/testing/simulator/index.ts";
import { Cluster } from "./cluster.ts";
import { labKvSubject } from "./kv-subject.ts";
import type { LabOptions } from "./plan.ts";
import { snapshotBytes } from "./stored-bytes.ts";

/** Timeout in ms after which a call counts as a failure, independent of any faults. */
const PATIENCE_MS = 60_000;

/** An operation in flight. */
export interface Call {
  /** Undefined until it has been answered. */
  readonly output: RevisionedOutput | undefined;
}

/** A cluster of the store, and clerks by number from 0. All of its methods that wait are for activities within `kvLab`. */
export class KvLab extends Cluster<RevisionedInput, RevisionedOutput> {
  #values = 0;

  constructor(options: LabOptions & { readonly clients: number }) {
    super(options, labKvSubject);
  }

  /** A value unlike all others, as the checker of histories wants it: of appends, or of puts. */
  value(type: "append" | "put"): string {
    return `${type === "append" ? "a" : "p"}${++this.#values};`;
  }

  /** @throws if there is no answer */
  async ask(client: number, input: RevisionedInput): Promise<RevisionedOutput> {
    const operation = { client, input, timeoutMs: PATIENCE_MS, abandonAfterMs: 0 };
    const ended = await this.world.workload.ask(operation, { alive: true, pausedUntilUs: 0 });
    if (ended.type === "done") return ended.output;
    throw new Error(`${input.type} ${input.key} of client ${client} ended as ${ended.type}`);
  }

  /** Sends a request without waiting for the reply. */
  begin(client: number, input: RevisionedInput): Call {
    const call: { output: RevisionedOutput | undefined } = { output: undefined };
    this.ask(client, input).then(
      (output) => {
        call.output = output;
      },
      // It stays without an output, which the test notices.
      () => {},
    );
    return call;
  }

  async put(client: number, key: string, value: string): Promise<void> {
    await this.ask(client, { type: "put", key, value });
  }

  async append(client: number, key: string, value: string): Promise<void> {
    await this.ask(client, { type: "append", key, value });
  }

  async get(client: number, key: string): Promise<string | undefined> {
    const output = await this.ask(client, { type: "get", key });
    if (output.type !== "value") throw new Error(`a get answered with ${output.type}`);
    return output.value;
  }

  /** The number of the replica that leads in the highest term. */
  async leader(): Promise<number> {
    const leaders = () => this.world.machines.filter(({ view }) => view?.role === "leader");
    await this.time.until("a leader", 5000, () => leaders().length > 0);
    const [newest] = leaders().sort((a, b) => (b.view?.currentTerm ?? 0) - (a.view?.currentTerm ?? 0));
    if (newest === undefined) throw new Error("the leader is gone");
    return newest.number;
  }

  /**
   * Partitions the replicas. A client reaches the replicas of its side.
   *
   * @param sideOf the side of a replica
   * @param clientSideOf the side of a client; undefined for both
   */
  part(
    sideOf: (replica: number) => number,
    clientSideOf: (client: number) => number | undefined = () => undefined,
  ): void {
    const side = (station: number) =>
      station < this.size ? sideOf(station) : clientSideOf(station - this.size);
    this.connections.allow((a, b) => side(a) === undefined || side(b) === undefined || side(a) === side(b));
  }

  heal(): void {
    this.connections.allow(() => true);
  }

  /** The bytes of the largest snapshot. */
  get largestSnapshotBytes(): number {
    return Math.max(...this.world.machines.map(snapshotBytes));
  }

  assertLinearizable(): void {
    const { verdict } = kvSubject.check(this.world.workload.history);
    expect(verdict, "the history of all clerks").toBe("linearizable");
  }
}

/** Runs a test of the labs on a cluster of the store. The results of its clerks must be linearizable. */
export async function kvLab(
  options: LabOptions & { readonly clients: number },
  activity: (lab: KvLab) => Promise<void>,
): Promise<void> {
  const lab = new KvLab(options);
  await lab.time.run(async () => {
    await lab.form();
    await activity(lab);
  });
  lab.assertLinearizable();
}

import type { Operation } from "../linearizability/index.ts";
import { Violation } from "./monitor/index.ts";
import type { PlannedOperation } from "./plan/index.ts";
import type { Client, Ended } from "./subject.ts";
import type { Host, Scheduler, Trace } from "./world/index.ts";

/** The number of operations by outcome. */
export interface OperationCounts {
  /** Called by a client. */
  asked: number;
  /** Answered. */
  done: number;
  /** Ended without an answer, and may take effect. */
  unknown: number;
  /** Never take effect. */
  none: number;
}

export interface WorkloadOptions<Input, Output> {
  readonly clients: readonly Client<Input, Output>[];
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  /** Number of the first client's machine. */
  readonly firstMachine: number;
  /** Called if a call of a client rejects: an assertion of its code failed. */
  readonly report: (violation: Violation) => void;
}

interface Recorded<Input, Output> {
  operation: Operation<Input, Output>;
  ended: Ended<Output> | undefined;
}

/** The clients: their operations, the times, and the results. */
export class Workload<Input, Output> {
  readonly counts: OperationCounts = { asked: 0, done: 0, unknown: 0, none: 0 };
  /** Operations in flight. */
  open = 0;
  readonly #clients: readonly Client<Input, Output>[];
  readonly #scheduler: Scheduler;
  readonly #trace: Trace;
  readonly #firstMachine: number;
  readonly #report: (violation: Violation) => void;
  readonly #history: Recorded<Input, Output>[] = [];
  /** Counts calls and returns: a finer clock than time, because several may happen at one moment. */
  #moment = 0;

  constructor({ clients, scheduler, trace, firstMachine, report }: WorkloadOptions<Input, Output>) {
    this.#clients = clients;
    this.#scheduler = scheduler;
    this.#trace = trace;
    this.#firstMachine = firstMachine;
    this.#report = report;
  }

  schedule(operations: readonly PlannedOperation<Input>[], host: Host): void {
    for (const operation of operations) {
      this.#scheduler.after(operation.atMs * 1000, host, () => {
        this.ask(operation, host).catch((error: unknown) => {
          this.#report(new Violation("bug", `client ${operation.client}: ${String(error)}`));
        });
      });
    }
  }

  async ask(
    { client, input, timeoutMs, abandonAfterMs }: Omit<PlannedOperation<Input>, "atMs">,
    host: Host,
  ): Promise<Ended<Output>> {
    const callAt = ++this.#moment;
    this.counts.asked++;
    this.open++;
    this.#trace.record("call", this.#firstMachine + client, [callAt], input);
    const entry: Recorded<Input, Output> = {
      operation: { client, input, output: undefined, callAt, returnAt: Number.POSITIVE_INFINITY },
      ended: undefined,
    };
    this.#history.push(entry);
    const controller = new AbortController();
    const abandon =
      abandonAfterMs > 0
        ? this.#scheduler.after(abandonAfterMs * 1000, host, () => controller.abort())
        : undefined;
    const ended = await this.#client(client).call(input, controller.signal, timeoutMs);
    abandon?.();
    this.open--;
    this.counts[ended.type]++;
    const returnAt = ++this.#moment;
    entry.ended = ended;
    if (ended.type === "done") entry.operation = { ...entry.operation, output: ended.output, returnAt };
    this.#trace.record("return", this.#firstMachine + client, [callAt, codeOf(ended)], { input, ended });
    return ended;
  }

  /** The operations to check: all but those that certainly had no effect. */
  get history(): Operation<Input, Output>[] {
    return this.#history.filter(({ ended }) => ended?.type !== "none").map(({ operation }) => operation);
  }

  #client(number: number): Client<Input, Output> {
    const client = this.#clients[number % this.#clients.length];
    if (client === undefined) throw new RangeError("clients: at least one is required");
    return client;
  }
}

function codeOf(ended: Ended<unknown>): number {
  return ended.type === "done" ? 0 : ended.type === "none" ? 1 : 2;
}

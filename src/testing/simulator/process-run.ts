import type { RunningReplica } from "./subject.ts";
import type { Host, SimulatedTransport } from "./world/index.ts";

/** One run of the process on a machine. Its timers and calls end with it. */
export class ProcessRun<Input, Output> implements Host {
  alive = true;
  replica: RunningReplica<Input, Output> | undefined;
  transport: SimulatedTransport | undefined;
  isStopping = false;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
  /** Until when the process works on the inputs of its last turn, in microseconds. */
  busyUntilUs = 0;
  #reportEnded: () => void = () => {};
  readonly #machine: { readonly pausedUntilUs: number };

  constructor(machine: { readonly pausedUntilUs: number }) {
    this.#machine = machine;
    this.ended = new Promise((resolve) => {
      this.#reportEnded = resolve;
    });
  }

  get pausedUntilUs(): number {
    return Math.max(this.#machine.pausedUntilUs, this.busyUntilUs);
  }

  end(): void {
    this.alive = false;
    this.#reportEnded();
  }
}

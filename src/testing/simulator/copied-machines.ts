import { type Backup, CopySupervisor, type Supervisor, type Uses } from "./copies/index.ts";
import type { Platter } from "./disk/index.ts";
import type { Machine } from "./machine.ts";
import type { Mark } from "./marks/index.ts";
import type { Violation } from "./monitor/index.ts";
import type { Host, Network, Scheduler, Station } from "./world/index.ts";

/** Delay in microseconds before a supervisor restarts a process that ended. */
const RESTART_AFTER_US = 400_000;

export interface CopiedMachinesOptions<Input, Output> {
  readonly originals: readonly Machine<Input, Output>[];
  readonly network: Network;
  readonly scheduler: Scheduler;
  readonly uses: Uses;
  /** Builds a machine at a replica's address, whose disk is a copy of that replica's. */
  readonly build: (number: number, platter: Platter, supervisor: Supervisor) => Machine<Input, Output>;
  readonly hit: (mark: Mark) => void;
  readonly report: (violation: Violation) => void;
}

/** The ways to run a copy. */
export interface CopyStyle {
  /** Whether the original continues to run. Otherwise the copy runs in its environment. */
  readonly isClone: boolean;
  /** Selects the copy, who receives the messages, and whether power fails while the copy is being marked. */
  readonly amount: number;
}

/** Machines that run with a replica's id and address on a copy of its data: an operator's mistake. */
export class CopiedMachines<Input, Output> {
  readonly #options: CopiedMachinesOptions<Input, Output>;
  /** By number. */
  readonly #running = new Map<number, Machine<Input, Output>>();

  constructor(options: CopiedMachinesOptions<Input, Output>) {
    this.#options = options;
  }

  get machines(): Iterable<Machine<Input, Output>> {
    return this.#running.values();
  }

  isAt(number: number): boolean {
    return this.#running.has(number);
  }

  /** Returns whether there is a copy that can be distinguished from the original: it was started less often. */
  isPossible(number: number): boolean {
    return this.#backupsOf(number).length > 0;
  }

  /** Starts a copy. The result removes it, and restarts its original if it is not running. */
  start(number: number, { isClone, amount }: CopyStyle): () => void {
    const { originals, network, scheduler, build, hit, report } = this.#options;
    const original = originals[number];
    const backups = this.#backupsOf(number);
    const backup = backups[(amount >> 8) % backups.length];
    if (original === undefined || backup === undefined) throw new RangeError(`number: no copy of ${number}`);
    const machine = build(
      number,
      backup.platter.copy(),
      new CopySupervisor({
        starts: backup.starts,
        isClone,
        marks: () => {
          // In half of the runs.
          if ((amount & 8) !== 0) machine.disk.trouble.operationsLeft = (amount >> 4) % 10;
        },
        restart: () => void scheduler.after(RESTART_AFTER_US, undefined, () => machine.start()),
        hit,
        report,
      }),
    );
    this.#running.set(number, machine);
    original.isShelved = !isClone;
    const address = isClone ? addressOf(original, machine, amount) : machine;
    original.sharesAddress = address !== original;
    network.stations[number] = address;
    machine.start();
    return () => {
      machine.crash({ powerLoss: false });
      machine.out = true;
      network.stations[number] = original;
      this.#running.delete(number);
      original.isShelved = false;
      original.sharesAddress = false;
      original.start();
    };
  }

  #backupsOf(number: number): Backup[] {
    const { originals, uses } = this.#options;
    const original = originals[number];
    const newest = original && uses.newestOf(original.id);
    if (original === undefined || newest === undefined) return [];
    return original.backups.filter(({ starts }) => starts < newest.starts);
  }
}

/** Returns who receives the messages to a replica that runs twice: one, the other, or both alternately. */
function addressOf(original: Station, copy: Station, amount: number): Station {
  const [isShared, isMoved] = [(amount & 1) !== 0, (amount & 2) !== 0];
  if (isShared) return new SharedAddress(original, copy);
  return isMoved ? copy : original;
}

class SharedAddress implements Station {
  readonly #original: Station;
  readonly #copy: Station;
  #turn = 0;

  constructor(original: Station, copy: Station) {
    this.#original = original;
    this.#copy = copy;
  }

  get host(): Host {
    return this.#original.host;
  }

  get era(): number {
    return this.#original.era;
  }

  handle(bytes: Uint8Array): Promise<Uint8Array> | undefined {
    return (this.#turn++ % 2 === 0 ? this.#copy : this.#original).handle(bytes);
  }
}

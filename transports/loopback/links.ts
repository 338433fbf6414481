import type { Clock, Random } from "../../src/ports/index.ts";
import type { ReplicaId } from "../../src/raft/index.ts";

/** Faults of the network. Probabilities are in [0, 1]. */
export interface LinkFaults {
  /** For delays. */
  readonly clock: Clock;
  /** Decides which messages are lost or late. */
  readonly random: Random;
  /** Delay of each request and each reply, drawn from `[min, max)`: messages overtake each other. Default: none. */
  readonly delayMs?: readonly [min: number, max: number];
  /** Share of requests that are lost, 0 to 1. Default: 0. */
  readonly dropRequest?: number;
  /** Share of replies that are lost, 0 to 1. Default: 0. */
  readonly dropReply?: number;
}

/** The links between all nodes, one for each direction. A lost message causes no error, as on a real network. */
export class Links implements Disposable {
  readonly #faults: LinkFaults | undefined;
  readonly #cut = new Set<string>();
  readonly #disconnected = new Set<ReplicaId>();
  /** Cancel the messages in flight. */
  readonly #timers = new Set<() => void>();

  constructor(faults: LinkFaults | undefined) {
    this.#faults = faults;
  }

  cut(from: ReplicaId, to: ReplicaId): void {
    this.#cut.add(linkName(from, to));
  }

  heal(from: ReplicaId, to: ReplicaId): void {
    this.#cut.delete(linkName(from, to));
  }

  disconnect(id: ReplicaId): void {
    this.#disconnected.add(id);
  }

  reconnect(id: ReplicaId): void {
    this.#disconnected.delete(id);
  }

  /** Resolves when the message arrives. Never resolves if it is lost. */
  async carry(from: ReplicaId, to: ReplicaId, leg: "request" | "reply"): Promise<void> {
    const lost = this.#isDropped(leg);
    await this.#delay();
    if (lost || !this.#isUp(from, to)) await new Promise<never>(() => {});
  }

  /** Loses the messages in flight. */
  [Symbol.dispose](): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  #isUp(from: ReplicaId, to: ReplicaId): boolean {
    return !(this.#cut.has(linkName(from, to)) || this.#disconnected.has(from) || this.#disconnected.has(to));
  }

  #isDropped(leg: "request" | "reply"): boolean {
    if (this.#faults === undefined) return false;
    const { random, dropRequest = 0, dropReply = 0 } = this.#faults;
    return random() < (leg === "request" ? dropRequest : dropReply);
  }

  async #delay(): Promise<void> {
    if (this.#faults?.delayMs === undefined) return;
    const { clock, random, delayMs } = this.#faults;
    const [min, max] = delayMs;
    await new Promise<void>((resolve) => {
      const cancel = clock.setTimer(min + random() * (max - min), () => {
        this.#timers.delete(cancel);
        resolve();
      });
      this.#timers.add(cancel);
    });
  }
}

// No id contains a ">".
function linkName(from: ReplicaId, to: ReplicaId): string {
  return `${from}>${to}`;
}

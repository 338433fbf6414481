import type { Transport } from "../ports/index.ts";
import type { Input } from "../raft/index.ts";

/** Tells the core what a message may carry, each time that has changed: another server may be behind the transport. */
export class PayloadLimit {
  readonly #transport: Transport;
  readonly #step: (input: Input) => void;
  #bytes: number = Number.POSITIVE_INFINITY;

  constructor(transport: Transport, step: (input: Input) => void) {
    this.#transport = transport;
    this.#step = step;
  }

  observe(): void {
    const bytes = this.#transport.maxPayloadBytes ?? Number.POSITIVE_INFINITY;
    if (bytes === this.#bytes) return;
    this.#bytes = bytes;
    this.#step({ type: "payloadLimit", bytes });
  }
}

import type { Input } from "../raft/index.ts";
import type { RaftService } from "../rpc/index.ts";

/**
 * Reports the size limit of a message to the core when it has changed, because another server may be behind the
 * transport.
 */
export class PayloadLimit {
  readonly #service: RaftService;
  readonly #step: (input: Input) => void;
  #bytes: number = Number.POSITIVE_INFINITY;

  constructor(service: RaftService, step: (input: Input) => void) {
    this.#service = service;
    this.#step = step;
  }

  observe(): void {
    const bytes = this.#service.maxDataBytes;
    if (bytes === this.#bytes) return;
    this.#bytes = bytes;
    this.#step({ type: "payloadLimit", bytes });
  }
}

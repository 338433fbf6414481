import type { KvReply, KvRequest } from "../../kv/index.ts";
import { TransportError } from "../../ports/index.ts";
import type { ReplicaId } from "../../raft/index.ts";
import { forgetEnd, whenEnded } from "../../replica/index.ts";

interface Settle {
  resolve(reply: KvReply): void;
  reject(error: unknown): void;
}

/** A client's request to a peer. It ends with a reply, a failure or its signal, whichever is first. */
export class PendingRequest {
  readonly request: KvRequest;
  readonly reply: Promise<KvReply>;
  /** Whether the request must be sent without others in its message. */
  unbatched = false;
  /** Called when the signal ends the wait. Set by the batcher, first for the queue, then for the message in flight. */
  onAbandoned: () => void = () => {};
  readonly #signal: AbortSignal;
  readonly #onAbort: () => void;
  #settle: Settle | undefined;

  /** @param to the receiver, for errors */
  constructor(to: ReplicaId, request: KvRequest, signal: AbortSignal) {
    this.request = request;
    this.reply = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#signal = signal;
    this.#onAbort = () => {
      this.reject(new TransportError("timeout", `no reply of ${to} in time`, { cause: signal.reason }));
      this.onAbandoned();
    };
    whenEnded(signal, this.#onAbort);
  }

  get isOver(): boolean {
    return this.#settle === undefined;
  }

  resolve(reply: KvReply): void {
    this.#end()?.resolve(reply);
  }

  reject(error: unknown): void {
    this.#end()?.reject(error);
  }

  #end(): Settle | undefined {
    const settle = this.#settle;
    this.#settle = undefined;
    forgetEnd(this.#signal, this.#onAbort);
    return settle;
  }
}

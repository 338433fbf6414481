import type { KvReply, KvRequest } from "../../kv/index.ts";
import { TransportError } from "../../ports/index.ts";
import type { ReplicaId } from "../../raft/index.ts";
import { forgetEnd, whenEnded } from "../../replica/index.ts";

interface Settle {
  resolve(reply: KvReply): void;
  reject(error: unknown): void;
}

/** A client's request on its way to a peer. It is over by a reply, by a failure or by its signal, whichever is first. */
export class Forwarded {
  readonly request: KvRequest;
  readonly reply: Promise<KvReply>;
  /** Whether no message may hold others beside it. */
  goesAlone = false;
  /** Called when the signal ends the wait: set by whoever has the request at the time. */
  onAbandoned: () => void = () => {};
  readonly #signal: AbortSignal;
  readonly #onAbort: () => void;
  #settle: Settle | undefined;

  /** @param to whom it goes to, for the error's sake */
  constructor(to: ReplicaId, request: KvRequest, signal: AbortSignal) {
    this.request = request;
    this.reply = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#signal = signal;
    this.#onAbort = () => {
      this.reject(new TransportError("timeout", `the wait for ${to} was ended`, { cause: signal.reason }));
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

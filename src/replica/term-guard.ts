import type { Logger } from "../ports/index.ts";
import { type RaftCore, type ReplicaId, termRefusal } from "../raft/index.ts";
import type { CallEnd } from "./outbound-calls.ts";

/** Keeps messages with impossible terms from the core. Logs each peer that sends one, once. */
export class TermGuard {
  readonly #core: Pick<RaftCore, "currentTerm">;
  readonly #logger: Logger;
  readonly #refused = new Set<ReplicaId>();

  constructor(core: Pick<RaftCore, "currentTerm">, logger: Logger) {
    this.#core = core;
    this.#logger = logger;
  }

  /** @throws Error if the term of a request is impossible; the sender gets the message */
  check(from: ReplicaId, term: number): void {
    const refusal = this.#refusal(from, term);
    if (refusal !== undefined) throw new Error(refusal);
  }

  /** Treats a reply with an impossible term as a failed call. */
  checked(end: CallEnd): CallEnd {
    if (end.type === "failed" || this.#refusal(end.from, end.reply.term) === undefined) return end;
    return { type: "failed", to: end.from, request: end.request };
  }

  #refusal(from: ReplicaId, term: number): string | undefined {
    const reason = termRefusal(term, this.#core.currentTerm);
    if (reason === undefined) {
      this.#refused.delete(from);
    } else if (!this.#refused.has(from)) {
      this.#refused.add(from);
      this.#logger.error("refused a message of {from}: {reason}", { event: "peer.refused", from, reason });
    }
    return reason;
  }
}

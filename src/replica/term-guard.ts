import type { Logger } from "../ports/index.ts";
import { type RaftCore, type ReplicaId, termRefusal } from "../raft/index.ts";
import type { CallEnd } from "./outbound-calls.ts";

/** Keeps messages of impossible terms from the core, and says so once for each peer that sends them. */
export class TermGuard {
  readonly #core: Pick<RaftCore, "currentTerm">;
  readonly #logger: Logger;
  readonly #refused = new Set<ReplicaId>();

  constructor(core: Pick<RaftCore, "currentTerm">, logger: Logger) {
    this.#core = core;
    this.#logger = logger;
  }

  /** @throws Error if a request is of an impossible term: its sender learns why */
  check(from: ReplicaId, term: number): void {
    const refusal = this.#refusal(from, term);
    if (refusal !== undefined) throw new Error(refusal);
  }

  /** A reply of an impossible term is as good as none. */
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

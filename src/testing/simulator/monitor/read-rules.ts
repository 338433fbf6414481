import type {
  AppendEntries,
  RaftReply,
  RaftRequest,
  RaftView,
  Ready,
  ReplicaId,
} from "../../../raft/index.ts";
import { Violation } from "./violation.ts";

/** A pending read: what any replica had applied when it started, and when that was. */
interface WaitingRead {
  readonly floor: number;
  readonly askedAt: number;
}

/** Checks ReadIndex (thesis §6.4) for one run of a replica. Moments are counted: one for each step or take. */
export class ReadRules {
  #moment = 0;
  readonly #waiting = new Map<number, WaitingRead>();
  readonly #sentAt = new WeakMap<RaftRequest, number>();
  /** When the newest request was sent that a peer has answered in the current term. */
  readonly #answered = new Map<ReplicaId, number>();

  asked(readId: number, highestApplied: number): void {
    this.#waiting.set(readId, { floor: highestApplied, askedAt: ++this.#moment });
  }

  /** A peer replied, which shows that it followed this leader after the request was sent. */
  replied(from: ReplicaId, request: AppendEntries, reply: RaftReply, { currentTerm }: RaftView): void {
    const sentAt = this.#sentAt.get(request);
    if (sentAt === undefined || reply.term !== currentTerm || request.term !== currentTerm) return;
    this.#answered.set(from, Math.max(sentAt, this.#answered.get(from) ?? 0));
  }

  /** Checks sent messages and finished reads: each read sees everything applied before it started. */
  took({ send, reads }: Ready, view: RaftView, voters: number): void {
    const now = ++this.#moment;
    for (const message of send) if (message.type === "request") this.#sentAt.set(message.request, now);
    for (const { readId, readIndex } of reads) {
      const read = this.#waiting.get(readId);
      this.#waiting.delete(readId);
      if (read === undefined || readIndex === undefined) continue;
      if (readIndex < read.floor) {
        const seen = `${view.id} lets a read see index ${readIndex}; ${read.floor} was applied when it was asked`;
        throw new Violation("P8", `thesis §6.4 ${seen}`);
      }
      const confirmedBy = 1 + [...this.#answered.values()].filter((sentAt) => sentAt > read.askedAt).length;
      if (2 * confirmedBy <= voters) {
        throw new Violation(
          "P8",
          `thesis §6.4 ${view.id} answers a read that no majority has confirmed since`,
        );
      }
    }
  }
}

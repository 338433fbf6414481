import type {
  LogEntry,
  RaftReply,
  RaftRequest,
  ReadOutcome,
  Ready,
  ReplicaId,
} from "../../src/raft/index.ts";
import type { TestReplica } from "./replica.ts";

/** Watches all replicas of a cluster for what must hold between them (figure 3). */
export class SafetyMonitor {
  readonly #leaders = new Map<number, ReplicaId>();
  readonly #applied = new Map<number, string>();
  readonly #chain = new Map<string, string>();
  #lastApplied = 0;
  /** The highest index applied on any replica when the read was requested. */
  readonly #readFloors = new Map<number, number>();

  observe(replica: TestReplica, ready: Ready): void {
    const view = replica.core.view();
    if (view.role === "leader") {
      const leader = this.#leaders.get(view.currentTerm) ?? view.id;
      if (leader !== view.id) throw new Error(`§5.2 ${leader} and ${view.id} lead term ${view.currentTerm}`);
      this.#leaders.set(view.currentTerm, leader);
    }
    for (const entry of ready.apply) {
      const known = this.#applied.get(entry.index) ?? identity(entry);
      if (known !== identity(entry)) throw new Error(`§5.4.3 two entries applied at ${entry.index}`);
      this.#applied.set(entry.index, known);
      this.#lastApplied = Math.max(this.#lastApplied, entry.index);
    }
    if (ready.persist !== undefined) this.#matchLogs(replica, ready.persist.entries);
    this.#termsAreDurable(replica, ready);
  }

  readAsked(readId: number): void {
    this.#readFloors.set(readId, this.#lastApplied);
  }

  /** Thesis §6.4: a read sees everything that any client had seen before the read was requested. */
  readAnswered({ readId, readIndex }: ReadOutcome): void {
    const floor = this.#readFloors.get(readId) ?? 0;
    if (readIndex !== undefined && readIndex < floor) {
      throw new Error(`§6.4 a read of what is older than ${floor}: ${readIndex}`);
    }
  }

  /** A reply's promise is in the durable image when the reply is sent. */
  replied({ image, config }: TestReplica, request: RaftRequest, reply: RaftReply): void {
    const isKept = () => {
      if (request.type === "requestVote" && reply.type === "requestVote") {
        if (request.preVote || !reply.voteGranted || image.hardState.currentTerm > request.term) return true;
        return image.hardState.votedFor === request.candidateId;
      }
      if (request.type === "appendEntries" && reply.type === "appendEntries") {
        return !reply.success || request.entries.every((entry) => image.holds(entry));
      }
      if (request.type === "installSnapshot" && reply.type === "installSnapshot") {
        const { lastIncludedIndex: index, lastIncludedTerm: term } = request;
        return !reply.installed || image.holds({ index, term });
      }
      return true;
    };
    if (!isKept()) throw new Error(`§5 ${config.id} promises by ${reply.type} what is not durable`);
  }

  /** §5.3: entries of the same index and term are equal, and so are the entries before them. */
  #matchLogs(replica: TestReplica, entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      const key = `${entry.index}@${entry.term}`;
      const link = `${replica.core.view().termAt(entry.index - 1)} ${identity(entry)}`;
      const known = this.#chain.get(key) ?? link;
      if (known !== link) throw new Error(`§5.3 logs differ at ${key}: ${known} and ${link}`);
      this.#chain.set(key, known);
    }
  }

  /** No term is spoken of before it is durable. */
  #termsAreDurable(replica: TestReplica, ready: Ready): void {
    const { image } = replica;
    for (const message of ready.send) {
      const term = message.type === "request" ? message.request.term : message.reply.term;
      const isPreVote =
        message.type === "request" && message.request.type === "requestVote" && message.request.preVote;
      if (!isPreVote && image.hardState.currentTerm < term) {
        throw new Error(`§5 ${replica.config.id} speaks of term ${term} before it is durable`);
      }
    }
  }
}

function identity(entry: LogEntry): string {
  return `${entry.term} ${entry.type} ${new TextDecoder().decode(entry.data)}`;
}

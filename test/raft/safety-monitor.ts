import type { LogEntry, Ready, ReplicaId } from "../../src/raft/index.ts";
import type { TestReplica } from "./replica.ts";

/** Watches all replicas of a cluster for what must hold between them (figure 3). */
export class SafetyMonitor {
  readonly #leaders = new Map<number, ReplicaId>();
  readonly #applied = new Map<number, string>();
  readonly #chain = new Map<string, string>();

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
    }
    if (ready.persist !== undefined) this.#matchLogs(replica, ready.persist.entries);
    this.#promisesAreDurable(replica, ready);
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

  /** Nothing is promised before the durable image covers it. */
  #promisesAreDurable(replica: TestReplica, ready: Ready): void {
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

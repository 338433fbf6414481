import { type Command, encodeCommand, type KvReply, type KvResult, type KvStore } from "../kv/index.ts";
import type { ReplicaId } from "../raft/index.ts";
import type { ProposeOutcome, Raft } from "../replica/index.ts";
import { type OwnedTicket, PendingCommands, type Wait } from "./pending-commands.ts";

export interface CommandsOptions {
  readonly raft: Raft<KvResult>;
  readonly store: KvStore;
  /** Returns the leader as this replica sees it. */
  readonly leader: () => ReplicaId | undefined;
}

/** Proposes commands, and turns their outcomes into replies. */
export class Commands {
  readonly #raft: Raft<KvResult>;
  readonly #store: KvStore;
  readonly #leader: () => ReplicaId | undefined;
  readonly #pending = new PendingCommands();

  constructor({ raft, store, leader }: CommandsOptions) {
    this.#raft = raft;
    this.#store = store;
    this.#leader = leader;
  }

  /** Proposes a command, or joins the one that a repeated request is about. Never rejects. */
  commit(command: Command, signal: AbortSignal): Promise<KvReply> {
    if (signal.aborted) return Promise.resolve({ type: "unknown" });
    const ticket = "sequence" in command ? command : undefined;
    if (ticket !== undefined && this.#isForeign(ticket)) return Promise.resolve({ type: "sessionExpired" });
    const pending = ticket === undefined ? undefined : this.#pending.find(ticket);
    if (pending !== undefined) {
      const { isLeader, leader } = this.#raft.getState();
      // The current leader must be asked: here the outcome may become known only much later.
      return isLeader ? pending.wait(signal) : Promise.resolve({ type: "notLeader", leader });
    }
    const bytes = encodeCommand(command);
    const notCarried = this.notCarried(bytes.length, "value" in command ? command.value : undefined);
    if (notCarried !== undefined) return Promise.resolve(notCarried);
    // The command stays pending after this signal ends, because repeated requests may join it.
    const added = this.#pending.add(ticket);
    const reply = added.wait(signal);
    this.#raft.submit(bytes, (outcome) => this.#pending.settle(added, this.#replyOf(outcome)));
    return reply;
  }

  /**
   * As {@link commit}, with a callback, for a write of this replica whose ticket was never sent: nobody else can have its
   * session, and no request to join is pending.
   */
  submit(command: Command & OwnedTicket, wait: Wait): void {
    const bytes = encodeCommand(command);
    const notCarried = this.notCarried(bytes.length, "value" in command ? command.value : undefined);
    if (notCarried !== undefined) return wait.settle(notCarried);
    const added = this.#pending.add(command, wait);
    this.#raft.submit(bytes, (outcome) => this.#pending.settle(added, this.#replyOf(outcome)));
  }

  /** Another leader decides the outcomes of the pending commands. */
  leadershipLost(): void {
    this.#pending.leadershipLost();
  }

  /** The reply to a command over `maxCommandBytes`, with the largest value that fits; undefined if the command fits. */
  notCarried(commandBytes: number, value: Uint8Array | undefined): KvReply | undefined {
    const excess = commandBytes - this.#raft.maxCommandBytes;
    if (excess <= 0) return undefined;
    return { type: "notCarried", limitBytes: Math.max(0, (value?.length ?? 0) - excess) };
  }

  /**
   * Whether the session is another sender's, as far as this leader has applied the log. The store decides in any case: this
   * only keeps such writes out of the log.
   */
  #isForeign({ session, owner }: OwnedTicket): boolean {
    const known = this.#store.ownerOf(session);
    return known !== undefined && known !== owner && this.#raft.getState().isLeader;
  }

  #replyOf(outcome: ProposeOutcome<KvResult>): KvReply {
    switch (outcome.type) {
      case "committed":
        // `malformed` can't happen, because this replica encoded the command. If it did, the log would say so.
        return outcome.result.type === "malformed" ? { type: "unknown" } : outcome.result;
      case "lost":
        return { type: "notLeader", leader: this.#leader() };
      case "notLeader":
      case "overloaded":
      case "unknown":
        return outcome;
    }
  }
}

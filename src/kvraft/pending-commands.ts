import type { KvReply, WriteTicket } from "../kv/index.ts";
import { invariant } from "../raft/index.ts";
import { forgetEnd, whenEnded } from "../replica/index.ts";

/**
 * The commands that this replica proposed and that have no outcome yet. Writes are found by their ticket, so that a repeated
 * request waits for the entry that is already in the log instead of adding a second one. Otherwise a cluster that commits
 * more slowly than its clients repeat would fall further and further behind. A command stays until its outcome is known,
 * even if nobody waits for it.
 */
export class PendingCommands {
  /** By session, then by sequence. */
  readonly #writes = new Map<number, Map<number, PendingCommand>>();
  /** Commands without a ticket: a repeated request looks like a new one. */
  readonly #others = new Set<PendingCommand>();

  /** Returns the pending write with this ticket, or undefined. */
  find({ session, sequence }: WriteTicket): PendingCommand | undefined {
    return this.#writes.get(session)?.get(sequence);
  }

  /**
   * Adds a command.
   *
   * @param ticket undefined if the command is not a write
   */
  add(ticket: WriteTicket | undefined): PendingCommand {
    const command = new PendingCommand(ticket);
    if (ticket === undefined) this.#others.add(command);
    else this.#addWrite(ticket, command);
    return command;
  }

  /** Removes a command, whose outcome is known, and resolves its waits. */
  settle(command: PendingCommand, reply: KvReply): void {
    if (command.ticket === undefined) this.#deleteOther(command);
    else this.#deleteWrite(command.ticket, command);
    command.settle(reply);
  }

  /** Ends all waits with `unknown`, because another leader decides the outcome of the commands. */
  leadershipLost(): void {
    for (const writes of this.#writes.values()) {
      for (const command of writes.values()) command.settle({ type: "unknown" });
    }
    for (const command of this.#others) command.settle({ type: "unknown" });
  }

  #addWrite({ session, sequence }: WriteTicket, command: PendingCommand): void {
    let writes = this.#writes.get(session);
    if (writes === undefined) {
      writes = new Map();
      this.#writes.set(session, writes);
    }
    invariant(!writes.has(sequence), "a pending write is proposed once");
    writes.set(sequence, command);
  }

  #deleteOther(command: PendingCommand): void {
    const wasPending = this.#others.delete(command);
    invariant(wasPending, "a command has one outcome");
  }

  #deleteWrite({ session, sequence }: WriteTicket, command: PendingCommand): void {
    const writes = this.#writes.get(session);
    invariant(writes?.get(sequence) === command, "a write has one outcome, and it is its own");
    writes.delete(sequence);
    if (writes.size === 0) this.#writes.delete(session);
  }
}

/** A proposed command, and the waits for its outcome. */
export class PendingCommand {
  /** Undefined if the command is not a write. */
  readonly ticket: WriteTicket | undefined;
  #waits: Wait[] = [];

  constructor(ticket: WriteTicket | undefined) {
    this.ticket = ticket;
  }

  /** Waits for the outcome. @param signal ends this wait only, with `unknown` */
  wait(signal: AbortSignal): Promise<KvReply> {
    return new Promise((resolve) => {
      const onEnd = () => {
        this.#waits = this.#waits.filter((wait) => wait.onEnd !== onEnd);
        resolve({ type: "unknown" });
      };
      this.#waits.push({ signal, onEnd, resolve });
      whenEnded(signal, onEnd);
    });
  }

  /** Resolves all waits. */
  settle(reply: KvReply): void {
    const waits = this.#waits;
    this.#waits = [];
    for (const { signal, onEnd, resolve } of waits) {
      forgetEnd(signal, onEnd);
      resolve(reply);
    }
  }
}

interface Wait {
  readonly signal: AbortSignal;
  readonly onEnd: () => void;
  readonly resolve: (reply: KvReply) => void;
}

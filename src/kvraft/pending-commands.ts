import type { KvReply, WriteTicket } from "../kv/index.ts";
import { InvariantViolation } from "../raft/index.ts";
import { forgetEnd, whenEnded } from "../replica/index.ts";

/**
 * The commands that this replica proposed and whose outcome is open. A write is known by its ticket, so that a repeat
 * waits for the entry that is in the log already and adds no second one: else a cluster that commits more slowly than its
 * clients repeat would be ever further behind. A command lasts until its outcome is known, whoever waits for it.
 */
export class PendingCommands {
  /** The writes of each session, by their sequences. */
  readonly #writes = new Map<number, Map<number, PendingCommand>>();
  /** Those without a ticket: nothing tells a repeat of them from a new one. */
  readonly #others = new Set<PendingCommand>();

  /** The write of a ticket, if its outcome is open. */
  find({ session, sequence }: WriteTicket): PendingCommand | undefined {
    return this.#writes.get(session)?.get(sequence);
  }

  /**
   * Keeps a command until it has an outcome.
   *
   * @param ticket undefined for a command that is no write
   */
  add(ticket: WriteTicket | undefined): PendingCommand {
    const command = new PendingCommand(ticket);
    if (ticket === undefined) this.#others.add(command);
    else this.#addWrite(ticket, command);
    return command;
  }

  /** The outcome of a command is known. */
  settle(command: PendingCommand, reply: KvReply): void {
    if (command.ticket === undefined) this.#others.delete(command);
    else this.#deleteWrite(command.ticket);
    command.settle(reply);
  }

  /** Ends all waits with `unknown`, because another leader decides what becomes of the commands. */
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
    if (writes.has(sequence)) throw new InvariantViolation("a pending write has one proposal");
    writes.set(sequence, command);
  }

  #deleteWrite({ session, sequence }: WriteTicket): void {
    const writes = this.#writes.get(session);
    writes?.delete(sequence);
    if (writes?.size === 0) this.#writes.delete(session);
  }
}

/** A command in the log, and those who wait for its outcome. */
export class PendingCommand {
  /** Undefined for a command that is no write. */
  readonly ticket: WriteTicket | undefined;
  #waits: Wait[] = [];

  constructor(ticket: WriteTicket | undefined) {
    this.ticket = ticket;
  }

  /** @param signal ends this wait alone, with `unknown` */
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

  /** Answers those who wait. */
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

import type { KvReply, WriteTicket } from "../kv/index.ts";
import { invariant } from "../raft/index.ts";
import { forgetEnd, whenEnded } from "../replica/index.ts";

/** The ticket of a write, and the sender that may use it. */
export interface OwnedTicket extends WriteTicket {
  readonly owner: string;
}

/**
 * The commands that this replica proposed and that have no outcome yet. Writes are found by their ticket, so that a repeated
 * request waits for the entry that is already in the log instead of adding a second one. Otherwise a cluster that commits
 * more slowly than its clients repeat would fall further and further behind. A command stays until its outcome is known,
 * even if nobody waits for it.
 */
export class PendingCommands {
  /** By session, then by sequence. */
  readonly #writes = new Map<number, Map<number, PendingCommand>>();
  /**
   * Commands without a ticket, because a repeated request looks like a new one. Also writes with a ticket that another
   * sender's pending write has: one of the two is not the owner of the session, and the store refuses it.
   */
  readonly #others = new Set<PendingCommand>();

  /** Returns the pending write with this ticket of the same sender, or undefined. */
  find(ticket: OwnedTicket): PendingCommand | undefined {
    const pending = this.#withTicket(ticket);
    return pending?.ticket?.owner === ticket.owner ? pending : undefined;
  }

  /**
   * Adds a command.
   *
   * @param ticket undefined if the command is not a write
   * @param wait the first wait for the outcome. Default: none
   */
  add(ticket: OwnedTicket | undefined, wait?: Wait): PendingCommand {
    const other = ticket === undefined ? undefined : this.#withTicket(ticket);
    const command = new PendingCommand(other === undefined ? ticket : undefined, wait);
    invariant(
      ticket === undefined || other?.ticket?.owner !== ticket.owner,
      "a pending write is proposed once",
    );
    if (command.ticket === undefined) this.#others.add(command);
    else this.#addWrite(command.ticket, command);
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

  #withTicket({ session, sequence }: WriteTicket): PendingCommand | undefined {
    return this.#writes.get(session)?.get(sequence);
  }

  #addWrite({ session, sequence }: WriteTicket, command: PendingCommand): void {
    let writes = this.#writes.get(session);
    if (writes === undefined) {
      writes = new Map();
      this.#writes.set(session, writes);
    }
    invariant(!writes.has(sequence), "a ticket belongs to one pending write");
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

/** A wait for the outcome of a command. */
export interface Wait {
  /** Called once: with the outcome, or with `unknown` if another leader decides it. */
  settle(reply: KvReply): void;
}

const none: readonly Wait[] = [];

/** A proposed command, and the waits for its outcome. */
export class PendingCommand {
  /** Undefined if repeated requests can't join the command. */
  readonly ticket: OwnedTicket | undefined;
  /** The wait that the command began with. Apart, because most commands have this one alone. */
  #first: Wait | undefined;
  #others: readonly Wait[] = none;

  constructor(ticket: OwnedTicket | undefined, wait: Wait | undefined) {
    this.ticket = ticket;
    this.#first = wait;
  }

  /** Waits for the outcome. @param signal ends this wait only, with `unknown` */
  wait(signal: AbortSignal): Promise<KvReply> {
    return new Promise((resolve) => {
      const onEnd = () => {
        this.#others = this.#others.filter((other) => other !== wait);
        resolve({ type: "unknown" });
      };
      const wait = {
        settle: (reply: KvReply) => {
          forgetEnd(signal, onEnd);
          resolve(reply);
        },
      };
      this.#others = [...this.#others, wait];
      whenEnded(signal, onEnd);
    });
  }

  /** Ends all waits. */
  settle(reply: KvReply): void {
    const first = this.#first;
    const others = this.#others;
    this.#first = undefined;
    this.#others = none;
    first?.settle(reply);
    for (const wait of others) wait.settle(reply);
  }
}

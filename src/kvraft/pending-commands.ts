import type { KvReply, WriteTicket } from "../kv/index.ts";
import { InvariantViolation } from "../raft/index.ts";

/**
 * The commands that this replica proposed and whose outcome is open. A write is known by its ticket, so that a repeat
 * waits for the entry that is in the log already and adds no second one: else a cluster that commits more slowly than its
 * clients repeat would be ever further behind. A command lasts until its outcome is known, whoever waits for it.
 */
export class PendingCommands {
  readonly #byTicket = new Map<string, PendingCommand>();
  /** Those without a ticket: nothing tells a repeat of them from a new one. */
  readonly #others = new Set<PendingCommand>();

  /** The write of a ticket, if its outcome is open. */
  find(ticket: WriteTicket): PendingCommand | undefined {
    return this.#byTicket.get(nameOf(ticket));
  }

  /**
   * Keeps a command until it has an outcome.
   *
   * @param ticket undefined for a command that is no write
   */
  add(ticket: WriteTicket | undefined, outcome: Promise<KvReply>): PendingCommand {
    const command = new PendingCommand();
    const name = ticket && nameOf(ticket);
    if (name === undefined) this.#others.add(command);
    else if (this.#byTicket.has(name)) throw new InvariantViolation("a pending write has one proposal");
    else this.#byTicket.set(name, command);
    void outcome.then((reply) => {
      if (name === undefined) this.#others.delete(command);
      else this.#byTicket.delete(name);
      command.settle(reply);
    });
    return command;
  }

  /** Ends all waits with `unknown`, because another leader decides what becomes of the commands. */
  leadershipLost(): void {
    for (const command of this.#byTicket.values()) command.settle({ type: "unknown" });
    for (const command of this.#others) command.settle({ type: "unknown" });
  }
}

/** A command in the log, and those who wait for its outcome. */
export class PendingCommand {
  readonly #waits = new Set<(reply: KvReply) => void>();

  /** @param signal ends this wait alone, with `unknown` */
  wait(signal: AbortSignal): Promise<KvReply> {
    return new Promise((resolve) => {
      const end = (reply: KvReply) => {
        this.#waits.delete(end);
        signal.removeEventListener("abort", onAbort);
        resolve(reply);
      };
      const onAbort = () => end({ type: "unknown" });
      this.#waits.add(end);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  settle(reply: KvReply): void {
    for (const end of this.#waits) end(reply);
  }
}

function nameOf({ session, sequence }: WriteTicket): string {
  return `${session}/${sequence}`;
}

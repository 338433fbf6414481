import { invariant } from "./invariant.ts";
import type { KvResult, WriteTicket } from "./messages.ts";

/** The results of one client's writes that the client may still ask for. */
export interface Session {
  /** A random number of 53 bits that the leader drew, so that nobody can guess it. */
  readonly id: number;
  /** The only sender whose writes the session takes. */
  readonly owner: string;
  /** Cluster time of the session's last command, in ms. */
  lastUsedMs: number;
  /** The client needs no result below this sequence. Never decreases. */
  lowestPending: number;
  /**
   * Result by sequence, in the order of the writes. Invariant: all sequences are within [lowestPending, lowestPending +
   * maxPendingPerSession).
   */
  readonly results: Map<number, number>;
  /** The generation of the table that may change this object. Objects of earlier generations belong to captures. */
  readonly generation: number;
}

/**
 * The most that one command advances the clock, in ms. Correct leaders advance it by less, because their stamps are close
 * to the clock that they read. So a wrong stamp advances it by at most ten minutes.
 */
export const MAX_CLOCK_STEP_MS: number = 10 * 60_000;

/** The sessions in the order of last use, and the clock. */
export interface SessionTable {
  /** Cluster time in ms: the highest stamp so far, without those that were too far ahead. */
  readonly clockMs: number;
  readonly sessions: readonly Readonly<Session>[];
}

export interface SessionLimits {
  readonly maxSessions: number;
  readonly maxSessionsPerOwner: number;
  readonly maxPendingPerSession: number;
  readonly sessionInUseMs: number;
  readonly sessionTtlMs: number;
}

/** `taken`: a session has this id, so another one must be drawn. */
export type Opening = "opened" | "taken" | "tooManySessions";

/** A write as its session sees it. */
export interface OwnedTicket extends WriteTicket {
  /** The sender of the write. */
  readonly owner: string;
}

type Refusal = Extract<KvResult, { type: "sessionExpired" | "overloaded" }>;

/** Applies each write of a client once, with bounded memory. Its only clock is the stamps of the log. */
export class Sessions {
  readonly #limits: SessionLimits;
  /** Least recently used first. Because time never decreases, this is also the order of expiry. */
  readonly #byId: Map<number, Session>;
  /** The last of `#byId`, if that is known. */
  #newest: Session | undefined;
  /** The number of sessions of each owner that has one. */
  readonly #counts = new Map<string, number>();
  #clockMs: number;
  /** No session expires before this time, in ms. A lower bound, because the oldest session may have been used since. */
  #nextExpiryMs = 0;
  #generation = 0;

  constructor(limits: SessionLimits, table: SessionTable = { clockMs: 0, sessions: [] }) {
    this.#limits = limits;
    this.#clockMs = table.clockMs;
    this.#byId = new Map(table.sessions.map((session) => [session.id, session]));
    invariant(this.#byId.size === table.sessions.length, "a table has each session once");
    for (const { owner } of table.sessions) this.#count(owner, 1);
  }

  /** Cluster time of the last command, in ms. */
  get clockMs(): number {
    return this.#clockMs;
  }

  /** The number of sessions. */
  get size(): number {
    return this.#byId.size;
  }

  /** Advances the clock to the stamp of a command, never back, and ends sessions whose idle time exceeds the limit. */
  advance(timeMs: number): void {
    const before = this.#clockMs;
    this.#clockMs = Math.max(before, Math.min(timeMs, before + MAX_CLOCK_STEP_MS));
    invariant(
      this.#clockMs >= before && this.#clockMs <= before + MAX_CLOCK_STEP_MS,
      "cluster time never decreases, and one stamp advances it by a step at most",
    );
    // The oldest session is not looked up each time: a Map steps over all deleted entries to find its first one.
    if (this.#clockMs <= this.#nextExpiryMs) {
      return;
    }
    const { sessionTtlMs } = this.#limits;
    this.#nextExpiryMs = this.#clockMs + sessionTtlMs;
    for (const session of this.#byId.values()) {
      if (session.lastUsedMs + sessionTtlMs >= this.#clockMs) {
        this.#nextExpiryMs = session.lastUsedMs + sessionTtlMs;
        return;
      }
      this.#end(session);
    }
  }

  /** Returns the owner of a session, or undefined if there is no such session. */
  ownerOf(id: number): string | undefined {
    return this.#byId.get(id)?.owner;
  }

  /**
   * Opens a session. If a limit is reached, the owner's least recently used session ends, unless it is in use. No session
   * of another owner ends: those end by age alone. Otherwise one client could end the sessions of all others.
   */
  open(id: number, owner: string): Opening {
    if (this.#byId.has(id)) return "taken";
    if (!this.#hasSpaceFor(owner) && !this.#endOldestOf(owner)) return "tooManySessions";
    invariant(this.#byId.size < this.#limits.maxSessions, "there are at most `maxSessions` sessions");
    invariant(
      this.#countOf(owner) < this.#limits.maxSessionsPerOwner,
      "an owner has at most `maxSessionsPerOwner` sessions",
    );
    this.#newest = {
      id,
      owner,
      lastUsedMs: this.#clockMs,
      lowestPending: 0,
      results: new Map(),
      generation: this.#generation,
    };
    this.#byId.set(id, this.#newest);
    this.#count(owner, 1);
    return "opened";
  }

  /**
   * Runs a write unless it ran before.
   *
   * @param write makes the change and returns its result, a number that the session remembers
   * @returns the result of the first run, or why nothing ran. A sequence below `lowestPending` without a result is a
   * late duplicate without a waiting client. It may have run already, so it never runs again. For another sender than its
   * owner a session does not exist
   */
  once<Ticket extends OwnedTicket>(ticket: Ticket, write: (ticket: Ticket) => number): number | Refusal {
    if (this.ownerOf(ticket.session) !== ticket.owner) {
      return { type: "sessionExpired" };
    }
    const session = this.#use(ticket.session);
    invariant(session.owner === ticket.owner, "only its owner uses a session");
    invariant(session.generation === this.#generation, "a captured session does not change");
    this.#forgetBelow(session, ticket.lowestPending);
    const remembered = session.results.get(ticket.sequence);
    if (remembered !== undefined) {
      return remembered;
    }
    if (ticket.sequence < session.lowestPending) {
      return { type: "sessionExpired" };
    }
    // The limit is a window of sequences, not a number of results, so the lowest pending write is never refused.
    if (ticket.sequence >= session.lowestPending + this.#limits.maxPendingPerSession) {
      return { type: "overloaded" };
    }
    const result = write(ticket);
    invariant(
      this.#byId.get(session.id) === session && !session.results.has(ticket.sequence),
      "a write runs once, within its session",
    );
    session.results.set(ticket.sequence, result);
    return result;
  }

  /** Captures the current table. Sessions used later are copied first, so this costs one reference a session. */
  capture(): SessionTable {
    this.#generation++;
    return { clockMs: this.#clockMs, sessions: [...this.#byId.values()] };
  }

  #hasSpaceFor(owner: string): boolean {
    const { maxSessions, maxSessionsPerOwner } = this.#limits;
    return this.#byId.size < maxSessions && this.#countOf(owner) < maxSessionsPerOwner;
  }

  /** Ends the owner's least recently used session. Returns false if that is in use, or the owner has none. */
  #endOldestOf(owner: string): boolean {
    if (this.#countOf(owner) === 0) return false;
    for (const session of this.#byId.values()) {
      if (session.owner !== owner) continue;
      if (session.lastUsedMs + this.#limits.sessionInUseMs > this.#clockMs) return false;
      this.#end(session);
      return true;
    }
    return false;
  }

  #end({ id, owner }: Session): void {
    const existed = this.#byId.delete(id);
    this.#newest = undefined;
    invariant(existed, "a session ends once");
    this.#count(owner, -1);
  }

  #countOf(owner: string): number {
    return this.#counts.get(owner) ?? 0;
  }

  #count(owner: string, change: 1 | -1): void {
    const count = this.#countOf(owner) + change;
    invariant(count >= 0 && count <= this.#byId.size, "every session of an owner is counted once");
    if (count === 0) this.#counts.delete(owner);
    else this.#counts.set(owner, count);
  }

  /** Returns the session, which is now the most recently used and safe to change. */
  #use(id: number): Session {
    const known = this.#byId.get(id);
    invariant(known !== undefined, "a session is used while it exists");
    invariant(known.lastUsedMs <= this.#clockMs, "a session was used at a time that has been");
    invariant(known.generation <= this.#generation, "a session is of this generation or of an earlier one");
    const captured = known.generation !== this.#generation;
    const session = captured
      ? { ...known, results: new Map(known.results), generation: this.#generation }
      : known;
    session.lastUsedMs = this.#clockMs;
    // Each change of the order costs memory, and a busy replica's session is usually the last already.
    if (session !== this.#newest) {
      this.#byId.delete(id);
      this.#byId.set(id, session);
      this.#newest = session;
    }
    return session;
  }

  #forgetBelow(session: Session, lowestPending: number): void {
    for (let sequence = session.lowestPending; sequence < lowestPending; sequence++) {
      // However far the client jumps, this removes at most one window of sequences.
      if (session.results.size === 0) {
        break;
      }
      session.results.delete(sequence);
    }
    session.lowestPending = Math.max(session.lowestPending, lowestPending);
  }
}

import type { KvResult, WriteTicket } from "./messages.ts";

/** One client's writes, as far as it may still ask for their results. */
export interface Session {
  /** The index of the entry that opened it: unique for ever. */
  readonly id: number;
  /** Cluster time of its last command. */
  lastUsedMs: number;
  /** The client waits for no write below. Never falls. */
  lowestPending: number;
  /**
   * Result by sequence, in the order of the writes. All sequences are within
   * [lowestPending, lowestPending + maxPendingPerSession).
   */
  readonly results: Map<number, number>;
  /** The generation of the table that may change this object; those before belong to captures. */
  readonly generation: number;
}

/**
 * A command moves the clock on by this much at most, in ms. No leader stamps more: it stays as close to the clock that
 * it reads. So a stamp that is years ahead, which no correct leader makes, costs ten minutes.
 */
export const MAX_CLOCK_STEP_MS: number = 10 * 60_000;

/** The state of the table, in the order of last use. */
export interface SessionTable {
  /** Cluster time: the highest stamp of a leader so far, but for one too far ahead. */
  readonly clockMs: number;
  readonly sessions: readonly Readonly<Session>[];
}

export interface SessionLimits {
  readonly maxSessions: number;
  readonly maxPendingPerSession: number;
  readonly sessionInUseMs: number;
  readonly sessionTtlMs: number;
}

type Refusal = Extract<KvResult, { type: "sessionExpired" | "overloaded" }>;

/** Makes each write of a client take effect once, in bounded memory. Knows no clock but the stamps of the log. */
export class Sessions {
  readonly #limits: SessionLimits;
  /** The least recently used first; as time never falls, that is the order of expiry too. */
  readonly #byId: Map<number, Session>;
  #clockMs: number;
  /** No session ends before this: a lower bound, as the oldest may have been used since. */
  #nextExpiryMs = 0;
  #generation = 0;

  constructor(limits: SessionLimits, table: SessionTable = { clockMs: 0, sessions: [] }) {
    this.#limits = limits;
    this.#clockMs = table.clockMs;
    this.#byId = new Map(table.sessions.map((session) => [session.id, session]));
  }

  /** Cluster time as of the last command, in ms. */
  get clockMs(): number {
    return this.#clockMs;
  }

  /** The number of sessions. */
  get size(): number {
    return this.#byId.size;
  }

  /** Takes the stamp of a command: time moves on, never back, and sessions idle for longer than allowed end. */
  advance(timeMs: number): void {
    this.#clockMs = Math.max(this.#clockMs, Math.min(timeMs, this.#clockMs + MAX_CLOCK_STEP_MS));
    // The oldest isn't looked up each time: on the way to its first entry a Map passes all that were deleted.
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
      this.#byId.delete(session.id);
    }
  }

  /**
   * Opens a session. If there are too many already, the least recently used ends; but none that is in use.
   *
   * @returns whether it was opened
   */
  open(id: number): boolean {
    for (const oldest of this.#byId.values()) {
      if (this.#byId.size < this.#limits.maxSessions) {
        break;
      }
      if (oldest.lastUsedMs + this.#limits.sessionInUseMs > this.#clockMs) {
        return false;
      }
      this.#byId.delete(oldest.id);
    }
    this.#byId.set(id, {
      id,
      lastUsedMs: this.#clockMs,
      lowestPending: 0,
      results: new Map(),
      generation: this.#generation,
    });
    return true;
  }

  /**
   * Runs a write, unless it was run before.
   *
   * @param write makes the change and returns its result, a number that the session remembers
   * @returns the result of the first run; or why nothing was run. A sequence below `lowestPending` whose result
   *   is forgotten is a late duplicate that nobody waits for. It may have been run, so it never is again.
   */
  once(ticket: WriteTicket, write: () => number): number | Refusal {
    const session = this.#use(ticket.session);
    if (session === undefined) {
      return { type: "sessionExpired" };
    }
    this.#forgetBelow(session, ticket.lowestPending);
    const remembered = session.results.get(ticket.sequence);
    if (remembered !== undefined) {
      return remembered;
    }
    if (ticket.sequence < session.lowestPending) {
      return { type: "sessionExpired" };
    }
    // A window of sequences, not a count of results: the lowest pending write itself is never shut out.
    if (ticket.sequence >= session.lowestPending + this.#limits.maxPendingPerSession) {
      return { type: "overloaded" };
    }
    const result = write();
    session.results.set(ticket.sequence, result);
    return result;
  }

  /** The table as it is now. Sessions used later are copied first, so this costs a reference for each session. */
  capture(): SessionTable {
    this.#generation++;
    return { clockMs: this.#clockMs, sessions: [...this.#byId.values()] };
  }

  /** The session, now the most recently used, and safe to change. */
  #use(id: number): Session | undefined {
    const known = this.#byId.get(id);
    if (known === undefined) {
      return undefined;
    }
    const captured = known.generation !== this.#generation;
    const session = captured
      ? { ...known, results: new Map(known.results), generation: this.#generation }
      : known;
    session.lastUsedMs = this.#clockMs;
    this.#byId.delete(id);
    this.#byId.set(id, session);
    return session;
  }

  #forgetBelow(session: Session, lowestPending: number): void {
    for (let sequence = session.lowestPending; sequence < lowestPending; sequence++) {
      // However far the client jumps, no more than a window of sequences is walked before all are gone.
      if (session.results.size === 0) {
        break;
      }
      session.results.delete(sequence);
    }
    session.lowestPending = Math.max(session.lowestPending, lowestPending);
  }
}

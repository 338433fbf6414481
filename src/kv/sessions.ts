import { invariant } from "./invariant.ts";
import type { KvResult, WriteTicket } from "./messages.ts";

/** The results of one client's writes that the client may still ask for. */
export interface Session {
  /** The index of the entry that opened the session. Never reused. */
  readonly id: number;
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
  readonly maxPendingPerSession: number;
  readonly sessionInUseMs: number;
  readonly sessionTtlMs: number;
}

type Refusal = Extract<KvResult, { type: "sessionExpired" | "overloaded" }>;

/** Applies each write of a client once, with bounded memory. Its only clock is the stamps of the log. */
export class Sessions {
  readonly #limits: SessionLimits;
  /** Least recently used first. Because time never decreases, this is also the order of expiry. */
  readonly #byId: Map<number, Session>;
  #clockMs: number;
  /** No session expires before this time, in ms. A lower bound, because the oldest session may have been used since. */
  #nextExpiryMs = 0;
  #generation = 0;

  constructor(limits: SessionLimits, table: SessionTable = { clockMs: 0, sessions: [] }) {
    this.#limits = limits;
    this.#clockMs = table.clockMs;
    this.#byId = new Map(table.sessions.map((session) => [session.id, session]));
    invariant(this.#byId.size === table.sessions.length, "a table has each session once");
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
      this.#byId.delete(session.id);
    }
  }

  /**
   * Opens a session. If the limit is reached, the least recently used session ends, unless it is in use.
   *
   * @returns whether the session was opened
   */
  open(id: number): boolean {
    invariant(!this.#byId.has(id), "an entry of the log opens one session");
    for (const oldest of this.#byId.values()) {
      if (this.#byId.size < this.#limits.maxSessions) {
        break;
      }
      if (oldest.lastUsedMs + this.#limits.sessionInUseMs > this.#clockMs) {
        return false;
      }
      this.#byId.delete(oldest.id);
    }
    invariant(this.#byId.size < this.#limits.maxSessions, "there are at most `maxSessions` sessions");
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
   * Runs a write unless it ran before.
   *
   * @param write makes the change and returns its result, a number that the session remembers
   * @returns the result of the first run, or why nothing ran. A sequence below `lowestPending` without a result is a
   * late duplicate without a waiting client. It may have run already, so it never runs again
   */
  once(ticket: WriteTicket, write: () => number): number | Refusal {
    const session = this.#use(ticket.session);
    if (session === undefined) {
      return { type: "sessionExpired" };
    }
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
    const result = write();
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

  /** Returns the session, which is now the most recently used and safe to change. */
  #use(id: number): Session | undefined {
    const known = this.#byId.get(id);
    if (known === undefined) {
      return undefined;
    }
    invariant(known.lastUsedMs <= this.#clockMs, "a session was used at a time that has been");
    invariant(known.generation <= this.#generation, "a session is of this generation or of an earlier one");
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
      // However far the client jumps, this removes at most one window of sequences.
      if (session.results.size === 0) {
        break;
      }
      session.results.delete(sequence);
    }
    session.lowestPending = Math.max(session.lowestPending, lowestPending);
  }
}

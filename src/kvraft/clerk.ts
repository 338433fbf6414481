import type { KvReply, KvRequest, WriteTicket } from "../kv/index.ts";
import { type Clock, type Random, TransportError } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";
import { type Deadline, Deadlines, systemClock } from "../replica/index.ts";
import { LeaderFinder } from "./leader-finder.ts";
import type { Leadership } from "./leadership.ts";
import { LeadershipWatch } from "./leadership-watch.ts";
import { Session } from "./session.ts";

/** Well within what the store remembers of a session (`maxPendingPerSession`). */
const SESSION_WINDOW = 2048;

/** How far the patience of a request grows with a replica that does not answer: a lost message must not cost it all. */
const MAX_PATIENCE = 8;

/** Asks one replica. It rejects with a TransportError, or answers; the signal ends the wait. */
export type KvCall = (to: ReplicaId, request: KvRequest, signal: AbortSignal) => Promise<KvReply>;

export interface ClerkOptions {
  readonly call: KvCall;
  /** The replicas to ask. */
  readonly replicas: readonly ReplicaId[];
  /**
   * Tells who leads, if that is known better than from the answers; see `KvServer.clerk`. Attempts end when it changes.
   * Default: nothing is known, and every attempt ends by the clock.
   */
  readonly leadership?: Leadership;
  /**
   * Timeout of the first attempt at a replica, in ms. It doubles with each attempt that gets no answer there, to eight
   * times as long at most. The leader that `leadership` names has twice the time: it is heard, so it is slow rather than
   * dead, and only a lost message makes another attempt useful. Default: 1,000.
   */
  readonly attemptTimeoutMs?: number;
  /** How long a call may take where it names no time of its own, in ms. Default 5,000. */
  readonly timeoutMs?: number;
  /**
   * A session that was not used for longer is not relied on any more, in ms. Must be well below the store's
   * `sessionTtlMs`: a write in a session that the store has ended fails, with an unknown outcome. Default 15 minutes.
   */
  readonly sessionIdleMs?: number;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Default: `Math.random`. */
  readonly random?: Random;
}

export interface CallOptions {
  /** Ends the wait. */
  readonly signal?: AbortSignal;
  /** In ms, instead of the clerk's. */
  readonly timeoutMs?: number;
}

/**
 * The wait ended without an answer. `none`: nothing was written, for it was a read or never sent; `unknown`: it may
 * have been, or may be yet.
 */
export interface Unavailable {
  readonly type: "unavailable";
  readonly outcome: "none" | "unknown";
}

export type ReadResult =
  /** `value` is undefined and `revision` 0 where there is no such key. Treat the bytes as read-only. */
  | { readonly type: "value"; readonly value: Uint8Array | undefined; readonly revision: number }
  /** The transport carries no value as large: it can be read at the leader alone. */
  | { readonly type: "tooLarge"; readonly limitBytes: number }
  | Unavailable;

export type WriteResult =
  | { readonly type: "written"; readonly revision: number }
  | { readonly type: "tooLarge"; readonly limitBytes: number }
  | Unavailable;

/**
 * A client of the store: finds the leader, and asks again until it has an answer or its time is up. A write
 * takes effect once, however often it had to be sent. Any number of calls may be under way.
 */
export class Clerk {
  readonly #call: KvCall;
  readonly #finder: LeaderFinder;
  readonly #watch: LeadershipWatch;
  readonly #deadlines: Deadlines;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #attemptTimeoutMs: number;
  readonly #timeoutMs: number;
  readonly #sessionIdleMs: number;
  readonly #sessions: Session[] = [];

  constructor(options: ClerkOptions) {
    if (options.replicas.length === 0) throw new RangeError("replicas: at least one, not none");
    this.#call = options.call;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#finder = new LeaderFinder(options.replicas, () => options.leadership?.leader());
    this.#watch = new LeadershipWatch(options.leadership, () => this.#finder.changed());
    this.#deadlines = new Deadlines(this.#clock);
    this.#attemptTimeoutMs = options.attemptTimeoutMs ?? 1000;
    this.#timeoutMs = options.timeoutMs ?? 5000;
    this.#sessionIdleMs = options.sessionIdleMs ?? 15 * 60_000;
  }

  /** The value of a key, linearizable: it shows every write that was acknowledged before the call. */
  async get(key: string | Uint8Array, options: CallOptions = {}): Promise<ReadResult> {
    const reply = await this.#within(options, (wait) =>
      this.#ask({ type: "kvGet", key: bytesOf(key) }, wait),
    );
    if (reply?.type === "value" || reply?.type === "tooLarge") return reply;
    return { type: "unavailable", outcome: "none" };
  }

  put(key: string | Uint8Array, value: string | Uint8Array, options: CallOptions = {}): Promise<WriteResult> {
    const write = { type: "kvPut", key: bytesOf(key), value: bytesOf(value) } as const;
    return this.#within(options, (wait) => this.#write(write, wait));
  }

  /** Adds to the end of a key's value; creates it where it is missing. */
  append(
    key: string | Uint8Array,
    value: string | Uint8Array,
    options: CallOptions = {},
  ): Promise<WriteResult> {
    const write = { type: "kvAppend", key: bytesOf(key), value: bytesOf(value) } as const;
    return this.#within(options, (wait) => this.#write(write, wait));
  }

  /** Commits an empty command: when it answers, whatever was acknowledged before it has been applied. */
  async commitSentinel(options: CallOptions = {}): Promise<WriteResult> {
    const reply = await this.#within(options, (wait) => this.#ask({ type: "kvCommitSentinel" }, wait));
    return reply?.type === "written" ? reply : { type: "unavailable", outcome: "unknown" };
  }

  async #write(
    write: Omit<Extract<KvRequest, { type: "kvPut" | "kvAppend" }>, keyof WriteTicket>,
    wait: Deadline,
  ): Promise<WriteResult> {
    const { signal } = wait;
    while (!signal.aborted) {
      using ticket = await this.#freeSession().ticket(() => this.#openSession(wait), signal);
      if (ticket === undefined) {
        if (!signal.aborted) await this.#pause(signal);
        continue;
      }
      const attempts = new Attempts();
      const reply = await this.#ask(() => ({ ...write, ...ticket.current() }), wait, attempts);
      if (reply?.type === "written") return reply;
      // What one replica finds too large another may have taken, where transports differ.
      if (reply?.type === "tooLarge" && !attempts.uncertain) return reply;
      if (reply?.type === "sessionExpired") ticket.expired();
      // It is not made again in a new session: the request may have been repeated on its way, and one of the two made
      // while the session was still known.
      const sent = reply !== undefined || attempts.uncertain;
      return { type: "unavailable", outcome: sent ? "unknown" : "none" };
    }
    return { type: "unavailable", outcome: "none" };
  }

  #freeSession(): Session {
    const free = this.#sessions.find(({ hasRoom }) => hasRoom);
    if (free !== undefined) return free;
    const session = new Session({ window: SESSION_WINDOW, idleMs: this.#sessionIdleMs, clock: this.#clock });
    this.#sessions.push(session);
    return session;
  }

  async #openSession(wait: Deadline): Promise<number | undefined> {
    const reply = await this.#ask({ type: "kvOpenSession" }, wait);
    return reply?.type === "session" ? reply.session : undefined;
  }

  /** Asks until a replica knows the answer; returns undefined if the wait ended first. */
  async #ask(
    request: KvRequest | (() => KvRequest),
    wait: Deadline,
    attempts: Attempts = new Attempts(),
  ): Promise<KvReply | undefined> {
    const { signal } = wait;
    while (!signal.aborted) {
      const to = this.#finder.next();
      const { changes } = this.#watch;
      const reply = await this.#attempt(
        to,
        typeof request === "function" ? request() : request,
        wait,
        attempts,
      );
      const hasChanged = this.#watch.changes !== changes;
      switch (reply?.type) {
        case undefined:
          if (!signal.aborted && !hasChanged) this.#finder.failed(to);
          break;
        case "unknown":
          // That the caller waits no longer says nothing about the replica, nor does a slow answer of one that leads.
          if (!signal.aborted && !hasChanged && this.#watch.leader() !== to) this.#finder.failed(to);
          break;
        case "notLeader":
          if (!this.#finder.redirected(to, reply.leader)) break;
          attempts.uncertain = true;
          continue;
        case "overloaded":
          break;
        default:
          this.#finder.answered(to);
          return reply;
      }
      attempts.uncertain = true;
      if (!signal.aborted && !hasChanged) await this.#pause(signal);
    }
    return undefined;
  }

  /** One attempt at one replica: its answer, `unknown` if it did not answer in time, undefined if the transport failed. */
  async #attempt(
    to: ReplicaId,
    request: KvRequest,
    wait: Deadline,
    attempts: Attempts,
  ): Promise<KvReply | undefined> {
    const isLeader = this.#watch.leader() === to;
    const patienceMs = attempts.patienceWith(to) * this.#attemptTimeoutMs * (isLeader ? 2 : 1);
    using deadline = this.#deadlines.within(wait, patienceMs);
    using attempt = this.#watch.within(deadline.signal);
    try {
      return await this.#call(to, request, attempt.signal);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      if (error.reason !== "timeout") return undefined;
      if (deadline.signal.aborted) attempts.silent(to);
      return { type: "unknown" };
    }
  }

  /** Between two attempts: an election takes a moment, and many clerks should not ask in step. */
  async #pause(whole: AbortSignal): Promise<void> {
    using pause = this.#watch.within(whole);
    const { signal } = pause;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.setTimer(10 + this.#random() * 20, () => done());
      const done = () => {
        cancel();
        signal.removeEventListener("abort", done);
        resolve();
      };
      signal.addEventListener("abort", done, { once: true });
    });
  }

  /** Runs a call within its time: the caller's signal or the deadline, whichever comes first. */
  async #within<T>(options: CallOptions, run: (wait: Deadline) => Promise<T>): Promise<T> {
    using wait = this.#deadlines.after(options.timeoutMs ?? this.#timeoutMs, options.signal);
    return await run(wait);
  }
}

/** The attempts at one request. */
class Attempts {
  /**
   * Whether a write was sent before and is not known to be done. A replica that refused it has not made it, but the
   * request may come again: a transport may repeat one at any time, and by then that replica may lead.
   */
  uncertain = false;
  readonly #patience = new Map<ReplicaId, number>();

  /** How many times the usual patience a replica deserves: what is slow needs more of it, what is lost less. */
  patienceWith(replica: ReplicaId): number {
    return this.#patience.get(replica) ?? 1;
  }

  /** An attempt at a replica got no answer in time. */
  silent(replica: ReplicaId): void {
    this.#patience.set(replica, Math.min(2 * this.patienceWith(replica), MAX_PATIENCE));
  }
}

function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? new TextEncoder().encode(text) : text;
}

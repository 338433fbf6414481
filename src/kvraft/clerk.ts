import type { KvRequest, WriteTicket } from "../kv/index.ts";
import type { Clock, Random } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";
import { type Deadline, Deadlines, systemClock } from "../replica/index.ts";
import { Attempts } from "./attempts.ts";
import { type KvCall, LeaderCalls } from "./leader-calls.ts";
import type { Leadership } from "./leadership.ts";
import type { ReadResult, Unavailable, WriteResult } from "./results.ts";
import { Session } from "./session.ts";

/** Well within what the store remembers of a session (`maxPendingPerSession`). */
const SESSION_WINDOW = 2048;

/** What a `Clerk` takes. */
export interface ClerkOptions {
  readonly call: KvCall;
  /** The replicas to ask. */
  readonly replicas: readonly ReplicaId[];
  /**
   * Tells who leads, if that is known better than from the answers; see `KvServer.clerk`. Attempts end when it changes.
   * Default: nothing is known, and every attempt ends by the clock.
   */
  readonly leadership?: Leadership;
  /** The replica in whose process the clerk lives, if it does. Nothing is lost on the way there, so no clock ends attempts. */
  readonly local?: ReplicaId;
  /**
   * Timeout of the first attempt at a replica, in ms. It grows by a second for each 32 KiB that are sent. It doubles with
   * each attempt that gets no answer there, to four times as long at most; but not at a leader that is heard, where it is
   * there for messages that were lost: a repeat of one that was not lost joins it. Default: 1,000.
   */
  readonly attemptTimeoutMs?: number;
  /** Timeout in ms of a call that sets none. Default: 5,000. */
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

/** What each call of a `Clerk` takes. */
export interface CallOptions {
  /** Ends the wait. */
  readonly signal?: AbortSignal;
  /** In ms, instead of the clerk's. */
  readonly timeoutMs?: number;
}

/**
 * A client of the store: finds the leader, and asks again until it has an answer or its time is up. A write
 * takes effect once, however often it had to be sent. Any number of calls may be under way.
 */
export class Clerk {
  readonly #calls: LeaderCalls;
  readonly #deadlines: Deadlines;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #sessionIdleMs: number;
  readonly #sessions: Session[] = [];

  constructor(options: ClerkOptions) {
    const { call, replicas, leadership, local, attemptTimeoutMs = 1000 } = options;
    const { clock = systemClock, random = Math.random } = options;
    if (replicas.length === 0) throw new RangeError("replicas: at least one, not none");
    this.#calls = new LeaderCalls({ call, replicas, leadership, local, attemptTimeoutMs, clock, random });
    this.#clock = clock;
    this.#deadlines = new Deadlines(clock);
    this.#timeoutMs = options.timeoutMs ?? 5000;
    this.#sessionIdleMs = options.sessionIdleMs ?? 15 * 60_000;
  }

  /** The value of a key, linearizable: it shows every write that was acknowledged before the call. */
  async get(key: string | Uint8Array, options: CallOptions = {}): Promise<ReadResult> {
    const request = { type: "kvGet", key: bytesOf(key) } as const;
    const attempts = new Attempts();
    const reply = await this.#within(options, (wait) => this.#calls.ask(() => request, wait, attempts));
    if (reply?.type === "value") return reply;
    if (reply?.type === "notCarried") return { ...reply, type: "tooLarge" };
    return this.#unavailable("none", attempts);
  }

  put(key: string | Uint8Array, value: string | Uint8Array, options: CallOptions = {}): Promise<WriteResult> {
    const write = { type: "kvPut", key: bytesOf(key), value: bytesOf(value) } as const;
    return this.#within(options, (wait) => this.#write(write, wait));
  }

  /** Adds to the end of a key's value; creates it if it is missing. */
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
    const request = { type: "kvCommitSentinel" } as const;
    const attempts = new Attempts();
    const reply = await this.#within(options, (wait) => this.#calls.ask(() => request, wait, attempts));
    return reply?.type === "written" ? reply : this.#unavailable("unknown", attempts);
  }

  async #write(write: Write, wait: Deadline): Promise<WriteResult> {
    using ticket = await this.#freeSession().ticket(
      (opening, attempts) => this.#openSession(opening, attempts),
      wait.signal,
    );
    if (ticket.type === "none") return this.#unavailable("none", ticket.attempts);
    const attempts = new Attempts();
    const { type, key, value } = write;
    const request = (): KvRequest => {
      const { session, sequence, lowestPending } = ticket.current();
      return { type, key, value, session, sequence, lowestPending };
    };
    const reply = await this.#calls.ask(request, wait, attempts);
    switch (reply?.type) {
      case "written":
      case "tooLarge":
        return reply;
      case "notCarried":
        if (!attempts.uncertain) return { ...reply, type: "tooLarge" };
        // What one replica can't send on another may have taken.
        attempts.reason = "notCarried";
        break;
      case "sessionExpired":
        // It is not made again in a new session: the request may have been repeated on its way, and one of the two made
        // while the session was still known.
        ticket.expired();
        return { type: "unavailable", outcome: "unknown", reason: "sessionExpired" };
    }
    return this.#unavailable(reply !== undefined || attempts.uncertain ? "unknown" : "none", attempts);
  }

  #unavailable(outcome: Unavailable["outcome"], attempts: Attempts): Unavailable {
    return { type: "unavailable", outcome, reason: this.#calls.reasonOf(attempts) };
  }

  #freeSession(): Session {
    const free = this.#sessions.find(({ hasRoom }) => hasRoom);
    if (free !== undefined) return free;
    const session = new Session({ window: SESSION_WINDOW, idleMs: this.#sessionIdleMs, clock: this.#clock });
    this.#sessions.push(session);
    return session;
  }

  async #openSession(signal: AbortSignal, attempts: Attempts): Promise<number | undefined> {
    const wait = { signal, endsAtMs: undefined, [Symbol.dispose]: () => {} };
    const reply = await this.#calls.ask(() => ({ type: "kvOpenSession" }), wait, attempts);
    if (reply?.type === "tooManySessions") attempts.reason = "tooManySessions";
    return reply?.type === "session" ? reply.session : undefined;
  }

  /** Runs a call within its time: the caller's signal or the deadline, whichever comes first. */
  async #within<T>(options: CallOptions, run: (wait: Deadline) => Promise<T>): Promise<T> {
    using wait = this.#deadlines.after(options.timeoutMs ?? this.#timeoutMs, options.signal);
    return await run(wait);
  }
}

type Write = Omit<Extract<KvRequest, { type: "kvPut" | "kvAppend" }>, keyof WriteTicket>;

const utf8 = new TextEncoder();

function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? utf8.encode(text) : text;
}

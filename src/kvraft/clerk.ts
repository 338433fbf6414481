import { checkRegistration, type KvReply, type KvRequest } from "../kv/index.ts";
import type { Clock, Random } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";
import { type Deadline, Deadlines, systemClock } from "../replica/index.ts";
import { Attempts } from "./attempts.ts";
import { type KvCall, LeaderCalls } from "./leader-calls.ts";
import type { Leadership } from "./leadership.ts";
import type { ReadResult, RegisterResult, Unavailable, WriteResult } from "./results.ts";
import { type HeldTicket, Session } from "./session.ts";
import {
  type Begun,
  type KvWrite,
  type LocalStore,
  type OneOf,
  type Receiver,
  type ShortCalls,
  ShortRead,
  ShortWrite,
} from "./short-calls.ts";
import { SweptDeadlines } from "./swept-deadlines.ts";

/** Must be below the number of outcomes that the store remembers for a session (`maxPendingPerSession`). */
const SESSION_WINDOW = 2048;

/** Options of `Clerk`. */
export interface ClerkOptions {
  /** Sends a request to a replica, such as `Forwarder.call`. */
  readonly call: KvCall;
  /** The replicas of the cluster. */
  readonly replicas: readonly ReplicaId[];
  /**
   * Reports the leader, if it is known otherwise than from replies; see `KvServer.clerk`. A change ends all attempts.
   * Default: none; an attempt ends only by its reply, a failure or its timeout.
   */
  readonly leadership?: Leadership;
  /** The replica in the same process, if there is one. Attempts at it have no timeout, because no message to it is lost. */
  readonly local?: ReplicaId;
  /**
   * Timeout of the first attempt at a replica, in ms. It grows by a second for each 32 KiB of value. It doubles after each
   * attempt at the same replica that timed out, up to four times. It does not double at a leader that is in contact: a
   * repeated request joins the first one there, unless that was lost. Default: 1,000.
   */
  readonly attemptTimeoutMs?: number;
  /** Default timeout of a call, in ms. Default: 5,000. */
  readonly timeoutMs?: number;
  /**
   * Time in ms after which an unused session is replaced by a new one. Must be well below the store's `sessionTtlMs`: a write
   * in a session that the store has ended fails with an unknown outcome. Default: 15 minutes.
   */
  readonly sessionIdleMs?: number;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Default: `Math.random`. */
  readonly random?: Random;
}

/** Options of one call of a `Clerk`. */
export interface CallOptions {
  /** Ends the wait. */
  readonly signal?: AbortSignal;
  /** Timeout in ms. Default: the clerk's. */
  readonly timeoutMs?: number;
}

/** Options of `Clerk.register`. */
export interface RegisterOptions extends CallOptions {
  /** The change is made only if this is the revision of the present value, 0 if there is none. Default: any. */
  readonly expected?: number;
  /** Recorded as an event if the change is made. At most 1 KiB; a string is encoded as UTF-8. Default: none. */
  readonly event?: string | Uint8Array;
}

/**
 * A client of the store. It finds the leader, and retries until it has a result or the timeout ends. A write takes effect
 * once, no matter how often it was sent. Any number of calls may be in flight.
 *
 * @example
 * ```ts
 * import { replicaId } from "ruaft";
 * import { memoryPersister } from "ruaft/adapters/memory";
 * import { KvServer } from "ruaft/kvraft";
 * import { LoopbackNetwork } from "ruaft/transports/loopback";
 *
 * const clusterId = "example";
 * const id = replicaId("n1");
 * const network = new LoopbackNetwork({ clusterId });
 * const persister = memoryPersister({ clusterId, replicaId: id });
 * const server = await KvServer.start({ id, voters: [id], transport: network.transport(id), persister });
 * const clerk = server.clerk();
 * await clerk.put("greeting", "Hello ");
 * await clerk.append("greeting", "World!");
 * const read = await clerk.get("greeting", { timeoutMs: 1000 });
 * console.log(read.type === "value" && new TextDecoder().decode(read.value)); // Hello World!
 * await server.kill();
 * ```
 */
export class Clerk {
  readonly #calls: LeaderCalls;
  readonly #deadlines: Deadlines;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #sessionIdleMs: number;
  readonly #sessions: Session[] = [];
  readonly #here: LocalStore | undefined;
  readonly #short: ShortCalls;

  /**
   * @param options see {@link ClerkOptions}
   * @param here the store of the replica `local`, which {@link read} and {@link submit} call without messages
   * @throws RangeError if there is no replica to ask
   */
  constructor(options: ClerkOptions, here?: LocalStore) {
    const { call, replicas, leadership, local, attemptTimeoutMs = 1000 } = options;
    const { clock = systemClock, random = Math.random } = options;
    if (replicas.length === 0) throw new RangeError("replicas: at least one, not none");
    this.#calls = new LeaderCalls({ call, replicas, leadership, local, attemptTimeoutMs, clock, random });
    this.#clock = clock;
    this.#deadlines = new Deadlines(clock);
    this.#timeoutMs = options.timeoutMs ?? 5000;
    this.#sessionIdleMs = options.sessionIdleMs ?? 15 * 60_000;
    if (here !== undefined && here.id !== local) throw new RangeError("here: must be the store of `local`");
    this.#here = here;
    this.#short = this.#shortCalls();
  }

  /** The leader, if it is known without a request. */
  get leader(): ReplicaId | undefined {
    return this.#calls.leader;
  }

  /** Whether {@link read} takes its short way now: the replica in this process leads. */
  get readsHere(): boolean {
    return this.#here?.leads() === true;
  }

  /** Whether {@link submit} takes its short way now: the replica in this process leads, and a session is open. */
  get writesHere(): boolean {
    return this.readsHere && this.#sessions.some(({ isOpen }) => isOpen);
  }

  /**
   * Like {@link get}, with a callback. If the replica in this process leads, it costs less.
   *
   * @param key at most 4 KiB
   * @param receiver gets the result, possibly before this returns
   */
  read(key: Uint8Array, receiver: Receiver<ReadResult>): void {
    const request = { type: "kvGet", key } as const;
    if (this.#here?.leads() === true) {
      this.#here.read(key, new ShortRead(this.#short, request, receiver));
    } else {
      settleWith(this.get(key), receiver);
    }
  }

  /**
   * Like {@link put} and {@link append}, with a callback. If the replica in this process leads, it costs less.
   *
   * @param write with a key of at most 4 KiB and a value of at most 1 MiB
   * @param receiver gets the result, possibly before this returns
   */
  submit(write: KvWrite, receiver: Receiver<WriteResult>): void {
    const ticket = this.#here?.leads() === true ? this.#heldTicket() : undefined;
    if (this.#here === undefined || ticket === undefined) {
      return settleWith(
        this.#within({}, (wait) => this.#write(write, wait)),
        receiver,
      );
    }
    this.#here.write(write, ticket.current(), new ShortWrite(this.#short, write, ticket, receiver));
  }

  /**
   * Reads the value of a key, linearizably: the result includes every write that was acknowledged before the call.
   *
   * @param key at most 4 KiB; a string is encoded as UTF-8
   * @param options `signal` and `timeoutMs` end the wait
   * @returns the value with its revision, or the reason for the failure
   */
  get(key: string | Uint8Array, options: CallOptions = {}): Promise<ReadResult> {
    const request = { type: "kvGet", key: bytesOf(key) } as const;
    return this.#within(options, (wait) => this.#read(request, wait));
  }

  /**
   * Sets the value of a key.
   *
   * @param key at most 4 KiB; a string is encoded as UTF-8
   * @param value at most 1 MiB; a string is encoded as UTF-8
   * @param options `signal` and `timeoutMs` end the wait
   * @returns the revision of the write, or the reason for the failure and whether the write may have taken effect
   */
  put(key: string | Uint8Array, value: string | Uint8Array, options: CallOptions = {}): Promise<WriteResult> {
    const write = { type: "kvPut", key: bytesOf(key), value: bytesOf(value) } as const;
    return this.#within(options, (wait) => this.#write(write, wait));
  }

  /**
   * Appends to the value of a key; creates the key if it is missing.
   *
   * @param key at most 4 KiB; a string is encoded as UTF-8
   * @param value the bytes to add; a string is encoded as UTF-8
   * @param options `signal` and `timeoutMs` end the wait
   * @returns the revision of the write, or the reason for the failure and whether the write may have taken effect
   */
  append(
    key: string | Uint8Array,
    value: string | Uint8Array,
    options: CallOptions = {},
  ): Promise<WriteResult> {
    const write = { type: "kvAppend", key: bytesOf(key), value: bytesOf(value) } as const;
    return this.#within(options, (wait) => this.#write(write, wait));
  }

  /**
   * Sets a named value of the registry, which is beside the keys; see `KvServer.registry`.
   *
   * @param name 1 to 128 bytes of text
   * @param value at most 4 KiB; a string is encoded as UTF-8. Undefined removes the name
   * @param options `expected` makes the change conditional, `event` records it, `signal` and `timeoutMs` end the wait
   * @returns the revision of the change, why it was not made, or the reason for the failure
   * @throws RangeError if an argument exceeds its limit
   */
  async register(
    name: string,
    value: string | Uint8Array | undefined,
    options: RegisterOptions = {},
  ): Promise<RegisterResult> {
    const registration = {
      name,
      value: value === undefined ? undefined : bytesOf(value),
      expected: options.expected,
      event: bytesOf(options.event ?? ""),
    };
    checkRegistration(registration);
    return this.#within(options, (wait) => this.#register({ type: "kvRegister", ...registration }, wait));
  }

  /**
   * A barrier: commits an empty command. When it resolves, every write that was acknowledged before the call has been applied.
   *
   * @param options `signal` and `timeoutMs` end the wait
   * @returns the revision of the sentinel
   */
  async commitSentinel(options: CallOptions = {}): Promise<WriteResult> {
    const request = { type: "kvCommitSentinel" } as const;
    const attempts = new Attempts();
    const reply = await this.#within(options, (wait) => this.#calls.ask(() => request, wait, attempts));
    return reply?.type === "written" ? reply : this.#unavailable("unknown", attempts);
  }

  async #read(request: OneOf<"kvGet">, wait: Deadline, first?: KvReply): Promise<ReadResult> {
    const attempts = new Attempts();
    const reply = await this.#calls.ask(() => request, wait, attempts, first);
    if (reply?.type === "value") return reply;
    if (reply?.type === "notCarried") return { ...reply, type: "tooLarge" };
    return this.#unavailable("none", attempts);
  }

  async #write(write: KvWrite, wait: Deadline, begun?: Begun): Promise<WriteResult> {
    const { reply, attempts, ended } = await this.#once(write, wait, begun);
    if (ended !== undefined) return ended;
    switch (reply?.type) {
      case "written":
      case "tooLarge":
        return reply;
      case "notCarried":
        if (!attempts.uncertain) return { ...reply, type: "tooLarge" };
        // The value exceeds this replica's message limit, but an earlier attempt may have reached another replica.
        attempts.reason = "notCarried";
        break;
    }
    return this.#unanswered(reply, attempts);
  }

  async #register(registration: OneOf<"kvRegister">, wait: Deadline): Promise<RegisterResult> {
    const { reply, attempts, ended } = await this.#once(registration, wait);
    if (ended !== undefined) return ended;
    switch (reply?.type) {
      case "written":
      case "conflict":
      case "registryFull":
        return reply;
      case "notCarried":
        attempts.reason = "notCarried";
        if (!attempts.uncertain) return { type: "unavailable", outcome: "none", reason: "notCarried" };
        break;
    }
    return this.#unanswered(reply, attempts);
  }

  /** Sends a write until there is a reply. `ended` is the result if the session ended, or none could be opened. */
  async #once(write: KvWrite | OneOf<"kvRegister">, wait: Deadline, begun?: Begun): Promise<Sent> {
    using ticket =
      begun?.ticket ??
      (await this.#freeSession().ticket(
        (opening, attempts) => this.#openSession(opening, attempts),
        wait.signal,
      ));
    const attempts = new Attempts();
    if (ticket.type === "none") {
      return { reply: undefined, attempts, ended: this.#unavailable("none", ticket.attempts) };
    }
    const request = (): KvRequest => {
      const { session, sequence, lowestPending } = ticket.current();
      return { ...write, session, sequence, lowestPending };
    };
    const reply = await this.#calls.ask(request, wait, attempts, begun?.reply);
    if (reply?.type !== "sessionExpired") return { reply, attempts, ended: undefined };
    // Not retried in a new session: the request may have arrived twice, and the first one may have taken effect while
    // the session still existed.
    ticket.expired();
    return { reply, attempts, ended: { type: "unavailable", outcome: "unknown", reason: "sessionExpired" } };
  }

  /** The result of a write whose reply does not say whether it took effect, or that has none. */
  #unanswered(reply: KvReply | undefined, attempts: Attempts): Unavailable {
    return this.#unavailable(reply !== undefined || attempts.uncertain ? "unknown" : "none", attempts);
  }

  #unavailable(outcome: Unavailable["outcome"], attempts: Attempts): Unavailable {
    return { type: "unavailable", outcome, reason: this.#calls.reasonOf(attempts) };
  }

  #freeSession(): Session {
    const free = this.#sessions.find(({ hasCapacity }) => hasCapacity);
    if (free !== undefined) return free;
    const session = new Session({ window: SESSION_WINDOW, idleMs: this.#sessionIdleMs, clock: this.#clock });
    this.#sessions.push(session);
    return session;
  }

  /** The ticket of a session that is open and has capacity, if there is one. */
  #heldTicket(): HeldTicket | undefined {
    for (const session of this.#sessions) {
      const ticket = session.hold();
      if (ticket !== undefined) return ticket;
    }
    return undefined;
  }

  #shortCalls(): ShortCalls {
    return {
      deadlines: new SweptDeadlines(this.#clock, this.#timeoutMs),
      answered: () => this.#calls.answeredHere(),
      whyNone: () => this.#calls.reasonOf(new Attempts()),
      readOn: (read, reply, wait) => this.#read(read, wait, reply),
      writeOn: (write, begun, wait) => this.#write(write, wait, begun),
    };
  }

  async #openSession(signal: AbortSignal, attempts: Attempts): Promise<number | undefined> {
    const wait = { signal, endsAtMs: undefined, [Symbol.dispose]: () => {} };
    const reply = await this.#calls.ask(() => ({ type: "kvOpenSession" }), wait, attempts);
    if (reply?.type === "tooManySessions") attempts.reason = "tooManySessions";
    return reply?.type === "session" ? reply.session : undefined;
  }

  /** Runs a call until the caller's signal or the timeout ends it, whichever is first. */
  async #within<T>(options: CallOptions, run: (wait: Deadline) => Promise<T>): Promise<T> {
    using wait = this.#deadlines.after(options.timeoutMs ?? this.#timeoutMs, options.signal);
    return await run(wait);
  }
}

interface Sent {
  readonly reply: KvReply | undefined;
  readonly attempts: Attempts;
  readonly ended: Unavailable | undefined;
}

function settleWith<Result>(result: Promise<Result>, receiver: Receiver<Result>): void {
  result.then(
    (ended) => receiver.settle(ended),
    (bug) => receiver.fail(bug),
  );
}

const utf8 = new TextEncoder();

function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? utf8.encode(text) : text;
}

import type { KvReply, KvRequest } from "../kv/index.ts";
import { type Clock, type Random, TransportError } from "../ports/index.ts";
import { invariant, type ReplicaId } from "../raft/index.ts";
import { type Deadline, Deadlines } from "../replica/index.ts";
import type { Attempts } from "./attempts.ts";
import { LeaderFinder } from "./leader-finder.ts";
import type { Leadership } from "./leadership.ts";
import { LeadershipWatch } from "./leadership-watch.ts";
import type { UnavailableReason } from "./results.ts";

/** The slowest connection that timeouts allow for, in bytes/ms: a request that is still being sent must not be sent again. */
const SLOWEST_BYTES_PER_MS = 32;

/** Number of times that the pause between two attempts doubles: to 1 s if the leader refuses, to 0.5 s if none is known. */
const MAX_REFUSED_DOUBLINGS = 5;
const MAX_FAILED_DOUBLINGS = 4;

/** Sends a request to one replica. Rejects with a TransportError and nothing else. The signal ends the wait. */
export type KvCall = (to: ReplicaId, request: KvRequest, signal: AbortSignal) => Promise<KvReply>;

export interface LeaderCallsOptions {
  readonly call: KvCall;
  readonly replicas: readonly ReplicaId[];
  readonly leadership: Leadership | undefined;
  readonly local: ReplicaId | undefined;
  readonly attemptTimeoutMs: number;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Sends a request to replicas until the leader replies. An attempt ends when the replica replies, the transport fails, or
 * the leadership changes. It also times out, because messages may be lost without an error.
 */
export class LeaderCalls {
  readonly #call: KvCall;
  readonly #finder: LeaderFinder;
  readonly #watch: LeadershipWatch;
  readonly #deadlines: Deadlines;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #local: ReplicaId | undefined;
  readonly #attemptTimeoutMs: number;

  constructor(options: LeaderCallsOptions) {
    this.#call = options.call;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#finder = new LeaderFinder(options.replicas, () => options.leadership?.leader());
    this.#watch = new LeadershipWatch(options.leadership, () => this.#finder.changed());
    this.#deadlines = new Deadlines(this.#clock);
    this.#local = options.local;
    this.#attemptTimeoutMs = options.attemptTimeoutMs;
  }

  /** The leader, if it is known without a request. */
  get leader(): ReplicaId | undefined {
    return this.#watch.leader();
  }

  /**
   * Tries replicas until one replies with a result.
   *
   * @param request made anew for each attempt
   * @param attempts updated with the outcome of each attempt
   * @param first the reply of the local replica to a first attempt that was made before. Default: none was made
   * @returns undefined if the wait ended first
   */
  async ask(
    request: () => KvRequest,
    wait: Deadline,
    attempts: Attempts,
    first?: KvReply,
  ): Promise<KvReply | undefined> {
    const { signal } = wait;
    let before = first;
    while (!signal.aborted) {
      const to = before === undefined ? this.#finder.next() : this.#here;
      const { changes } = this.#watch;
      const reply = await (before ?? this.#send(to, request(), wait, attempts));
      before = undefined;
      const hasChanged = this.#watch.changes !== changes;
      switch (reply?.type) {
        case undefined:
          if (!signal.aborted && !hasChanged) this.#finder.failed(to);
          break;
        case "unknown":
          // The end of the whole wait says nothing about the replica. Neither does a slow reply of the current leader.
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
      attempts.failed(reply);
      if (hasChanged) attempts.failures = 0;
      else if (!signal.aborted) await this.#pause(signal, attempts);
    }
    return undefined;
  }

  /** The local replica has replied with a result to an attempt that was not made by {@link ask}. */
  answeredHere(): void {
    this.#finder.answered(this.#here);
  }

  /** Why a request has no reply. That no leader is known says more than the outcome of the attempts. */
  reasonOf({ reason }: Attempts): UnavailableReason {
    return this.#watch.isObserved && this.#watch.leader() === undefined ? "noLeader" : reason;
  }

  get #here(): ReplicaId {
    invariant(
      this.#local !== undefined,
      "only a clerk in the process of a replica calls it without messages",
    );
    return this.#local;
  }

  #send(to: ReplicaId, request: KvRequest, wait: Deadline, attempts: Attempts): Promise<KvReply | undefined> {
    // No timeout for the local replica: no message to it is lost, and it ends its waits when it stops leading.
    if (to === this.#local) return this.#call(to, request, wait.signal);
    return this.#attempt(to, request, wait, attempts);
  }

  /** One attempt at a remote replica. Resolves to `unknown` after a timeout, to undefined if the transport failed. */
  async #attempt(
    to: ReplicaId,
    request: KvRequest,
    wait: Deadline,
    attempts: Attempts,
  ): Promise<KvReply | undefined> {
    using deadline = this.#deadlineOf(to, request, wait, attempts);
    using attempt = this.#watch.within(deadline.signal);
    try {
      return await this.#call(to, request, attempt.signal);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      if (error.reason !== "timeout") return undefined;
      if (deadline.signal.aborted && !wait.signal.aborted) attempts.timedOut(to);
      return { type: "unknown" };
    }
  }

  #deadlineOf(to: ReplicaId, request: KvRequest, wait: Deadline, attempts: Attempts): Deadline {
    const sendingMs = "value" in request ? (request.value?.length ?? 0) / SLOWEST_BYTES_PER_MS : 0;
    // Rounded, so that similar timeouts share a timer.
    const roundedMs = sendingMs < this.#attemptTimeoutMs ? 0 : 1000 * Math.ceil(sendingMs / 1000);
    const patience = this.#watch.leader() === to ? 1 : attempts.patienceWith(to);
    return this.#deadlines.within(wait, patience * this.#attemptTimeoutMs + roundedMs);
  }

  /** Pauses between two attempts. The time is random, so that many clerks don't retry at the same moment. */
  async #pause(whole: AbortSignal, attempts: Attempts): Promise<void> {
    using pause = this.#watch.within(whole);
    const { signal } = pause;
    const pauseMs = (10 + this.#random() * 20) * 2 ** this.#doublings(attempts);
    const { changes } = this.#watch;
    await new Promise<void>((resolve) => {
      const done = () => {
        cancel();
        signal.removeEventListener("abort", done);
        resolve();
      };
      const cancel = this.#clock.setTimer(pauseMs, done);
      signal.addEventListener("abort", done, { once: true });
    });
    if (this.#watch.changes !== changes) attempts.failures = 0;
  }

  #doublings({ refusals, failures }: Attempts): number {
    invariant(refusals > 0 || failures > 0, "a pause follows an attempt that failed");
    if (refusals > 0) return Math.min(refusals - 1, MAX_REFUSED_DOUBLINGS);
    // The watch reports the next leader, so frequent attempts would find nothing sooner.
    return this.#watch.isObserved ? Math.min(failures - 1, MAX_FAILED_DOUBLINGS) : 0;
  }
}

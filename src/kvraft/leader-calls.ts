import type { KvReply, KvRequest } from "../kv/index.ts";
import { type Clock, type Random, TransportError } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";
import { type Deadline, Deadlines } from "../replica/index.ts";
import type { Attempts } from "./attempts.ts";
import { LeaderFinder } from "./leader-finder.ts";
import type { Leadership } from "./leadership.ts";
import { LeadershipWatch } from "./leadership-watch.ts";
import type { UnavailableReason } from "./results.ts";

/** How fast a request is sent at least, in bytes/ms: one that is still on its way must not be sent again. */
const SLOWEST_BYTES_PER_MS = 32;

/** How often the pause between two attempts doubles: to 1 s while the leader refuses, to 0.5 s while none is known. */
const MAX_REFUSED_DOUBLINGS = 5;
const MAX_FAILED_DOUBLINGS = 4;

/** Asks one replica. It rejects with a TransportError, or answers; the signal ends the wait. */
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
 * Asks the cluster until its leader answers. An attempt at a replica ends when it answers, when the transport fails, or
 * when the leadership changes. It ends by the clock as well, because messages may be lost without a sign.
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

  /**
   * Asks until a replica knows the answer.
   *
   * @param request made anew for each attempt
   * @param attempts learns what became of each attempt
   * @returns undefined if the wait ended first
   */
  async ask(request: () => KvRequest, wait: Deadline, attempts: Attempts): Promise<KvReply | undefined> {
    const { signal } = wait;
    while (!signal.aborted) {
      const to = this.#finder.next();
      const { changes } = this.#watch;
      // The replica beside the clerk loses nothing on the way, and ends what waits there when it no longer leads.
      const answer =
        to === this.#local ? this.#call(to, request(), signal) : this.#attempt(to, request(), wait, attempts);
      const reply = await answer;
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
      attempts.failed(reply);
      if (hasChanged) attempts.failures = 0;
      else if (!signal.aborted) await this.#pause(signal, attempts);
    }
    return undefined;
  }

  /** Why a request has no answer: what is known of the leader says more than what the attempts heard. */
  reasonOf({ reason }: Attempts): UnavailableReason {
    return this.#watch.knows && this.#watch.leader() === undefined ? "noLeader" : reason;
  }

  /** One attempt at a replica elsewhere: its answer, `unknown` if it did not answer in time, undefined if the transport failed. */
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
      if (deadline.signal.aborted && !wait.signal.aborted) attempts.silent(to);
      return { type: "unknown" };
    }
  }

  #deadlineOf(to: ReplicaId, request: KvRequest, wait: Deadline, attempts: Attempts): Deadline {
    const sendingMs = "value" in request ? request.value.length / SLOWEST_BYTES_PER_MS : 0;
    // Times that differ by little share a timer.
    const roundedMs = sendingMs < this.#attemptTimeoutMs ? 0 : 1000 * Math.ceil(sendingMs / 1000);
    const patience = this.#watch.leader() === to ? 1 : attempts.patienceWith(to);
    return this.#deadlines.within(wait, patience * this.#attemptTimeoutMs + roundedMs);
  }

  /** Between two attempts: an election takes a moment, and many clerks should not ask in step. */
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
    if (refusals > 0) return Math.min(refusals - 1, MAX_REFUSED_DOUBLINGS);
    // A clerk that is told of the next leader need not ask for it again and again.
    return this.#watch.knows ? Math.min(failures - 1, MAX_FAILED_DOUBLINGS) : 0;
  }
}

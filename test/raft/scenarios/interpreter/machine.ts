import {
  emptyState,
  type PersistedState,
  type RaftConfig,
  type RaftTuning,
  type ReceivedChunk,
  type ReplicaId,
  type WriteBatch,
} from "../../../../src/raft/index.ts";
import { configOf } from "../../core-config.ts";
import { DurableImage, TestReplica } from "../../replica.ts";
import type { Seen } from "./change-in-words.ts";

/** One replica of the cluster: up or down, with its disk and its clock. */
export class Machine {
  readonly id: ReplicaId;
  readonly #config: RaftConfig;
  image: DurableImage;
  /** The running replica; undefined while it is down. */
  replica: TestReplica | undefined;
  nowMs = 0;
  /** The result of every draw of this replica's randomized election timeout. */
  electionTimeoutMs: number;
  /** Writes and received chunks stay in flight until a step completes them. */
  slowDisk = false;
  writing: WriteBatch | undefined;
  chunks: ReceivedChunk[] = [];
  /** Time of the last message of a leader. */
  leaderContactMs: number = Number.NEGATIVE_INFINITY;
  /** The state that the transcript has shown. */
  seen: Seen | undefined;

  constructor(id: ReplicaId, voters: readonly ReplicaId[], tuning: Partial<RaftTuning>) {
    this.id = id;
    const base = configOf(id, voters, tuning);
    const { electionTimeoutMinMs: min, electionTimeoutMaxMs: max } = base;
    // Each a little longer than the previous one, so that timers never fire at the same time.
    this.electionTimeoutMs = Math.min(min + 50 * voters.indexOf(id), max);
    const share = () => (this.electionTimeoutMs - min + 0.5) / (max - min + 1);
    this.#config = { ...base, random: () => (voters.length <= 3 ? Math.sqrt(share()) : share()) };
    this.image = new DurableImage(emptyState);
  }

  get config(): RaftConfig {
    return this.#config;
  }

  get up(): TestReplica {
    if (this.replica === undefined) throw new RangeError(`${this.id} is down`);
    return this.replica;
  }

  /** The leader that was in contact within the shortest election timeout, for which votes are refused (thesis §4.2.3). */
  get liveLeader(): ReplicaId | undefined {
    const recently = this.nowMs - this.leaderContactMs < this.#config.electionTimeoutMinMs;
    return recently ? this.replica?.core.view().leader : undefined;
  }

  start(): TestReplica {
    this.replica = new TestReplica(this.#config, this.image, this.nowMs);
    return this.replica;
  }

  crash(): void {
    this.image.crash();
    this.replica = undefined;
    this.writing = undefined;
    this.chunks = [];
    this.seen = undefined;
    this.leaderContactMs = Number.NEGATIVE_INFINITY;
  }

  store(state: PersistedState): void {
    this.image = new DurableImage(state);
  }

  /** Lets time pass, but not beyond the next timer, which only a step fires. */
  wait(ms: number): void {
    const deadlineMs = this.replica?.core.deadline() ?? Number.POSITIVE_INFINITY;
    this.nowMs = Math.max(this.nowMs, Math.min(this.nowMs + ms, deadlineMs));
  }
}

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

/** One replica on the stage: up or down, with its disk and a clock of its own. */
export class Actor {
  readonly id: ReplicaId;
  readonly #config: RaftConfig;
  image: DurableImage;
  /** Absent while it is down. */
  replica: TestReplica | undefined;
  nowMs = 0;
  /** What the randomized election timeout of this replica is each time it is drawn. */
  electionTimeoutMs: number;
  /** Writes and received chunks wait for the play, instead of being done at once. */
  slowDisk = false;
  writing: WriteBatch | undefined;
  chunks: ReceivedChunk[] = [];
  heardLeaderAtMs: number = Number.NEGATIVE_INFINITY;
  /** As the transcript last showed it. */
  seen: Seen | undefined;

  constructor(id: ReplicaId, voters: readonly ReplicaId[], tuning: Partial<RaftTuning>) {
    this.id = id;
    const base = configOf(id, voters, tuning);
    const { electionTimeoutMinMs: min, electionTimeoutMaxMs: max } = base;
    // Each a little later than the one before it, so that timers that run by themselves never fire together.
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

  /** The leader that it heard lately enough to refuse its vote to others (thesis §4.2.3). */
  get heardLeader(): ReplicaId | undefined {
    const recently = this.nowMs - this.heardLeaderAtMs < this.#config.electionTimeoutMinMs;
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
    this.heardLeaderAtMs = Number.NEGATIVE_INFINITY;
  }

  store(state: PersistedState): void {
    this.image = new DurableImage(state);
  }

  /** Time passes, but no further than to its next timer: that fires when the play says so. */
  wait(ms: number): void {
    const deadlineMs = this.replica?.core.deadline() ?? Number.POSITIVE_INFINITY;
    this.nowMs = Math.max(this.nowMs, Math.min(this.nowMs + ms, deadlineMs));
  }
}

import { MemoryStorage, memoryPersister } from "../../adapters/memory/index.ts";
import type { Persister, Transport } from "../../src/ports/index.ts";
import { type RaftTuning, type ReplicaId, replicaId } from "../../src/raft/index.ts";
import { Raft } from "../../src/replica/index.ts";
import { LoopbackNetwork } from "../../transports/loopback/index.ts";
import { seededRandom } from "../raft/random.ts";
import { Journal } from "./journal.ts";
import { type LogLine, recordingLogger } from "./recording-logger.ts";
import { VirtualClock } from "./virtual-clock.ts";

export interface Member {
  readonly id: ReplicaId;
  readonly raft: Raft<number>;
  readonly journal: Journal;
  readonly transport: Transport;
  readonly persister: Persister;
}

export interface GroupOptions {
  readonly tuning?: Partial<RaftTuning>;
  readonly compactLogBytes?: number;
  /** Each message is lost with this probability, 0 to 1. Default: 0. */
  readonly loss?: number;
  /** Of all that is random. Default: 1. */
  readonly seed?: number;
  /** Wraps the storage of a replica. */
  readonly storage?: (persister: Persister, id: ReplicaId) => Persister;
  /** Wraps the network of a replica. */
  readonly network?: (transport: Transport, group: Group) => Transport;
}

const clusterId = "test";

/** Replicas on a loopback network with memory persisters, in virtual time. */
export class Group implements AsyncDisposable {
  readonly clock: VirtualClock = new VirtualClock();
  readonly network: LoopbackNetwork;
  readonly members: Map<ReplicaId, Member> = new Map();
  /** The log records of all replicas, in order. */
  readonly lines: LogLine[] = [];
  readonly #storages: Map<ReplicaId, MemoryStorage>;
  readonly #random: () => number;
  readonly #options: GroupOptions;

  private constructor(size: number, options: GroupOptions) {
    const ids = Array.from({ length: size }, (_, n) => replicaId(`n${n + 1}`));
    this.#storages = new Map(ids.map((id) => [id, new MemoryStorage()]));
    this.#options = options;
    const { loss = 0, seed = 1 } = options;
    this.#random = seededRandom(seed);
    const faults = {
      clock: this.clock,
      random: this.#random,
      delayMs: [1, 2] as const,
      ...(loss > 0 && { dropRequest: loss, dropReply: loss }),
    };
    this.network = new LoopbackNetwork({ clusterId, faults });
  }

  static async start(size: number, options: GroupOptions = {}): Promise<Group> {
    const group = new Group(size, options);
    for (const id of group.ids) await group.startMember(id);
    return group;
  }

  get ids(): ReplicaId[] {
    return [...this.#storages.keys()];
  }

  get leader(): Member | undefined {
    const leaders = [...this.members.values()].filter(({ raft }) => raft.getState().isLeader);
    return leaders.sort((a, b) => b.raft.getState().term - a.raft.getState().term)[0];
  }

  get followers(): Member[] {
    return [...this.members.values()].filter(({ raft }) => !raft.getState().isLeader);
  }

  storage(id: ReplicaId): MemoryStorage {
    const storage = this.#storages.get(id);
    if (storage === undefined) throw new Error(`no storage of ${id}`);
    return storage;
  }

  /** Removes the storage of a stopped replica. */
  emptyStorage(id: ReplicaId): void {
    this.#storages.set(id, new MemoryStorage());
  }

  /**
   * @param storage default: the replica's own
   * @param voters default: all of the group
   */
  async startMember(
    id: ReplicaId,
    storage: MemoryStorage = this.storage(id),
    voters: readonly ReplicaId[] = this.ids,
  ): Promise<Member> {
    const { compactLogBytes } = this.#options;
    const plain = this.network.transport(id);
    const transport = this.#options.network?.(plain, this) ?? plain;
    const memory = memoryPersister({
      clusterId,
      replicaId: id,
      storage,
      ...(compactLogBytes !== undefined && { compactLogBytes }),
    });
    const persister = this.#options.storage?.(memory, id) ?? memory;
    const journal = new Journal();
    const started = Raft.start({
      id,
      voters,
      transport,
      persister,
      stateMachine: journal,
      tuning: this.#options.tuning ?? {},
      clock: this.clock,
      random: this.#random,
      logger: recordingLogger(this.lines),
    });
    const member = { id, raft: await this.clock.settled(started), journal, transport, persister };
    this.members.set(id, member);
    return member;
  }

  /** Stops a replica gracefully. Its storage stays. */
  async kill(id: ReplicaId): Promise<void> {
    const member = this.members.get(id);
    this.members.delete(id);
    if (member !== undefined) await this.clock.settled(member.raft.kill());
  }

  async electLeader(): Promise<Member> {
    const isReady = () => {
      const status = this.leader?.raft.status();
      return status?.leadershipIndex !== undefined && status.lastApplied >= status.leadershipIndex;
    };
    await this.clock.until(isReady);
    if (this.leader === undefined) throw new Error("no leader");
    return this.leader;
  }

  async propose(member: Member, command: string): ReturnType<Raft<number>["propose"]> {
    return this.clock.settled(member.raft.propose(new TextEncoder().encode(command)));
  }

  /** Kills the processes that still run. Their reports concern only the test that provoked them. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of [...this.members.keys()]) await this.kill(id).catch(() => {});
    this.network[Symbol.dispose]();
  }
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

import { MemoryStorage, memoryPersister } from "../../adapters/memory/index.ts";
import type { KvReply, KvRequest, KvStoreLimits } from "../../src/kv/index.ts";
import { kvService } from "../../src/kvraft/forwarding/kv-service.ts";
import { Clerk, type ClerkOptions, KvServer } from "../../src/kvraft/index.ts";
import { type Persister, silentLogger } from "../../src/ports/index.ts";
import { type RaftTuning, type ReplicaId, replicaId } from "../../src/raft/index.ts";
import { LoopbackNetwork } from "../../transports/loopback/index.ts";
import { seededRandom } from "../raft/random.ts";
import { VirtualClock } from "../replica/virtual-clock.ts";

export interface StoreClusterOptions {
  /** Number of replicas. Default: 3. */
  readonly replicas?: number;
  readonly tuning?: Partial<RaftTuning>;
  readonly limits?: Partial<KvStoreLimits>;
  /** A difference on one replica, as a bug would cause it. */
  readonly wrongLimits?: { readonly of: ReplicaId; readonly limits: Partial<KvStoreLimits> };
  readonly auditIntervalMs?: number;
  readonly seed?: number;
  /** Of the clerks' calls and of their replies, each, in [0, 1]. */
  readonly dropRate?: number;
}

const clusterId = "test";
const client = replicaId("client");

/** Three replicas of the store and clerks on one loopback network, in virtual time. */
export class StoreCluster implements AsyncDisposable {
  readonly clock: VirtualClock = new VirtualClock();
  readonly network: LoopbackNetwork;
  readonly ids: readonly ReplicaId[];
  /** Duration of a persister's writes from now on, in ms. */
  syncMs = 0;
  readonly servers: Map<ReplicaId, KvServer> = new Map();
  /** Every request of a clerk, with its reply if there was one. */
  readonly calls: { readonly request: KvRequest; reply: KvReply | undefined }[] = [];
  /** The replicas' log records of the levels info and error. */
  readonly logged: { readonly id: ReplicaId; readonly level: "info" | "error"; readonly text: string }[] = [];
  readonly #storages = new Map<ReplicaId, MemoryStorage>();
  readonly #random: () => number;
  readonly #options: StoreClusterOptions;
  readonly #clientTransport: ReturnType<LoopbackNetwork["transport"]>;

  private constructor(options: StoreClusterOptions) {
    this.#options = options;
    this.ids = Array.from({ length: options.replicas ?? 3 }, (_, n) => replicaId(`n${n + 1}`));
    for (const id of this.ids) this.#storages.set(id, new MemoryStorage());
    this.#random = seededRandom(options.seed ?? 1);
    const { dropRate = 0 } = options;
    this.network = new LoopbackNetwork({
      clusterId,
      faults: {
        clock: this.clock,
        random: this.#random,
        delayMs: [1, 2],
        dropRequest: dropRate,
        dropReply: dropRate,
      },
    });
    this.#clientTransport = this.network.transport(client);
  }

  static async start(options: StoreClusterOptions = {}): Promise<StoreCluster> {
    const cluster = new StoreCluster(options);
    for (const id of cluster.ids) await cluster.startServer(id);
    return cluster;
  }

  get leader(): KvServer | undefined {
    return [...this.servers.values()].find(({ raft }) => raft.getState().isLeader);
  }

  async startServer(id: ReplicaId): Promise<KvServer> {
    const storage = this.#storages.get(id) ?? new MemoryStorage();
    const { limits = {}, wrongLimits, auditIntervalMs } = this.#options;
    const started = KvServer.start({
      id,
      voters: this.ids,
      clients: [client],
      transport: this.network.transport(id),
      persister: this.#slowed(memoryPersister({ clusterId, replicaId: id, storage })),
      clock: this.clock,
      random: this.#random,
      tuning: this.#options.tuning ?? {},
      limits: { ...limits, ...(wrongLimits?.of === id && wrongLimits.limits) },
      logger: {
        ...silentLogger,
        info: (message, properties) =>
          this.logged.push({ id, level: "info", text: filledIn(message, properties) }),
        error: (message, properties) =>
          this.logged.push({ id, level: "error", text: filledIn(message, properties) }),
      },
      ...(auditIntervalMs !== undefined && { auditIntervalMs }),
    });
    const server = await this.clock.settled(started);
    this.servers.set(id, server);
    return server;
  }

  async kill(id: ReplicaId): Promise<void> {
    const server = this.servers.get(id);
    this.servers.delete(id);
    if (server !== undefined) await this.clock.settled(server.kill());
  }

  async electLeader(): Promise<KvServer> {
    await this.clock.until(() => this.leader !== undefined);
    if (this.leader === undefined) throw new Error("no leader");
    return this.leader;
  }

  clerk(options: Partial<ClerkOptions> = {}): Clerk {
    return new Clerk({
      call: (to, request, signal) => this.#call(to, request, signal),
      replicas: this.ids,
      clock: this.clock,
      random: this.#random,
      ...options,
    });
  }

  /** Lets time pass until the promise has resolved. */
  within<T>(answer: Promise<T>, ms = 60_000): Promise<T> {
    return this.clock.settled(answer, ms);
  }

  /** The value of a key as text, read through a clerk. */
  async text(clerk: Clerk, key: string): Promise<string | undefined> {
    const result = await this.within(clerk.get(key));
    if (result.type !== "value") throw new Error(`not read: ${JSON.stringify(result)}`);
    return result.value && new TextDecoder().decode(result.value);
  }

  #slowed(persister: Persister): Persister {
    const write = persister.write.bind(persister);
    persister.write = async (batch) => {
      const { syncMs } = this;
      if (syncMs > 0) await new Promise<void>((resolve) => this.clock.setTimer(syncMs, resolve));
      return write(batch);
    };
    return persister;
  }

  async #call(to: ReplicaId, request: KvRequest, signal: AbortSignal): Promise<KvReply> {
    const call: StoreCluster["calls"][number] = { request, reply: undefined };
    this.calls.push(call);
    const [reply] = await kvService(this.#clientTransport).call(to, [request], signal);
    if (reply === undefined) throw new Error(`no reply to an unbatched ${request.type}`);
    call.reply = reply;
    return reply;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of this.ids) await this.kill(id);
    await this.#clientTransport[Symbol.asyncDispose]();
    this.network[Symbol.dispose]();
  }
}

function filledIn(message: string, properties: Record<string, unknown> = {}): string {
  return message.replace(/\{(\w+)\}/g, (_, name: string) => String(properties[name]));
}

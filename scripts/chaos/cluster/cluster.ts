import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { HttpConnection } from "../clients/http-connection.ts";
import { Connectivity } from "../connectivity.ts";
import type { Disk } from "../disk/disk.ts";
import { FuseDisk } from "../disk/fuse-disk.ts";
import { PlainDisk } from "../disk/plain-disk.ts";
import { idsOf, type Part, type ReplicaId, runtimeOf } from "../matrix.ts";
import { NamespaceNetwork, type Network, ProxyNetwork } from "../network/index.ts";
import { inProject, isInside, type ToolName } from "../tools.ts";
import { NatsProcess } from "./nats.ts";
import { ChaosReplica, type UnaskedExit } from "./replica.ts";
import { Watcher } from "./watcher.ts";

/** The size of a disk that is its own file system. */
const TMPFS = "size=256m";

export interface ClusterOptions {
  readonly part: Part;
  readonly links: "direct" | "proxied";
  readonly disks: "fuse" | "plain";
  readonly tools: ReadonlySet<ToolName>;
  /** An existing, empty directory. */
  readonly directory: string;
  /** The project to run. Default: this one. */
  readonly project?: string | undefined;
  readonly now: () => number;
  readonly onExit: (exit: UnaskedExit) => void;
}

/** A cluster of real processes with its network and disks. */
export class Cluster implements AsyncDisposable {
  readonly part: Part;
  readonly replicas: readonly ChaosReplica[];
  readonly network: Network;
  readonly connectivity: Connectivity;
  readonly nats: NatsProcess | undefined;
  readonly watcher: Watcher;
  readonly #disks: readonly Disk[];

  private constructor(options: ClusterOptions, network: Network, disks: readonly Disk[]) {
    const { part, now } = options;
    this.part = part;
    this.network = network;
    this.#disks = disks;
    const ids = idsOf(part);
    this.connectivity = new Connectivity(ids, part.transport);
    this.nats = part.transport === "nats" ? new NatsProcess(network, this.connectivity, now) : undefined;
    const shared = {
      ...{ ids, network, connectivity: this.connectivity, directory: options.directory, now },
      ...{ project: options.project ?? inProject("."), flags: flagsOf(part), onExit: options.onExit },
      hasFaketime: options.tools.has("faketime"),
    };
    this.replicas = ids.map((id, at) => {
      return new ChaosReplica({ ...shared, id, runtime: runtimeOf(part, at), disk: diskAt(disks, at) });
    });
    this.watcher = new Watcher(this.replicas, now);
  }

  /** Starts all replicas and waits for a leader. */
  static async start(options: ClusterOptions): Promise<Cluster> {
    const ids = idsOf(options.part);
    const network = options.links === "direct" ? new NamespaceNetwork(ids) : await ProxyNetwork.open(ids);
    const disks: Disk[] = [];
    for (const id of ids) disks.push(await openDisk(options, join(options.directory, id)));
    const cluster = new Cluster(options, network, disks);
    await cluster.nats?.start();
    for (const replica of cluster.replicas) replica.start();
    return cluster;
  }

  replica(id: ReplicaId): ChaosReplica {
    const replica = this.replicas.find((candidate) => candidate.id === id);
    if (replica === undefined) throw new RangeError(`id: of a replica, not ${id}`);
    return replica;
  }

  /** Returns whether it has caught up and knows a leader. */
  async isReady(replica: ChaosReplica): Promise<boolean> {
    const exchange = new HttpConnection(replica.address, 1000);
    const reply = await exchange.ask({ method: "GET", path: "/readyz" });
    exchange.close();
    return reply.type === "answer" && reply.status === 200;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.watcher.stop();
    await Promise.all(this.replicas.map((replica) => replica.kill()));
    await this.nats?.kill();
    for (const disk of this.#disks) await disk[Symbol.asyncDispose]();
    await this.network[Symbol.asyncDispose]();
  }
}

/** Small logs, so that snapshots are taken and sent throughout. */
function flagsOf({ transport, persister }: Part): readonly string[] {
  const small = ["--compact-log-mib", "1", "--retained-log-mib", "1", "--segment-mib", "1"];
  return ["--transport", transport, "--persister", persister, "--cluster-id", "chaos", ...small];
}

async function openDisk({ disks }: ClusterOptions, directory: string): Promise<Disk> {
  if (disks === "fuse") return await FuseDisk.mount(directory);
  mkdirSync(directory);
  if (isInside()) execFileSync("mount", ["-t", "tmpfs", "-o", TMPFS, "chaos", directory]);
  return new PlainDisk(directory, { hasOwnFileSystem: isInside() });
}

function diskAt(disks: readonly Disk[], at: number): Disk {
  const disk = disks[at];
  if (disk === undefined) throw new RangeError(`at: below ${disks.length}, not ${at}`);
  return disk;
}

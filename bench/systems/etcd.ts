import { join } from "node:path";
import type { EtcdProgram } from "./etcd-programs.ts";
import { freePort } from "./ports.ts";
import { askJson, type ClusterOptions, ProcessCluster, type WorkDir, workDirFor } from "./process-cluster.ts";

interface EtcdStatus {
  readonly header: { readonly member_id: string };
  readonly leader?: string;
}

interface Members {
  readonly program: EtcdProgram;
  readonly own: ReadonlyMap<string, URL>;
  readonly peers: ReadonlyMap<string, URL>;
}

/** A cluster of etcd. */
export class EtcdCluster extends ProcessCluster {
  protected override readonly readyPath = "/health";
  /** Go distributes the work over all threads. */
  override readonly worksOnMainThread: boolean = false;
  readonly #program: EtcdProgram;
  /** The addresses on which members listen for each other, and those under which they find each other. */
  readonly #own: ReadonlyMap<string, URL>;
  readonly #peers: ReadonlyMap<string, URL>;
  readonly #flags: readonly string[];

  private constructor(place: WorkDir, { program, own, peers }: Members, options: ClusterOptions) {
    super(place, options);
    this.#program = program;
    this.#own = own;
    this.#peers = peers;
    this.#flags = options.flags ?? [];
  }

  static async start(program: EtcdProgram, size: number, options: ClusterOptions = {}): Promise<EtcdCluster> {
    const place = await workDirFor(size, "etcd");
    const own = new Map<string, URL>();
    for (const id of place.urls.keys()) own.set(id, new URL(`http://127.0.0.1:${await freePort()}`));
    const peers = (await options.peersVia?.(own)) ?? own;
    const cluster = new EtcdCluster(place, { program, own, peers }, options);
    await cluster.startAll();
    return cluster;
  }

  protected override command(id: string): readonly string[] {
    const clients = this.url(id).origin;
    const all = [...this.#peers].map(([name, { origin }]) => `${name}=${origin}`).join(",");
    return [
      this.#program.path,
      ...["--name", id, "--data-dir", join(this.directory, id), "--initial-cluster", all],
      ...["--listen-client-urls", clients, "--advertise-client-urls", clients],
      ...["--listen-peer-urls", this.#own.get(id)?.origin ?? ""],
      ...["--initial-advertise-peer-urls", this.#peers.get(id)?.origin ?? ""],
      ...["--logger", "zap", "--log-level", "fatal", "--quota-backend-bytes", `${8 * 2 ** 30}`],
      ...this.#flags,
    ];
  }

  protected override async leads(id: string): Promise<boolean> {
    const url = new URL("/v3/maintenance/status", this.url(id));
    const status = await askJson<EtcdStatus>(url, { method: "POST", body: "{}" });
    return status?.leader !== undefined && status.leader === status.header.member_id;
  }
}
